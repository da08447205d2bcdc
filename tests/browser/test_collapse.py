"""The Collapse tab: modes and images of three models under one slider of their training."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

import genmodels
from browser.helpers import by_role, expect, expect_fits, on_phone, open_tab, outside, read_pixels, wait_changed
from genmodels import checkpoint
from genmodels.registry import CHECKPOINTS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
CUBES = "#gm-mode-cubes .gm-modes-canvas"
TILES, COUNTS = "#gm-mode-cubes .gm-modes-tiles canvas", "#gm-mode-cubes .gm-modes-count"
SLIDER = "#gm-mode-cubes .gm-range"
STACKED = [name for name, entry in CHECKPOINTS.items() if entry.dataset == "stacked"]
IMAGES = 9


def modes_shown(page: Page) -> list[int]:
    return [int(text.split()[0].replace(",", "")) for text in page.locator(COUNTS).all_inner_texts()]


def modes_counted(which: int) -> list[int]:
    """Of each model, at the first or the last step that was counted."""
    histories = [json.loads((checkpoint.ROOT / name / checkpoint.HISTORY).read_text()) for name in STACKED]
    return [sum(count > 0 for count in history["modes"]["counts"][which]) for history in histories]


@on_phone
def test_a_slider_lights_up_the_modes_of_all_models_and_sends_no_request(page):
    open_tab(page, "Collapse")
    for name in STACKED:
        page.wait_for_selector(f"#gm-mode-cubes [data-model={name}][data-engine=page]")
    expect_fits(page)
    assert outside(page, CUBES, TILES, SLIDER, COUNTS) == []  # causes and effects are seen together
    assert modes_shown(page) == modes_counted(-1)
    drawn = read_pixels(page, TILES)
    for name, texts in zip(STACKED, np.array_split(drawn, len(STACKED)), strict=True):  # as torch draws them
        model = genmodels.load(name)
        expected = model.render(model.generate(model.latent.sample(0, range(IMAGES))))[..., 0]
        red = np.stack([np.frombuffer(base64.b64decode(text), np.uint8) for text in texts])
        assert np.abs(red.reshape(expected.shape).astype(int) - expected).max() <= 2
    urls, lights = [], read_pixels(page, CUBES)
    page.on("request", lambda request: urls.append(request.url))
    page.locator(SLIDER).press("Home")
    lights = wait_changed(page, CUBES, lights)
    assert modes_shown(page) == modes_counted(0) and read_pixels(page, TILES) != drawn
    page.locator(CUBES).first.press("ArrowLeft")
    wait_changed(page, CUBES, lights)
    page.get_by_text("Ten layers").click()
    expect(page.locator("#gm-mode-cubes .gm-modes")).to_have_attribute("data-view", "layers")
    expect_fits(page)
    by_role(page, "button", "Play").click()
    by_role(page, "button", "Pause").click()
    assert [url for url in urls if "heartbeat" not in url] == []
