"""The views of the Reconstruct tab that the page computes: two models under one divider, and sliders of attributes."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from conftest import shipped_with

import genmodels
from browser.gray_levels import assert_close, from_base64
from browser.helpers import (
    SKETCHPAD,
    choose_option,
    drag,
    expect,
    on_phone,
    open_tab,
    points_in,
    read_pixels,
    tap,
    wait_changed,
)
from genmodels import checkpoint
from genmodels.data import synthetic
from genmodels.images import from_uint8
from genmodels.metrics.reconstruction import sharpness
from genmodels.morphology import PROPERTIES
from genmodels.ui.api.likeness import offered_attributes

pytestmark = pytest.mark.browser

LIKENESS, ATTRIBUTES = "#gm-likeness", "#gm-attributes"
PAIR = f"{LIKENESS} .gm-likeness-stage canvas"
CHANGED = f"{ATTRIBUTES} .gm-attributes-after"
MEASURE = """(pixels) => Object.entries(gm.components.morphology()).map(
    ([name, measure]) => [name, measure(Uint8Array.from(pixels), 28, 28)])"""


def shown_in(page, selector: str, before: dict | None = None) -> dict:
    """The numbers that a component shows, once they differ from those before."""
    found = page.wait_for_function(
        """([selector, before]) => {
            const found = document.querySelector(selector + '[data-shown], ' + selector + ' [data-shown]');
            return found && found.dataset.shown !== before && found.dataset.shown;
        }""", arg=[selector, before and json.dumps(before, separators=(",", ":"))])
    return json.loads(found.json_value())


@on_phone
def test_two_reconstructions_are_compared_under_a_divider(page):
    open_tab(page, "Reconstruct")
    choose_option(page, "Show", "divider")
    tap(page.get_by_role("button", name="drawn example, 8"))
    shown, digit = shown_in(page, LIKENESS), synthetic.draw_digit(8, 28)
    assert len(shown["pixels"]) == 2
    backs, x = from_base64(read_pixels(page, PAIR), 28, 28), from_uint8(digit[None])
    judge = genmodels.load(shipped_with("likeness")[0])
    with torch.inference_mode():
        for side, (model, back) in enumerate(zip((genmodels.load("vae"), judge), backs, strict=True)):
            assert_close(back, model.render(model.reconstruct(x))[0])
            x_hat = from_uint8(back[None])
            assert shown["features"][side] == pytest.approx(float(judge.feature_errors(x, x_hat).sum()), rel=1e-3)
            assert shown["pixels"][side] == pytest.approx(float((x - x_hat).square().sum() / 4), rel=1e-4)
            assert shown["edges"][side] == pytest.approx(float(sharpness(x_hat) / sharpness(x)), rel=1e-4)
    expect(page.locator(f"{LIKENESS} .gm-likeness-verdict")).to_contain_text("Nearer in D's features: ")
    divider = page.get_by_role("slider", name="Divider")
    divider.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuenow", "52")
    drag(page, *points_in(divider, (0.5, 0.5), (0.2, 0.5)))
    assert 15 <= int(divider.get_attribute("aria-valuenow")) <= 25
    drag(page, *points_in(page.locator(SKETCHPAD), (0.3, 0.2), (0.7, 0.7)))
    shown_in(page, LIKENESS, shown)
    assert page.evaluate("scrollX") == 0


@pytest.mark.slow
@pytest.mark.skipif(not offered_attributes(checkpoint.read_card("vae")), reason="not measured yet")
def test_attributes_are_changed_and_measured_in_the_page(visitor):
    page = visitor
    open_tab(page, "Reconstruct")
    choose_option(page, "Show", "thicker")
    tap(page.get_by_role("button", name="drawn example, 8"))
    expect(page.locator(LIKENESS)).to_be_hidden()
    first, before = shown_in(page, ATTRIBUTES), read_pixels(page, CHANGED)
    page.get_by_role("slider", name="thicker").press("End")
    wait_changed(page, CHANGED, before)
    after = shown_in(page, ATTRIBUTES, first)
    assert after["thickness"][1] > first["thickness"][1] + 0.3 and after["thickness"][0] == first["thickness"][0]
    image = from_base64(read_pixels(page, CHANGED), 28, 28)
    for name, (_, measured) in after.items():
        assert measured == pytest.approx(float(PROPERTIES[name](image)[0]), abs=1e-6)
    tap(page.locator(f"{ATTRIBUTES} .gm-reset"))
    assert shown_in(page, ATTRIBUTES, after) == first


def test_the_page_measures_handwriting_as_python_does(visitor):
    digit = synthetic.draw_digit(8, 28)
    for pixels in (digit, digit.T, np.zeros_like(digit)):
        assert dict(visitor.evaluate(MEASURE, pixels.flatten().tolist())) == pytest.approx(
            {name: float(measure(pixels[None])[0]) for name, measure in PROPERTIES.items()}, abs=1e-6)
