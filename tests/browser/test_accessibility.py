"""Accessibility beyond what the tour looks at: keyboard, reduced motion."""

from __future__ import annotations

import pytest

from browser.helpers import (
    GRID,
    LENS,
    STAGE,
    expect,
    open_tab,
    visit,
    wait_changed,
    wait_for_decoder,
    wait_painted,
    wait_settled,
)

pytestmark = pytest.mark.browser


def test_tab_key_reaches_all_controls_in_order(page):
    wait_painted(page, GRID, 36)
    page.locator("h1").click()
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("""() => {
            const at = document.activeElement;
            return at.getAttribute('aria-label') || at.labels?.[0]?.innerText || at.innerText || at.title || '';
        }""").split("\n")[0].strip())
        if reached[-1].startswith("Settings"):
            break
    assert [name for name in reached if not name] == []
    wanted = ["Sample", "DCGAN", "number input for Pictures", "range slider for Pictures", "Seed", "New seed",
              "Variety (truncation)", "DCGAN, picture 0", "Walk through latent space"]
    places = [reached.index(name) for name in wanted]
    assert places == sorted(places)


def test_reduced_motion_starts_paused(browser, server):
    with visit(browser, server, path="") as page:
        wait_for_decoder(page, "opening")
        page.emulate_media(reduced_motion="reduce")
        before = wait_settled(page, LENS)
        page.locator(STAGE).hover(position={"x": 20, "y": 20})  # the hand still moves the lens
        wait_changed(page, LENS, before)
        open_tab(page, "Sample")
        page.get_by_role("button", name="Walk through latent space").click()
        page.get_by_role("button", name="Walk", exact=True).click()
        expect(page.get_by_role("button", name="Play")).to_be_visible()
