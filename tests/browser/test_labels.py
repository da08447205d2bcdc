"""The Few labels tab: beliefs and sentences under the pen, without a request, as Python finds them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from browser.helpers import drag, expect, points_in, tap, visit
from genmodels import checkpoint
from genmodels.captions import LANGUAGES
from genmodels.images import from_uint8
from genmodels.ui.tabs.labels import FIRST, drawn_digits

pytestmark = pytest.mark.browser

PAD, BOARD = "#gm-labels-pad .gm-canvas", "#gm-belief-board"
SEVEN = ((0.25, 0.25), (0.75, 0.25), (0.45, 0.85))
FRAMED = "(selector) => [...gm.frameInk(document.querySelector(selector).getContext('2d'))]"


def shown(page, key: str, condition: str = "true") -> dict:
    """What the board says of itself, once a condition on it holds."""
    found = page.wait_for_function(f"""(selector) => {{
        const found = document.querySelector(`${{selector}}[data-{key}], ${{selector}} [data-{key}]`);
        const value = found && JSON.parse(found.dataset.{key});
        return value && ({condition}) && value;
    }}""", arg=BOARD)
    return found.json_value()


def test_beliefs_and_sentences_follow_the_pen(browser, server):
    model = checkpoint.load("ssvae")[0].eval()

    def expect_said(found: dict, image: np.ndarray) -> None:
        x = from_uint8(image[None])
        with torch.inference_mode():
            expected = model.classify(x)[0].softmax(0).tolist()
            captions = {language: model.caption(x, language)[0] for language in LANGUAGES}
        assert found["probabilities"] == pytest.approx(expected, abs=1e-4) and found["captions"] == captions

    with visit(browser, server, "desktop", "#a=labels") as page:
        expect_said(shown(page, "believed"), drawn_digits()[FIRST])
        board = shown(page, "board")
        assert len(board["believed"]) == 100
        page.evaluate("""(selector) => {
            window.seen = [];
            document.querySelector(selector).addEventListener('lostpointercapture', () => {
              window.seen.push(document.querySelector('.gm-belief-winner b').innerText); });
        }""", PAD)
        drag(page, *points_in(page.locator(PAD), *SEVEN))
        found = shown(page, "believed", "value.stroke === 1")
        assert page.evaluate("seen") == ["7"]
        expect_said(found, np.array(page.evaluate(FRAMED, PAD), np.uint8).reshape(28, 28))
        tap(page.locator("#gm-labels-pad .gm-undo"))  # the example comes back
        expect_said(shown(page, "believed", "value.stroke === undefined"), drawn_digits()[FIRST])
        tap(page.locator("#gm-labels-pad .gm-clear"))
        expect(page.locator(".gm-belief-winner b")).to_have_text("\u2013")
