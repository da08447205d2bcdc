"""Models of photographs, 28 x 20 pixels, and models without latents to edit, among the shipped ones: in each tab."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import forbid_editing, save_photo_checkpoint

from browser.helpers import (
    ANIMATION,
    CELLS,
    CHECKPOINTS,
    DETAIL,
    EXPLORED,
    GRID,
    POLLING,
    RESULT,
    choose_model,
    download_image,
    expect,
    on_desktop,
    on_phone,
    open_tab,
    read_pixels,
    tap,
    visit,
    wait_changed,
    wait_equal,
    wait_for_decoder,
    wait_painted,
    wait_settled,
)
from browser.servers import left_behind, serve
from genmodels import images

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
PHOTOS = "VAE (photos)"
EXAMPLES = "#gm-example-strip canvas"


@pytest.fixture(scope="module")
def photo_server(browser, folder) -> Iterator[str]:
    """The address of the app on the shipped checkpoints, one of photographs, and a GAN that may not be edited."""
    root = folder / "with-photos"
    shutil.copytree(CHECKPOINTS, root, ignore=shutil.ignore_patterns(".*", "history*"))
    save_photo_checkpoint(root / "photos")
    forbid_editing(root / "gan")
    with serve(root, folder / "photos") as address:
        yield address
    assert left_behind(folder / "photos") == []


@pytest.fixture
def page(browser, photo_server, request) -> Iterator[Page]:
    with visit(browser, photo_server, getattr(request, "param", "desktop")) as page:
        yield page


def assert_portrait(image: Locator) -> None:
    """An element has the proportions of 28 x 20 pixels."""
    box = image.bounding_box()
    assert box["height"] / box["width"] == pytest.approx(28 / 20, rel=0.03)


@pytest.mark.slow
@on_desktop
def test_samples_and_walks_keep_their_proportions(page):
    before = wait_painted(page, GRID, 36)
    choose_model(page, "sample", PHOTOS)
    wait_changed(page, GRID, before)
    pixels = np.array([list(base64.b64decode(text)) for text in wait_painted(page, GRID, 36)], np.uint8)
    cell = page.locator(CELLS).nth(7)
    assert_portrait(cell)
    assert page.locator("#gm-samples .gm-grid").bounding_box()["height"] < 0.7 * page.viewport_size["height"]
    tap(cell)
    expect(page.locator(DETAIL)).to_contain_text("0, picture 7")
    expect(page.locator(DETAIL)).not_to_contain_text("Classifier")
    assert_portrait(page.locator(DETAIL + " img").first)
    _, sheet = download_image(page, "PNG", "Samples")
    assert sheet.size == ((2 + 6 * 22) * 8, (2 + 6 * 30) * 8)
    shown = np.asarray(sheet.convert("L"))[4::8, 4::8]
    assert (shown == images.make_grid(pixels.reshape(36, 28, 20), 6)).all()
    tap(page.get_by_role("button", name="Walk through latent space"))
    tap(page.get_by_role("button", name="Walk", exact=True))
    expect(page.locator(ANIMATION)).to_be_visible()
    assert_portrait(page.locator(ANIMATION))
    assert download_image(page, "GIF", "A walk")[1].size == (160, 224)
    assert page.evaluate("scrollX") == 0


@pytest.mark.slow
def test_truncation_and_walk_are_hidden_where_they_would_do_nothing(page):
    before = wait_painted(page, GRID, 36)
    truncation = page.get_by_role("slider", name="Truncation")
    truncation.press("Home")
    page.wait_for_function("(selector) => new Set(readPixels(selector)).size === 1", arg=GRID,
                           polling=POLLING)
    one = wait_settled(page, GRID)
    choose_model(page, "sample", "GAN")
    expect(page.get_by_text("Truncation and walks are left out")).to_be_visible()
    expect(truncation).to_be_hidden()
    expect(page.get_by_role("button", name="Walk through latent space")).to_be_hidden()
    assert len(set(wait_changed(page, GRID, one))) == 36
    choose_model(page, "sample", "DCGAN")
    expect(page.get_by_role("button", name="Walk through latent space")).to_be_visible()
    wait_equal(page, GRID, one)
    truncation.press("End")
    wait_equal(page, GRID, before)
    open_tab(page, "Latents")
    expect(page.locator("#gm-latents-model input:visible").first).to_be_attached()
    expect(page.locator("#gm-latents-model").get_by_role("radio", name="GAN", exact=True)).to_have_count(0)


@pytest.mark.slow
@on_phone
def test_examples_follow_the_model_and_the_explorer_decodes_photographs_in_the_page(page):
    open_tab(page, "Reconstruct")
    expect(page.get_by_role("button", name="drawn example, 3")).to_be_visible()
    choose_model(page, "reconstruct", PHOTOS)
    expect(page.get_by_role("button", name="drawn example, 3")).to_have_count(0)
    examples = wait_painted(page, EXAMPLES, 10)
    assert_portrait(page.locator(EXAMPLES).first)
    tap(page.get_by_role("button", name="sample 3 of VAE"))
    result = page.locator(RESULT)
    expect(result).to_contain_text("Input as the model sees it, 20 x 28")
    given = result.locator("img").first
    assert_portrait(given)
    seen = given.evaluate("""async (img) => {
        await img.decode();
        const canvas = document.createElement('canvas'), context = canvas.getContext('2d');
        [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
        context.drawImage(img, 0, 0);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        return btoa(String.fromCharCode(...data.filter((_, i) => i % 4 === 0)));
    }""")
    assert seen == examples[2]
    expect(result).not_to_contain_text("Classifier predicts")
    choose_model(page, "reconstruct", "VAE")
    expect(page.get_by_role("button", name="drawn example, 3")).to_be_visible()
    tap(page.get_by_role("button", name="drawn example, 3"))
    expect(result).to_contain_text("Input as the model sees it, 28 x 28")
    three = read_pixels(page, "#gm-sketchpad .gm-canvas")
    choose_model(page, "reconstruct", PHOTOS)
    expect(result).to_contain_text("Input as the model sees it, 20 x 28")  # a digit has an answer, too
    assert read_pixels(page, "#gm-sketchpad .gm-canvas") == three and page.evaluate("scrollX") == 0
    open_tab(page, "Latents")  # which shows the model that was chosen
    expect(page.locator("#gm-latent-explorer .gm-slider:visible")).to_have_count(4)
    wait_painted(page, EXPLORED, 1)
    wait_for_decoder(page)
    assert_portrait(page.locator(EXPLORED))
