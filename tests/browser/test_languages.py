"""The page in Spanish, and a change of language in the middle of things."""

from __future__ import annotations

import pytest

from browser.helpers import (
    EXPLORED,
    GRID,
    RESULT,
    SAMPLE,
    expect,
    leave,
    open_tab,
    points_in,
    read_pixels,
    tap,
    wait_changed,
    wait_for_decoder,
    wait_painted,
    wait_result,
    wait_settled,
)
from genmodels.ui.text import CATALOGS

pytestmark = pytest.mark.browser
ENGLISH, SPANISH = CATALOGS["en"], CATALOGS["es"]


@pytest.mark.slow
def test_a_change_in_the_middle_of_a_drag_loses_nothing(page):
    open_tab(page, "Latents")
    wait_for_decoder(page)
    pad = page.locator("#gm-latent-explorer .gm-pad")
    start, end = points_in(pad, (0.3, 0.3), (0.7, 0.6))
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    before = wait_settled(page, EXPLORED)
    page.evaluate("gm.setLanguage('es')")
    expect(page.locator("#gm-latent-explorer .gm-reset")).to_have_text("Restablecer")
    assert read_pixels(page, EXPLORED) == before
    expect(page.locator("#gm-latent-explorer .gm-caption")).to_contain_text(",")  # the decimal comma
    page.mouse.move(*start, steps=5)
    page.mouse.up()
    wait_changed(page, EXPLORED, before)


def test_a_change_keeps_what_is_shown_and_lasts(page):
    open_tab(page, "Reconstruct")
    tap(page.get_by_role("button", name="drawn example, 3"))
    wait_result(page)
    pixels = page.locator(RESULT).locator("img").first.get_attribute("src")
    tap(page.get_by_role("button", name="Español"))
    expect(page.locator(RESULT)).to_contain_text("Error de reconstrucción")
    assert page.locator(RESULT).locator("img").first.get_attribute("src") == pixels
    groups, explored = page.get_by_role("tablist").all()
    expect(groups.get_by_role("tab")).to_have_text(
        [SPANISH["tab.start"], SPANISH["tab.lesson"], SPANISH["group.classify"], SPANISH["group.generate"],
         SPANISH["group.explore"], SPANISH["tab.live"]])
    expect(explored.get_by_role("tab")).to_have_text(
        [SPANISH["tab.latents"], SPANISH["tab.reconstruct"], SPANISH["tab.mesh"], SPANISH["tab.boards"],
         SPANISH["tab.posterior"], SPANISH["tab.compare"]])
    expect(page.get_by_role("button", name="Español")).to_have_attribute("aria-pressed", "true")
    home = page.url.split("?")[0]
    leave(page, lambda: page.goto(home + SAMPLE))  # the next visit, without a word of it in the address
    wait_painted(page, GRID, 36)
    expect(page).to_have_title(SPANISH["page.title"])
    leave(page, lambda: page.goto(home + "?lang=en" + SAMPLE))
    wait_painted(page, GRID, 36)
    expect(page).to_have_title(ENGLISH["page.title"])
