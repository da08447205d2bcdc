"""The Classify tab: answers under the pen and without a request, what speaks for them, and the learning curves."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
import torch

from browser.helpers import drag, expect, outside, points_in, read_pixels, tap, visit, wait_changed, wait_painted
from genmodels import checkpoint
from genmodels.data.synthetic import draw_digit
from genmodels.images import from_uint8
from genmodels.ui.tabs.classify import FIRST

pytestmark = pytest.mark.browser

PAD, TABLE, CURVES = "#gm-classify-pad .gm-canvas", "#gm-classifiers", "#gm-learning-curves"
MAPS, TILES = f"{TABLE} .gm-class-whys canvas", f"{TABLE} .gm-class-tiles canvas"
SEVEN = ((0.25, 0.25), (0.75, 0.25), (0.45, 0.85))
FRAMED = "(selector) => [...gm.frameInk(document.querySelector(selector).getContext('2d'))]"


def answers(page, stroke: int | None) -> dict:
    """What is shown by model, once all have answered to a stroke."""
    found = page.wait_for_function("""([selector, stroke]) => {
        const found = document.querySelector(`${selector}[data-answered], ${selector} [data-answered]`);
        const answered = found && JSON.parse(found.dataset.answered);
        return answered && (answered.stroke === stroke || stroke === null) && answered.models;
    }""", arg=[TABLE, stroke])
    return found.json_value()


def probabilities(name: str, image: np.ndarray) -> list[float]:
    with torch.inference_mode():
        return checkpoint.load(name)[0].eval().classify(from_uint8(image[None]))[0].softmax(0).tolist()


@pytest.mark.parametrize("screen", ["desktop", pytest.param("phone", marks=pytest.mark.slow)])
def test_models_answer_under_the_pen_and_say_why(browser, server, screen):
    with visit(browser, server, screen, "#a=classify&s=5") as page:
        # Two sets by naive Bayes, weights, and those of the conditional and the semi-supervised VAE.
        tiles = wait_painted(page, TILES, 50)
        first = answers(page, None)  # to the example that is there at first
        expected = probabilities("cnn", draw_digit(*FIRST))
        assert first["cnn"]["probabilities"] == pytest.approx(expected, abs=1e-4)
        assert first["cvae"]["pair"][0] == FIRST[0]
        requests = []
        page.on("request", lambda request: "generate/classify" in request.url and requests.append(
            [call["model"] for call in request.post_data_json]))
        page.evaluate("""(selector) => {
            window.seen = [];
            document.querySelector(selector).addEventListener('lostpointercapture', () => {
              window.seen.push(document.querySelector('[data-model=cnn] .gm-class-winner b').innerText); });
        }""", PAD)
        drag(page, *points_in(page.locator(PAD), *SEVEN))
        found = answers(page, 1)
        assert page.evaluate("seen") == ["7"] and requests == [["cvae"]]
        image = np.array(page.evaluate(FRAMED, PAD), np.uint8).reshape(28, 28)
        for name in ("naive_bayes", "logistic", "cnn", "ssvae"):
            assert found[name]["probabilities"] == pytest.approx(probabilities(name, image), abs=1e-4), name
        assert found["cvae"]["pair"][0] == 7 and found["cvae"]["logProb"] < 0
        wait_painted(page, MAPS, 4)
        weights = checkpoint.load("naive_bayes")[0].pixel_weights()
        shown = json.loads(page.locator(MAPS).first.get_attribute("data-evidence"))
        one, other = shown["pair"]
        lead = weights.evidence(from_uint8(image[None]))[0].sum(1)
        assert shown["sum"] == pytest.approx(float(lead[one] - lead[other]), abs=1e-2)
        if screen == "phone":
            page.evaluate("scrollTo(0, 0)")
            assert outside(page, PAD, f"{TABLE} .gm-class-answers") == []
            return
        page.get_by_role("button", name="Draw others").click()
        wait_changed(page, TILES, tiles)
        page.wait_for_function("!location.hash.includes('s=5')")
        slider = page.locator(f"{CURVES} .gm-range")
        slider.press("Home")
        readout = page.locator(f"{CURVES} .gm-curve-readout").first
        expect(readout).to_contain_text("draws: 10")
        before = readout.inner_text()
        slider.press("ArrowRight")
        expect(readout).not_to_have_text(before)
        tap(page.locator("#gm-classify-pad .gm-clear"))
        expect(page.locator(f"{TABLE} .gm-class-winner b").first).to_have_text("\u2013")
        page.get_by_role("button", name="drawn example, 3").click()
        example = np.frombuffer(base64.b64decode(read_pixels(page, "#gm-classify-examples canvas")[3]), np.uint8)
        found = answers(page, None)
        assert found["cnn"]["probabilities"] == pytest.approx(probabilities("cnn", example.reshape(28, 28)), abs=1e-4)
