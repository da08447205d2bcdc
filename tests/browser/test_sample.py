"""The Sample tab: grids of samples, one image in detail, walks through latent space."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

from browser.helpers import (
    ANIMATION,
    CELLS,
    DETAIL,
    GRID,
    POLLING,
    by_role,
    choose_model,
    choose_option,
    download_image,
    expect,
    expect_message,
    on_phone,
    read_pixels,
    start_over,
    tap,
    visit,
    wait_changed,
    wait_equal,
    wait_painted,
)
from genmodels import images

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
own_visit = pytest.mark.parametrize("page", ["desktop"], indirect=True)


@pytest.fixture(scope="module")
def first_grid(visitor) -> list[str]:
    return wait_painted(visitor, GRID, 36)


@pytest.fixture
def page(browser, server, request) -> Iterator[Page]:
    """A new visitor's page where a test asks for a screen; else the one of all others here, with its first grid."""
    if hasattr(request, "param"):
        with visit(browser, server, request.param) as page:
            yield page
        return
    first, page = request.getfixturevalue("first_grid"), request.getfixturevalue("visitor")
    start_over(page, "sample")
    wait_equal(page, GRID, first)
    yield page


@on_phone
def test_choosing_a_model_shows_its_samples(page):
    expect(page).to_have_title("Generative models, hands on")
    first = wait_painted(page, GRID, 36)
    assert len(set(first)) > 30
    choose_model(page, "sample", "Conditional GAN")
    second = wait_changed(page, GRID, first)
    expect(page.get_by_text("Mirza & Osindero").locator("visible=true")).to_have_count(1)
    expect(by_role(page, "button", "Conditional GAN, picture 3, 3")).to_have_count(1)
    choose_model(page, "sample", "VAE")
    wait_changed(page, GRID, second)
    page.get_by_label("number input for Pictures").fill("100")
    page.get_by_label("number input for Pictures").press("Enter")
    wait_painted(page, GRID, 100)
    assert page.evaluate("scrollX") == 0


@pytest.mark.slow
def test_same_seed_gives_same_images(page):
    seed = by_role(page, "textbox", "Seed")
    zero = wait_painted(page, GRID, 36)
    seed.fill("7")
    seed.press("Enter")
    seven = wait_changed(page, GRID, zero)
    seed.fill("0")
    seed.press("Enter")
    wait_equal(page, GRID, zero)
    seed.fill(" 7 ")
    seed.press("Tab")
    wait_equal(page, GRID, seven)
    by_role(page, "button", "New seed").click()
    new = wait_changed(page, GRID, seven)
    typed = seed.input_value()
    assert 0 <= int(typed) < 2**32 and typed != "7"
    seed.fill("0")
    seed.press("Enter")
    wait_equal(page, GRID, zero)
    seed.fill(typed)
    seed.press("Enter")
    wait_equal(page, GRID, new)


def test_invalid_seed_shows_message_and_keeps_images(page):
    before = wait_painted(page, GRID, 36)
    seed = by_role(page, "textbox", "Seed")
    for text in ("abc", "", "-1", "1.5", "4294967296", "<img src=//example.org>"):
        seed.fill(text)
        seed.press("Enter")
        expect_message(page, "sample-seed", f"A seed is a whole number from 0 to 4294967295, not '{text}'")
    assert read_pixels(page, GRID) == before
    tap(page.locator(CELLS).nth(7))  # all else goes on with the last seed that was right
    expect(page.locator(DETAIL)).to_contain_text("0, picture 7")
    choose_model(page, "sample", "GAN")
    other = wait_changed(page, GRID, before)
    seed.fill("\uff11\u200b")
    wait_changed(page, GRID, other)
    expect_message(page, "sample-seed", "")


def test_numbers_are_dragged_or_typed(page):
    wait_painted(page, GRID, 36)
    typed, dragged = (page.get_by_label(f"{kind} for Pictures") for kind in ("number input", "range slider"))
    for text in ("1,000", "2.5", ""):
        typed.fill(text)
        expect(page.locator("#gm-count [role=alert]")).to_contain_text(f"from 1 to 100, not '{text}'")
    typed.blur()
    expect_message(page, "count", re.compile("^The number of pictures must be from 1 to 100, not ''"))
    assert len(read_pixels(page, GRID)) == 36
    typed.fill("\u0662\u0660")
    wait_painted(page, GRID, 20)
    expect_message(page, "count", "")
    assert dragged.input_value() == "20"
    typed.fill("x")
    dragged.press("ArrowRight")
    wait_painted(page, GRID, 21)
    expect(typed).to_have_value("21")
    expect_message(page, "count", "")


