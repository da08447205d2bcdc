"""The Write tab: numbers in handwriting."""

from __future__ import annotations

import pytest

from browser.helpers import (
    STYLES,
    WRITTEN,
    by_role,
    choose_model,
    choose_option,
    download_image,
    expect,
    expect_message,
    on_phone,
    open_tab,
    read_pixels,
    tap,
    wait_changed,
    wait_equal,
    wait_painted,
)

pytestmark = pytest.mark.browser


@on_phone
def test_number_is_written_in_one_style_or_several(page):
    open_tab(page, "Write")
    year, table = wait_painted(page, WRITTEN, 4), wait_painted(page, STYLES, 50)
    expect(page.get_by_role("img", name="handwritten 4")).to_have_count(1)
    number = page.locator("#gm-number input")
    number.fill("0123456789012345")
    one = wait_painted(page, WRITTEN, 16)
    assert one[:6] == one[10:] and one[2] == year[0]
    choose_option(page, "Style", "A new style for each")
    new = wait_changed(page, WRITTEN, one)
    assert new[0] == one[0] and new[1:6] != new[11:]
    number.fill("2014")
    wait_painted(page, WRITTEN, 4)
    choose_option(page, "Style", "Same style for all")
    wait_equal(page, WRITTEN, year)
    tap(by_role(page, "button", "New seed"))
    wait_changed(page, WRITTEN, year)
    assert page.evaluate("scrollX") == 0
    choose_model(page, "write", "Conditional VAE")
    wait_changed(page, STYLES, table)


@pytest.mark.slow
def test_written_images_are_downloaded_and_text_that_cannot_be_written_shows_a_message(page):
    open_tab(page, "Write")
    before, number = wait_painted(page, WRITTEN, 4), page.locator("#gm-number input")
    name, sheet = download_image(page, "PNG", "The number, handwritten")
    assert name == "cgan-2014-seed-0.png" and sheet.size == ((2 + 4 * 30) * 8, 32 * 8)
    table = wait_painted(page, STYLES, 50)
    name, sheet = download_image(page, "PNG", "All ten digits in several styles")
    assert name == "cgan-styles-seed-0.png" and sheet.size == ((2 + 10 * 30) * 8, (2 + 5 * 30) * 8)
    number.type("+49 170 1234567")
    for text, words in ((None, "Only the digits 0 to 9 can be written, not +"),
                        ("1" * 17, "At most 16 digits fit in a line; that was 17"),
                        ("", "Type something first: up to 16 digits, 0 to 9")):
        if text is not None:
            number.fill(text)
        expect_message(page, "number", words)
    assert read_pixels(page, WRITTEN) == before
    by_role(page, "textbox", "Seed").fill("abc")
    expect_message(page, "write-seed", "A seed is a whole number from 0 to 4294967295, not 'abc'")
    choose_model(page, "write", "Conditional VAE")  # each output follows, with the last values that were right
    wait_changed(page, STYLES, table)
    assert len(wait_changed(page, WRITTEN, before)) == 4
    expect_message(page, "number", "Type something first: up to 16 digits, 0 to 9")
    number.fill("\u0667\ufeff")
    wait_painted(page, WRITTEN, 1)
    expect_message(page, "number", "")
