"""The Latents tab: the explorer with its map, sliders and codes, and traversals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser.helpers import (
    EXPLORED,
    LATENT_DIM,
    MAP,
    PAD,
    POLLING,
    SCREENS,
    TRAVERSAL,
    by_role,
    choose_model,
    choose_option,
    download_image,
    drag,
    expect,
    on_phone,
    open_tab,
    outside,
    points_in,
    read_pixels,
    wait_changed,
    wait_equal,
    wait_painted,
    wait_settled,
)
from genmodels import checkpoint
from genmodels.ui.api.latents import MAP_EXTENT, MAP_SIDE, LatentEndpoints
from genmodels.ui.store import ModelStore

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SLIDERS, AXES, LEGEND, TINT = (f"#gm-latent-explorer {name}" for name in (
    ".gm-sliders", ".gm-axis", ".gm-legend", ".gm-tint"))
PROJECTOR = {"width": 1024, "height": 768}


@on_phone
def test_dragging_over_the_map_moves_two_latents(page):
    open_tab(page, "Latents")
    wait_painted(page, MAP, 1)
    middle = wait_painted(page, EXPLORED, 1)
    wait_for_map(page, "map", "vae2d")
    assert outside(page, PAD, EXPLORED, SLIDERS, AXES, LEGEND) == []
    pad, caption = page.locator(PAD), page.locator("#gm-latent-explorer .gm-caption")
    assert page.locator(MAP).evaluate("(canvas) => [canvas.width, canvas.height]") == [504, 504]
    expect(caption).to_have_text("z0 = 0.00, z1 = 0.00")
    drag(page, *points_in(pad, (0.75, 0.25), (0.75, 0.25)))
    expect(caption).to_contain_text("z0 = 1.5")
    expect(caption).to_contain_text("z1 = 1.5")
    corner = wait_changed(page, EXPLORED, middle)
    drag(page, *points_in(pad, (0.7, 0.3), (0.5, 0.6), (0.25, 0.75)))
    expect(caption).to_contain_text("z0 = \u22121.5")
    wait_changed(page, EXPLORED, corner)
    assert page.evaluate("scrollX") == 0
    pad.focus()
    page.keyboard.press("Home")
    wait_equal(page, EXPLORED, middle)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    expect(caption).to_have_text("z0 = 0.10, z1 = 0.50")
    wait_changed(page, EXPLORED, middle)


def wait_for_map(page: Page, part: str, model: str) -> None:
    """Wait until a model's map, or its tint, is painted."""
    page.locator(f"#gm-latent-explorer[data-{part}={model}], #gm-latent-explorer [data-{part}={model}]").wait_for()


def tinted_classes(page: Page) -> list[int]:
    """The class of each cell of the map, by the legend's colors."""
    return page.evaluate("""([tint, legend]) => {
        const canvas = document.querySelector(tint), items = [...document.querySelectorAll(legend + ' li')];
        const names = items.map((item) => getComputedStyle(item).backgroundColor);
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return [...Array(data.length / 4).keys()].map((cell) => (
            names.indexOf('rgb(' + data.slice(4 * cell, 4 * cell + 3).join(', ') + ')')));
    }""", [TINT, LEGEND])


@pytest.mark.slow
def test_the_map_has_axes_and_a_tint_and_is_in_sight_with_all_that_one_moves(page):
    """It is tinted by what the classifier reads."""
    open_tab(page, "Latents")
    wait_for_map(page, "tint", "vae2d")
    store = ModelStore(checkpoint.ROOT)
    images = LatentEndpoints(store).latent_grid_array("vae2d", MAP_SIDE, MAP_EXTENT)
    assert tinted_classes(page) == [label for label, _ in store.predict(images, store.get("vae2d"))]
    expect(page.locator(LEGEND + " li")).to_have_text([str(digit) for digit in range(10)])
    ticks = [str(value).replace("-", "\u2212") for value in range(-3, 4)]
    for axis, name in (("x", "z0"), ("y", "z1")):
        expect(page.locator(f"{AXES}-{axis} *")).to_have_text([name, *ticks])
    choose_model(page, "latents", "VAE of faces, 2-D")  # whose images are no digits
    wait_for_map(page, "map", "frey2d")
    expect(page.locator(TINT)).to_be_hidden()
    expect(page.locator(LEGEND)).to_be_hidden()
    expect(page.locator(f"{AXES}-x *")).to_have_text(["z0", *ticks])

    # Everything that one moves is in sight with the picture: on every screen, without scrolling, for a model of each
    # kind; all of many sliders scroll in their own box.
    choose_model(page, "latents", "VAE, 2-D")
    wait_for_map(page, "map", "vae2d")
    expect(page.locator(TINT)).to_be_visible()
    page.set_viewport_size(PROJECTOR)
    assert outside(page, PAD, EXPLORED, SLIDERS, AXES, LEGEND) == []
    assert page.locator(EXPLORED).bounding_box()["width"] > page.locator(PAD).bounding_box()["width"]
    for title in ("VAE of faces, 2-D", "InfoGAN", "GAN", "Conditional VAE"):
        before = read_pixels(page, EXPLORED)
        choose_model(page, "latents", title)
        wait_changed(page, EXPLORED, before)
        for screen in (*(screen["viewport"] for screen in SCREENS.values()), PROJECTOR):
            page.set_viewport_size(screen)
            assert outside(page, EXPLORED, SLIDERS) == [], (title, screen)
    by_role(page, "button", f"Show all {LATENT_DIM}").click()
    assert outside(page, EXPLORED, SLIDERS) == []
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].filter((heading) => heading.offsetParent)"
                           ".map((heading) => Number(heading.tagName[1]))")
    assert levels == [1, 2, 2]
    page.evaluate("document.querySelector('#gm-vary').scrollIntoView()")
    assert outside(page, "#gm-vary", "#gm-traversal-rows", "#gm-traversal .gm-grid") == []