def test_valid_seed_right_after_invalid_one_is_applied(page):
    before = wait_painted(page, GRID, 36)
    seed = by_role(page, "textbox", "Seed")
    page.route("**/component_server**", lambda route: (page.wait_for_timeout(500), route.continue_()), times=1)
    with page.expect_request("**/component_server**"):
        seed.fill("abc")
    seed.fill("1")
    wait_changed(page, GRID, before)
    page.wait_for_timeout(600)  # the answer to the first comes last
    expect_message(page, "sample-seed", "")


@own_visit  # after which the page draws its grids itself
def test_truncation_and_count_by_keyboard(page):
    before = wait_painted(page, GRID, 36)
    truncation = page.get_by_role("slider", name="Truncation")
    truncation.focus()
    truncation.press("ArrowLeft")
    near = wait_changed(page, GRID, before)
    truncation.press("Home")
    page.wait_for_function("(selector) => new Set(readPixels(selector)).size === 1", arg=GRID,
                           polling=POLLING)
    truncation.press("End")
    page.wait_for_function("""([selector, before]) => readPixels(selector).every((text, i) => {
        const [now, then] = [atob(text), atob(before[i])];
        return [...now].every((c, k) => Math.abs(c.charCodeAt() - then.charCodeAt(k)) <= 1);
    })""", arg=[GRID, before], polling=POLLING)
    assert len(set(near)) == 36
    count = page.get_by_label("range slider for Pictures")
    count.focus()
    count.press("ArrowRight")
    assert wait_painted(page, GRID, 37)[:36] == before


def test_selecting_an_image_shows_its_details(page):
    wait_painted(page, GRID, 36)
    tap(page.locator(CELLS).nth(7))
    detail = page.locator(DETAIL)
    expect(detail).to_contain_text("0, picture 7")
    expect(detail).to_contain_text("Discriminator")
    expect(detail).to_contain_text("Classifier predicts")
    expect(detail.get_by_role("img", name="Picture 7 of seed 0, enlarged")).to_be_visible()
    assert detail.locator("img").first.evaluate("async (img) => { await img.decode(); return img.naturalWidth; }") == 28
    choose_model(page, "sample", "VAE")
    expect(detail).not_to_contain_text("Discriminator")  # a VAE has none
    expect(detail).to_contain_text("0, picture 7")


def test_images_are_selected_by_keyboard(page):
    wait_painted(page, GRID, 36)
    page.locator(CELLS).first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator(CELLS).nth(7)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(DETAIL)).to_contain_text("0, picture 7")
    expect(page.locator(CELLS).nth(7)).to_have_attribute("aria-pressed", "true")


def test_category_dropdown_of_conditional_models(page):
    wait_painted(page, GRID, 36)
    expect(by_role(page, "combobox", "Digit")).to_have_count(0)
    choose_model(page, "sample", "Conditional VAE")
    choose_option(page, "Digit", "5")
    last = page.locator(CELLS).nth(35)
    expect(last).to_have_attribute("aria-label", "Conditional VAE, picture 35, 5")
    choose_model(page, "sample", "GAN")
    expect(last).to_have_attribute("aria-label", "GAN, picture 35")
    expect(by_role(page, "combobox", "Digit")).to_have_count(0)


def test_downloaded_grid_matches_the_screen(page):
    pixels = np.array([list(base64.b64decode(text)) for text in wait_painted(page, GRID, 36)], np.uint8)
    name, sheet = download_image(page, "PNG", "Samples")
    assert name == "dcgan-seed-0.png" and sheet.format == "PNG" and sheet.size == (1456, 1456)
    gray = np.asarray(sheet.convert("L"))[4::8, 4::8]
    assert (gray == images.make_grid(pixels.reshape(36, 28, 28), 6)).all()


@on_phone
def test_walk_plays_pauses_and_downloads(page):
    wait_painted(page, GRID, 36)
    tap(page.get_by_role("button", name="Walk through latent space"))
    tap(page.get_by_role("button", name="Walk", exact=True))
    expect(page.locator(ANIMATION)).to_be_visible()
    wait_changed(page, ANIMATION, wait_changed(page, ANIMATION, read_pixels(page, ANIMATION)))
    tap(page.get_by_role("button", name="Pause"))
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    paused = read_pixels(page, ANIMATION)
    page.wait_for_timeout(150)  # almost four frames
    assert read_pixels(page, ANIMATION) == paused
    frame = page.get_by_role("slider", name="Frame", exact=True)
    frame.focus()
    frame.press("End")
    expect(frame).to_have_attribute("aria-valuetext", "frame 80 of 80")
    tap(page.get_by_role("button", name="Play"))
    wait_changed(page, ANIMATION, read_pixels(page, ANIMATION))
    name, gif = download_image(page, "GIF", "A walk")
    assert name == "walk.gif" and gif.format == "GIF" and gif.n_frames > 20 and gif.size == (224, 224)
