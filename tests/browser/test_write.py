"""The Write tab: numbers in handwriting."""

from __future__ import annotations

import pytest

from browser.helpers import (
    STYLES,
    WRITTEN,
    both_screens,
    by_role,
    choose_model,
    download_image,
    expect,
    expect_toast,
    open_tab,
    read_pixels,
    tap,
    wait_changed,
    wait_equal,
    wait_painted,
)

pytestmark = pytest.mark.browser


@both_screens
def test_number_is_written_in_one_style_or_several(page):
    open_tab(page, "Write")
    year, table = wait_painted(page, WRITTEN, 4), wait_painted(page, STYLES, 50)
    expect(page.get_by_role("img", name="handwritten 4")).to_have_count(1)
    number = page.locator("#gm-number input")
    number.fill("0123456789012345")
    one = wait_painted(page, WRITTEN, 16)
    assert one[:6] == one[10:] and one[2] == year[0]
    tap(page.get_by_text("A new style for each", exact=True))
    new = wait_changed(page, WRITTEN, one)
    assert new[0] == one[0] and new[1:6] != new[11:]
    number.fill("2014")
    wait_painted(page, WRITTEN, 4)
    tap(page.get_by_text("Same style for all", exact=True))
    wait_equal(page, WRITTEN, year)
    tap(by_role(page, "button", "New seed"))
    wait_changed(page, WRITTEN, year)
    assert page.evaluate("scrollX") == 0
    choose_model(page, "write", "Conditional VAE")
    wait_changed(page, STYLES, table)


def test_text_that_cannot_be_written_shows_message(page):
    open_tab(page, "Write")
    before, number = wait_painted(page, WRITTEN, 4), page.locator("#gm-number input")
    for text, words in (("12a", "Only the digits 0 to 9 can be written, not a"), ("\u0663", "not \u0663"),
                        ("1" * 17, "At most 16 digits fit in a line; that was 17")):
        number.fill(text)
        expect_toast(page, words)
    number.fill("")
    number.press("Enter")
    expect_toast(page, "Type something first")
    assert read_pixels(page, WRITTEN) == before
    number.fill("7")
    wait_painted(page, WRITTEN, 1)


def test_written_images_are_downloaded(page):
    open_tab(page, "Write")
    wait_painted(page, WRITTEN, 4)
    name, sheet = download_image(page, page.locator("#gm-written .gm-download"))
    assert name == "cgan-2014-seed-0.png" and sheet.size == ((2 + 4 * 30) * 8, 32 * 8)
    name, sheet = download_image(page, page.locator("#gm-styles .gm-download"))
    assert name == "cgan-styles-seed-0.png" and sheet.size == ((2 + 10 * 30) * 8, (2 + 5 * 30) * 8)
