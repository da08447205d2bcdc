"""The Describe tab: words become an image in two stages."""

from __future__ import annotations

import pytest

from browser.helpers import expect, on_phone, open_tab, read_pixels, tap, wait_changed, wait_painted

pytestmark = pytest.mark.browser

LAST, SAMPLES = "#gm-description .gm-describe-last", "#gm-description .gm-describe-samples canvas"
BOARD = "#gm-description .gm-describe-board button"


@on_phone
def test_a_digit_is_described_by_typing_and_by_words(page):
    open_tab(page, "Describe")
    caption, chips = page.locator("#gm-caption"), page.locator("#gm-description .gm-describe-chips")
    first = wait_painted(page, SAMPLES, 8)
    expect(caption).to_have_value("a thin seven, slanted to the right")
    expect(chips.get_by_role("button", name="7")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#gm-description dl")).to_contain_text("px: ")

    caption.fill("un tres morado y grueso")
    three = wait_changed(page, SAMPLES, first)
    expect(page.locator(".gm-describe-passed")).to_have_text("Not understood, so passed over: morado")
    expect(chips.get_by_role("button", name="thick")).to_have_attribute("aria-pressed", "true")

    tap(chips.get_by_role("button", name="left"))
    expect(caption).to_have_value("a thick three, slanted to the left")
    wait_changed(page, SAMPLES, three)
    tap(page.locator(BOARD).nth(2))  # thin, right
    expect(caption).to_have_value("a thin three, slanted to the right")
    expect(page.locator(BOARD).nth(2)).to_have_class("gm-cell gm-selected")
    tap(page.get_by_role("button", name="Image 4", exact=True))
    page.wait_for_function("location.hash.includes('q=a%20thin%20three') && location.hash.includes('i=3')")
    page.wait_for_function(f"readPixels('{LAST}')[0] === readPixels('{SAMPLES}')[3]")  # it has grown

    caption.fill("xyz")
    expect(page.locator("#gm-caption-error")).to_contain_text("Nothing of this is understood: xyz")
    kept = read_pixels(page, SAMPLES)
    page.reload()
    expect(caption).to_have_value("a thin three, slanted to the right")
    assert wait_painted(page, SAMPLES, 8) == kept
