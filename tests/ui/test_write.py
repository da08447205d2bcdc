"""Endpoints of the Write tab: what they return, and one clear message for bad input."""

from __future__ import annotations

import gradio as gr
import pytest
from conftest import change_card

from genmodels.ui.api.write import WriteEndpoints
from genmodels.ui.tabs.write import SAME, build
from ui.helpers import CONDITIONAL, assert_refused, endpoints_on, images_of


@pytest.mark.parametrize("model", CONDITIONAL)
def test_write_in_the_same_style_or_a_new_one_for_each(api, model):
    same, several = (images_of(api.write("20 142014", model, same_style, 6)) for same_style in (True, False))
    assert same.shape == several.shape == (8, 28, 28)
    assert (same[:4] == same[4:]).all() and not (several[:4] == several[4:]).all()
    assert (same[0] == several[0]).all()  # the first style is the one used for all
    assert api.write("20 142014", model, True, 6)["alt"][2] == "handwritten 1"
    styles = images_of(api.style_grid(model, 8, 6)).reshape(8, 10, 28, 28)
    for i, digit in enumerate([2, 0, 1, 4, 2, 0, 1, 4]):
        assert (styles[0, digit] == same[i]).all() and (styles[i, digit] == several[i]).all()
    assert api.write("0123456789012345", model)["columns"] == 16 and api.style_grid(model)["columns"] == 10
    assert api.style_grid(model)["alt"][13] == "style 2, digit 3"


BAD_INPUT = [
    ("write", {"text": "12a"}, "only the digits 0 to 9 can be written, not a$"),
    ("write", {"text": "-1.5"}, "only the digits 0 to 9 .* not - .$"),
    ("write", {"text": "+49 170 1234567"}, r"only the digits 0 to 9 can be written, not \+$"),
    ("write", {"text": "3.14, 2014-05-01"}, "only the digits 0 to 9 .* not . , -$"),
    ("write", {"text": "4²"}, "only the digits 0 to 9 .* not ²$"),
    ("write", {"text": "2e\u0301\ud800"}, r"only the digits 0 to 9 .* not \u00e9 \\ud800$"),
    ("write", {"text": "x" * 9999}, "only the digits 0 to 9"),
    ("write", {"text": ""}, "type something first: up to 16 digits, 0 to 9$"),
    ("write", {"text": " \n"}, "Type something first"),
    ("write", {"text": "1" * 17}, "at most 16 digits .* 17"),
    ("write", {"text": "1", "seed": "abc"}, "seed is a whole number"),
    ("write", {"model": "dcgan"}, f"dcgan is not conditioned on a label; choose one of: {', '.join(CONDITIONAL)}$"),
    ("write", {"model": "infogan"}, "infogan is not conditioned on a label"),
    ("style_grid", {"model": "vae"}, "vae is not conditioned on a label"),
    ("style_grid", {"rows": 0}, "number of styles must be from 1 to 10"),
    ("style_grid", {"seed": "-1"}, "seed is a whole number"),
]


@pytest.mark.parametrize("name, given, words", BAD_INPUT, ids=lambda value: value if isinstance(value, str) else None)
def test_bad_input_is_named_in_one_sentence(api, name, given, words):
    assert_refused(getattr(api, name), f"(?i:{words[:1]}){words[1:]}", **given)


def test_models_are_offered_if_their_classes_can_be_typed(copy):
    change_card(copy / "cgan", dataset={"classes": ["T-shirt", *"BCDEFGHIJ"]})
    api = endpoints_on(copy)
    others = [name for name in CONDITIONAL if name != "cgan"]
    assert [option.name for option in api.store.options(WriteEndpoints(api.store).can_write)] == others
    words = f"labels that cannot be typed; choose one of: {', '.join(others)}$"
    assert_refused(api.write, words, text="B", model="cgan")
    assert api.style_grid("cgan", 1)["alt"][0] == "style 1, digit T-shirt"


def test_classes_of_one_character_can_be_typed(copy):
    change_card(copy / "cgan", dataset={"classes": list("ABCDEFGHIJ")})
    api = endpoints_on(copy)
    assert api.write("BAD", "cgan")["alt"] == ["handwritten B", "handwritten A", "handwritten D"]
    assert_refused(api.write, "Only .* A to J can be written, not Z$", text="BAZ", model="cgan")
    with gr.Blocks() as demo:
        build(api.store)
    write = next(event.fn for event in demo.fns.values() if event.fn.__name__ == "write")
    style, seed = {"value": SAME}, {"text": "0"}
    assert len(write({"text": "BAD"}, "cgan", style, seed)["alt"]) == 3
    assert write({"text": "2014"}, "cgan", style, seed) is None  # typed for the model that was chosen before