def test_first_row_of_traversal_follows_the_explorer_and_vae_latents_are_sliders(page):
    open_tab(page, "Latents")
    before = wait_painted(page, TRAVERSAL, 50)
    drag(page, *points_in(page.locator(PAD), (0.2, 0.2), (0.2, 0.9)))
    after = wait_changed(page, TRAVERSAL, before)
    assert after[10:] == before[10:] and all(a != b for a, b in zip(after[:10], before[:10], strict=True))
    choose_model(page, "latents", "VAE")
    sliders = page.locator("#gm-latent-explorer .gm-slider:visible input")
    expect(sliders).to_have_count(12)
    expect(page.locator(PAD)).to_be_hidden()
    first = wait_painted(page, EXPLORED, 1)
    start, end = points_in(sliders.first, (0.5, 0.5), (0.95, 0.5))
    drag(page, start, end)
    assert float(sliders.first.input_value()) > 2
    wait_changed(page, EXPLORED, first)
    moved = wait_settled(page, EXPLORED)
    by_role(page, "button", "Reset", exact=True).click()
    expect(sliders.first).to_have_value("0")
    mean = wait_changed(page, EXPLORED, moved)
    by_role(page, "button", "Randomize").click()
    random = wait_changed(page, EXPLORED, mean)
    by_role(page, "button", "Reset", exact=True).click()
    wait_equal(page, EXPLORED, mean)
    sliders.nth(1).press("ArrowRight")
    expect(page.locator("#gm-latent-explorer .gm-slider output").nth(1)).to_have_text("0.01")
    by_role(page, "button", f"Show all {LATENT_DIM}").click()
    expect(sliders).to_have_count(LATENT_DIM)
    assert random != mean
    name, image = download_image(page, "PNG", "The decoded picture")
    assert name == "vae.png" and image.size == (512, 512)


def wait_unseen(page: Page, seen: set[str]) -> None:
    """Wait until the explorer's image is none of those seen before."""
    page.wait_for_function("([selector, seen]) => !seen.includes(readPixels(selector)[0])", arg=[EXPLORED, list(seen)],
                           polling=POLLING)


def test_infogan_codes_and_their_traversals(page):
    open_tab(page, "Latents")
    before = wait_painted(page, EXPLORED, 1)
    choose_model(page, "latents", "InfoGAN")
    codes = page.locator("#gm-latent-explorer .gm-categories label")
    expect(codes).to_have_count(10)
    expect(page.locator("#gm-latent-explorer .gm-slider:visible")).to_have_count(2)  # c2 and c3; the noise has a button
    seen = set(wait_changed(page, EXPLORED, before))  # of the code that is selected already
    for code in [code for code in codes.all() if not code.locator("input").is_checked()]:
        code.click()
        expect(code.locator("input")).to_be_checked()
        wait_unseen(page, seen)
        seen.add(read_pixels(page, EXPLORED)[0])
    assert len(seen) == 10
    by_role(page, "button", "New noise").click()
    wait_unseen(page, seen)
    c1 = wait_painted(page, TRAVERSAL, 50)
    expect(page.locator("#gm-traversal .gm-heading")).to_have_count(10)
    choose_option(page, "Vary", "c2")
    c2 = wait_changed(page, TRAVERSAL, c1)
    expect(page.locator("#gm-traversal .gm-heading").first).to_have_text("-2")
    assert len(c2) == 50
    page.get_by_label("range slider for Rows").focus()
    page.keyboard.press("ArrowRight")
    wait_painted(page, TRAVERSAL, 60)
