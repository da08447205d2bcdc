"""The Start tab: the lens over the map, and where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser.helpers import (
    LENS,
    LENS_PLACE,
    STAGE,
    by_role,
    drag,
    expect,
    open_tab,
    points_in,
    read_pixels,
    visit,
    wait_changed,
    wait_equal,
    wait_for_decoder,
    wait_settled,
)
from genmodels.ui.tabs.start import EXTENT

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

START = ""  # the address without the name of an activity
MAP = ".gm-stage-map"


def expect_point(page: Page, x: float, y: float) -> None:
    """The lens comes to a point of the latent, and shows what the model makes of it."""
    words = f"{x:.2f}  {y:.2f}".replace("-", "\u2212")
    expect(page.locator(LENS_PLACE)).to_have_text(words)
    wait_equal(page, LENS, [page.evaluate("""([x, y]) => gm.engine.load('vae2d').then(
        (decoder) => btoa(String.fromCharCode(...decoder.decode([x, y], 0))))""", [x, y])])


def test_the_lens_moves_by_itself_follows_the_hand_and_leads_on(browser, server):
    with visit(browser, server, path=START) as page:
        assert any(read_pixels(page, LENS)), "a stored picture is there at once"
        wait_for_decoder(page, "opening")
        wait_settled(page, MAP)
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        wait_changed(page, LENS, read_pixels(page, LENS))
        page.mouse.move(*points_in(page.locator(STAGE), (0.75, 0.25))[0])
        expect(page.locator(LENS_PLACE)).to_contain_text(f"{EXTENT / 2:.1f}")
        stage = page.locator(STAGE)
        stage.press("Home")
        expect_point(page, 0, 0)
        stage.press("ArrowRight")
        stage.press("Shift+ArrowDown")
        expect_point(page, 0.1, -0.5)
        expect(page.get_by_role("status").filter(has_text="The digit at 0.10, -0.50")).to_be_attached()
        assert [url for url in requests if "heartbeat" not in url] == []
        by_role(page, "button", "Open this point in Latents").click()
        expect(page.locator("#gm-latent-explorer .gm-caption")).to_have_text("z0 = 0.10, z1 = \u22120.50")
        page.mouse.move(0, 0)
        open_tab(page, "Start")
        stage.click()
        expect(page.locator("#gm-latent-explorer .gm-caption")).to_contain_text("z0 = ")
        expect(page.locator("#gm-latent-explorer .gm-caption")).not_to_contain_text("0.50")
        assert page.evaluate("""(lens) => new Promise((done) => {
            const count = () => paintCounts.get(document.querySelector(lens)), before = count();
            setTimeout(() => done(count() === before), 200);
        })""", LENS), "out of sight nothing is painted"


def test_a_finger_moves_the_lens_and_sees_it(browser, server):
    with visit(browser, server, "phone", START) as page:
        wait_for_decoder(page, "opening")
        stage, lens = page.locator(STAGE), page.locator(".gm-lens")
        drag(page, *points_in(stage, (0.5, 0.5), (0.5, 0.6), (0.5, 0.9)))
        expect(page.locator(LENS_PLACE)).to_contain_text("\u22122.0")
        finger = stage.bounding_box()["y"] + 0.9 * stage.bounding_box()["height"]
        assert lens.bounding_box()["y"] + lens.bounding_box()["height"] < finger
        page.evaluate("window.scrollTo(0, 0)")
        for card in page.locator("[data-open]").all():
            assert card.bounding_box()["y"] < 844, "in sight without scrolling"
