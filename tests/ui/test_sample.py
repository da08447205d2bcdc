"""Endpoints of the Sample tab: what they return, and one clear message for bad input."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
from html import escape
from pathlib import Path

import numpy as np
import pytest
from conftest import forbid_editing, mostly_slow, save_photo_checkpoint, shipped_with
from PIL import Image

from genmodels import checkpoint, images
from genmodels.data import synthetic
from genmodels.ui.api.sample import SampleEndpoints
from genmodels.ui.tabs import sample as tab
from genmodels.ui.tabs.common import model_summary, note
from genmodels.ui.text import Text, model_text
from ui.helpers import GENERATIVE, assert_refused, endpoints_on, image_shape, images_of, is_judged


@mostly_slow("model", GENERATIVE, set(GENERATIVE) - set(shipped_with("generate_steps")))  # which take long
def test_an_image_is_the_same_alone_in_any_grid_and_inspected(api, model):
    many = images_of(api.sample(model, 100, 7))
    assert many.shape == (100, *image_shape(model)) and len({image.tobytes() for image in many}) > 95
    assert (images_of(api.sample(model, 1, 7)) == many[:1]).all()
    assert (images_of(api.sample(model, 37, 7)) == many[:37]).all()
    for index in (0, 5, 99):
        inspected = api.inspect(model, 7, index)
        assert (images_of(inspected)[0] == many[index]).all()
        assert inspected["predicted"] in range(10) if is_judged(api.store, model) else inspected["predicted"] is None
        assert 0 <= inspected["confidence"] <= 1
        assert inspected["neighbor"] is None  # no data here
        assert isinstance(inspected["score"], float) == api.store.can(model, "score")
    assert not (images_of(api.sample(model, 100, 8)) == many).all()


def test_answers_are_plain_json_and_describe_each_image(api):
    answer = api.sample("cgan", 12, 0)
    assert json.loads(json.dumps(answer)) == answer
    assert answer["alt"][0].endswith("picture 0, 0") and answer["alt"][11].endswith("picture 11, 1")
    assert api.sample("vae2d", 1)["alt"] == ["VAE, 2-D, picture 0"]


@pytest.mark.parametrize("model", ["cgan", "cvae", "infogan"])
def test_category_is_each_in_turn_or_one_for_all(api, model):
    in_turn, fives = images_of(api.sample(model, 20, 3)), images_of(api.sample(model, 20, 3, category=5))
    assert [(a == b).all() for a, b in zip(in_turn, fives, strict=True)] == [i % 10 == 5 for i in range(20)]
    assert api.inspect(model, 3, 4, category=5)["category"] == 5
    assert (images_of(api.inspect(model, 3, 4, category=5))[0] == fives[4]).all()


def test_truncation_pulls_to_one_image(api):
    whole, half, none = (images_of(api.sample("dcgan", 9, 1, t)).astype(float) for t in (1, 0.5, 0))
    assert (none == none[0]).all()
    assert 0 < half.std(0).mean() < whole.std(0).mean()


def test_seed_may_be_text_and_include_both_ends_of_its_range(api):
    assert api.sample("gan", 2, " 7 ") == api.sample("gan", 2, 7)
    for seed in (0, 2**32 - 1):
        assert api.sample("gan", 1, str(seed)) == api.sample("gan", 1, seed)


def test_inspect_returns_the_nearest_training_image(root):
    api = endpoints_on(root)
    digits = np.stack([synthetic.draw_digit(d, d) for d in range(10)])
    api.store.reference.training_images = lambda dataset: digits
    answer = api.inspect("gan", 1, 2)
    nearest = np.frombuffer(base64.b64decode(answer["neighbor"]), np.uint8).reshape(28, 28)
    distances = np.square(digits.astype(float) - images_of(answer)[0]).sum((1, 2))
    assert (nearest == digits[distances.argmin()]).all()


def test_inspect_has_no_neighbor_among_images_of_another_size(root):
    api = endpoints_on(root)
    api.store.reference.training_images = lambda dataset: np.zeros((10, 28, 20), np.uint8)
    assert api.inspect("gan")["neighbor"] is None


@pytest.mark.parametrize("path", ["slerp", "lerp"])
@pytest.mark.parametrize("model", ["dcgan", "gan", "vae2d", "cgan"])
def test_walk_passes_its_keyframes_and_closes(api, model, path):
    frames, keyframes, category = 61, 4, 3 if model == "cgan" else -1
    answer = api.walk(model, 5, keyframes, frames, path, category=category)
    walked = images_of(answer).astype(int)
    assert walked.shape == (frames, 28, 28) and answer["category"] == (3 if model == "cgan" else None)
    assert (walked[[0, 15, 30, 45]] == images_of(api.sample(model, keyframes, 5, category=category))).all()
    steps = [np.abs(a - b).mean() for a, b in zip(walked, np.roll(walked, -1, 0), strict=True)]
    assert steps[-1] <= 2 * max(steps[:-1])  # the step from the last frame to the first is no larger


def test_a_walk_keeps_the_category_of_its_first_keyframe(api):
    answer = api.walk("cgan", 5, 4, 24)
    assert "A walk keeps one digit: the one chosen" in tab._walk_note(api.store, "cgan")
    assert "keeps one category" in tab._walk_note(api.store, "infogan") and tab._walk_note(api.store, "vae") == ""
    assert answer["category"] == 0 and answer == api.walk("cgan", 5, 4, 24, category=0)


def test_walk_returns_a_gif_of_its_frames(api):
    answer = api.walk("dcgan", 0, 3, 30)
    animation = Image.open(io.BytesIO(base64.b64decode(answer["gif"])))
    assert (animation.format, animation.n_frames, animation.size) == ("GIF", 30, (224, 224))
    assert animation.info["loop"] == 0
    for i, frame in enumerate(images_of(answer)):
        animation.seek(i)
        shown = np.asarray(animation.convert("L")).astype(int)
        assert animation.info["duration"] == 40 and np.abs(shown - images.upscale(frame, 8)).max() <= 1


def test_a_walk_keeps_the_proportions_of_its_images(copy):
    save_photo_checkpoint(copy / "photos")
    answer = endpoints_on(copy).walk("photos", 0, 2, 8)
    film = Image.open(io.BytesIO(base64.b64decode(answer["gif"])))
    assert answer["shape"] == [8, 28, 20] and film.size == (160, 224)


# ---- Models whose latents only decide random choices


@pytest.fixture
def fixed(copy):
    """Endpoints on models of which two, "gan" and "cgan", have no latents that may be edited."""
    for name in ("gan", "cgan"):
        forbid_editing(copy / name)
    return endpoints_on(copy)


def test_truncation_and_walks_change_nothing_that_may_not_be_edited(fixed, api):
    assert fixed.sample("gan", 9, 1, 0.2) == fixed.sample("gan", 9, 1) == api.sample("gan", 9, 1)
    refusal = "The model cgan has no latents to walk through; choose one of: dcgan, "
    words = assert_refused(fixed.walk, refusal, model="cgan")
    assert "gan" not in words.split(": ")[1].split(", ")


def test_controls_that_would_do_nothing_are_hidden_and_the_reason_is_said(fixed):
    endpoints = SampleEndpoints(fixed.store)
    for option in fixed.store.options():
        has_columns = bool(fixed.store.spec(option.name).editable_columns)
        assert (tab._shown(endpoints, option.name) is True) == has_columns
        assert (note(Text("sample.not_editable")) in tab._summary(endpoints, option.name)) == (not has_columns)
    assert tab._shown(endpoints, "gan") == "hidden" and tab._shown(endpoints, "dcgan") is True


@pytest.mark.parametrize("model", GENERATIVE)
def test_the_summary_is_shown_whole(api, model):
    shown = model_summary(api.store, model)
    assert all(escape(str(model_text(word, model, model))) in shown for word in ("summary", "lesson"))
    assert api.store.metadata(model)["url"] in shown


@pytest.mark.parametrize("count, shown", [(7_850, "7,850 weights"), (2_366_561, "2.4 million weights")])
def test_the_summary_counts_the_weights(copy, count, shown):
    checkpoint.save_card(dataclasses.replace(checkpoint.read_card("gan", copy), parameters=count), copy / "gan")
    assert f">{shown}.<" in model_summary(endpoints_on(copy).store, "gan")


# ---- The tab's first images


@pytest.mark.parametrize("height, width", [(28, 28), (28, 20)])
def test_stored_samples_of_any_size_are_shown_first(copy, height, width):
    stored = np.random.default_rng(0).integers(0, 256, (64, height, width), np.uint8)
    _save_sheet(stored, copy / "dcgan")
    api = endpoints_on(copy)
    assert (api.store.stored_samples("dcgan") == stored).all()
    answer = tab.stored_answer(api.store, "dcgan")
    assert (images_of(answer) == stored[:36]).all() and answer["alt"] == api.sample("dcgan", 36)["alt"]
    assert tab.stored_answer(api.store, "gan") is None  # no file


def test_stored_samples_of_another_layout_or_with_categories_are_not_shown(copy):
    stored = np.zeros((64, 28, 28), np.uint8)
    _save_sheet(stored, copy / "cgan")
    _save_sheet(stored[:40], copy / "gan")
    store = endpoints_on(copy).store
    assert tab.stored_answer(store, "cgan") is None  # older files have categories at random
    assert tab.stored_answer(store, "gan") is None


def _save_sheet(stored: np.ndarray, folder: Path) -> None:
    images.save_png(images.upscale(images.make_grid(stored, 8), 2), folder / "samples.png")


# ---- Bad input

BAD_INPUT = [
    *[("sample", {"seed": seed}, rf"seed is a whole number from 0 to 4294967295, not {shown}") for seed, shown in (
        ("abc", "'abc'"), ("", "''"), ("-1", "'-1'"), ("1.5", "'1.5'"), ("1e3", "'1e3'"), ("²", "'²'"), (-1, "-1"),
        (1.5, "1.5"), (2**32, "4294967296"), (str(2**32), "'4294967296'"), (None, "None"), (float("nan"), "nan"),
        ("9" * 5000, "'9999"), ([1], r"\[1\]"))],
    *[("sample", {"count": count}, "number of pictures must be from 1 to 100")
      for count in (10**9, 0, -5, None, "many", float("nan"), float("inf"), 10**400, [3])],
    ("sample", {"count": 2.5}, "number of pictures is a whole number .* not 2.5"),
    *[("sample", {"truncation": t}, "truncation must be from 0 to 1") for t in (float("nan"), -0.1, 1.1, "x", None)],
    *[("sample", {"model": "cgan", "category": c}, "digit must be from -1 to 9") for c in (10, -2, None, "three")],
    ("sample", {"model": "infogan", "category": 10}, "c1 must be from -1 to 9"),
    ("sample", {"model": "cgan", "category": 0.5}, "digit is a whole number"),
    *[("sample", {"model": name}, f"no model called .*; there are: {', '.join(GENERATIVE)}$")
      for name in ("biggan", "../vae", "../../etc/passwd", 7)],
    *[("sample", {"model": name}, "no model is available for this") for name in ("", None)],
    ("sample", {"model": "cnn"}, f"cnn generates no images; choose one of: {', '.join(GENERATIVE)}$"),
    *[("inspect", {"index": index}, "picture's number must be from 0 to 99") for index in (100, -1, None, "first")],
    ("inspect", {"seed": "abc"}, "seed is a whole number"),
    ("inspect", {"model": "nope"}, "no model called 'nope'"),
    ("walk", {"keyframes": 1}, "number of keyframes must be from 2 to 8"),
    ("walk", {"keyframes": 9}, "number of keyframes must be from 2 to 8"),
    ("walk", {"frames": 3}, "number of frames must be from 4 to 240"),
    ("walk", {"frames": 10**9}, "number of frames must be from 4 to 240"),
    ("walk", {"path": "bus"}, "path is 'lerp' or 'slerp', not 'bus'"),
    ("walk", {"seed": ""}, "seed is a whole number"),
    ("walk", {"truncation": float("nan")}, "truncation must be from 0 to 1"),
]


@pytest.mark.parametrize("name, given, words", BAD_INPUT, ids=lambda value: value if isinstance(value, str) else None)
def test_bad_input_is_named_in_one_sentence(api, name, given, words):
    assert_refused(getattr(api, name), f"(?i:{words[:1]}){words[1:]}", **given)


def test_a_message_holds_no_html(api):
    assert "‹img src=x›" in assert_refused(api.sample, "seed", seed="<img src=x>")
