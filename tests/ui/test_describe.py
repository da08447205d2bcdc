"""Endpoint of the Describe tab: captions as typed or put together from words, and what is measured in the images."""

from __future__ import annotations

import gradio as gr
import numpy as np
import pytest

from genmodels.captions import LANGUAGES, PROPERTIES, measure, parse, value_name
from genmodels.ui.api.describe import MAX_CAPTION, DescribeEndpoints
from genmodels.ui.tabs.common import reader
from genmodels.ui.tabs.describe import build, page_answer
from genmodels.ui.text import CATALOGS
from ui.helpers import assert_refused, endpoints_on, images_of

REQUEST = {"model": "stackgan", "seed": "3", "text": "a thin 7", "index": 1, "rows": "thickness", "columns": "slant",
           "edits": {}, "language": "en"}


@pytest.fixture(scope="module")
def endpoints(api):
    return DescribeEndpoints(api.store)


def test_images_come_with_what_was_understood_and_measured(api):
    answer = api.describe("a thin purple 7, thick", count=3, seed=5)
    images = images_of(answer)
    assert images.shape == (3, 28, 28) and images_of(answer["stages"][0]).shape == (3, 14, 14)
    assert answer["asked"] == {"digit": "7", "thickness": "thick", "slant": None, "width": None}
    assert answer["unknown"] == ["purple"] and answer["overruled"] == ["thin"]
    for found, (thickness, slant, width) in zip(answer["measured"], measure(images), strict=True):
        assert [found[name]["number"] for name in ("thickness", "slant", "width")] == [
            round(thickness, 2), round(slant, 2), width]
        assert found["thickness"]["value"] in ("thin", "medium", "thick") and found["digit"]["value"] in "0123456789"
    assert (images_of(api.describe("siete grueso", count=2, seed=5)) != images[:2]).any()  # other words, other vectors
    assert (images_of(api.describe("thick 7", count=2, seed=5)) == images[:2]).all()
    assert not (images_of(api.describe("thick 7", count=2, seed=6)) == images[:2]).all()


def test_the_board_varies_two_words_and_keeps_the_others(endpoints, api):
    board = endpoints.board("a thin 7, left", "stackgan", 1, 5, "thickness", "slant")
    assert board.shape == (9, 28, 28) and len({image.tobytes() for image in board}) == 9
    same = images_of(api.describe("a thin 7, left", count=2, seed=5))[1]
    np.testing.assert_array_equal(board[0], same)  # thin and left are its own words


@pytest.mark.parametrize(("given", "words"), [
    ({"text": ""}, "Describe a digit first"), ({"text": "a the"}, "Describe a digit first"),
    ({"text": "7 " * MAX_CAPTION}, f"at most {MAX_CAPTION} characters"), ({"count": 17}, "from 1 to 16"),
    ({"seed": -1}, "A seed is"), ({"model": "vae"}, "reads no words"), ({"text": 12}, "Nothing of this is understood"),
])
def test_bad_input_is_one_clear_message(api, given, words):
    assert words in assert_refused(api.describe, words, **given)


def test_the_page_edits_captions_by_words(endpoints):
    read = reader(lambda **request: page_answer(endpoints, **request))
    answer = read(REQUEST | {"edits": {"slant": "right"}})["value"]
    assert answer["text"] == "a thin 7, slanted to the right" and answer["asked"]["slant"] == "right"
    assert answer["board"]["shape"] == [9, 28, 28] and answer["shape"] == [8, 28, 28]
    answer = read(REQUEST | {"edits": {"digit": "3", "thickness": "", "slant": "upright"}, "language": "es"})["value"]
    assert answer["text"] == "un tres recto"
    for bad in ({"edits": {"slant": "up"}}, {"edits": {"x": "7"}}, {"rows": "slant"}, {"index": 99}, {"text": ""},
                {"language": "fr", "edits": {"slant": "left"}}, {"extra": 1},
                {"edits": 3}, {"edits": {"slant": ["left"]}}):
        assert read(REQUEST | bad)["error"]


def test_words_on_screen_are_words_that_are_understood():
    for language in LANGUAGES:
        for index, (name, size) in enumerate(PROPERTIES.items()):
            for value in range(size) if name != "digit" else ():
                words = CATALOGS[language][f"describe.value.{value_name(index, value)}"]
                assert parse(words).values[index] == value, words


def test_without_a_model_that_reads_captions_the_tab_says_how_to_make_one(copy, tmp_path):
    store = endpoints_on(tmp_path / "empty").store
    with gr.Blocks() as demo:
        build(store)
    assert "python train.py stackgan" in str(demo.get_config_file())
