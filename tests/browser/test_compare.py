"""Compare: models are chosen, the digit changes, and a link shows the same."""

from __future__ import annotations

import pytest

from browser.helpers import by_role, expect, read_pixels, tap, visit

pytestmark = pytest.mark.browser

DRAWN = "#gm-comparison[data-drawn='{0}'], #gm-comparison [data-drawn='{0}']"


def test_a_digit_is_drawn_by_the_models_that_are_chosen_and_its_link_shows_the_same(browser, server):
    with visit(browser, server, "phone", "#a=compare&digit=7&models=dcgan,cgan") as page:
        page.wait_for_selector(DRAWN.format("dcgan,cgan"), state="attached")
        note = page.locator("#gm-comparison tr[data-model=dcgan] .gm-compare-images p")
        expect(note).to_contain_text("cannot be told the digit: 8 of the first")
        expect(page.locator("#gm-comparison tr[data-model=cgan]")).to_contain_text("are read as 7")
        tap(by_role(page, "button", "VAE", exact=True))
        page.wait_for_selector(DRAWN.format("dcgan,cgan,vae"), state="attached")
        expect(page.locator("#gm-comparison tr[data-model=vae]")).to_contain_text("Nats per digit")
        tap(by_role(page, "button", "2", exact=True))
        expect(note).to_contain_text("are read as 2")
        page.wait_for_selector(DRAWN.format("dcgan,cgan,vae"), state="attached")
        page.wait_for_function("location.hash.includes('digit=2&models=dcgan,cgan,vae')")
        shown = read_pixels(page, "#gm-comparison canvas")
        page.reload()
        page.wait_for_selector(DRAWN.format("dcgan,cgan,vae"), state="attached")
        assert read_pixels(page, "#gm-comparison canvas") == shown
