"""The Reconstruct tab: a drawing, an upload or an example through an autoencoder."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from browser.helpers import (
    LATENT_DIM,
    RESULT,
    SKETCHPAD,
    both_screens,
    choose_model,
    choose_option,
    drag,
    expect,
    expect_toast,
    open_tab,
    points_in,
    tap,
    wait_equal,
    wait_other_result,
    wait_painted,
    wait_result,
)
from genmodels import images
from genmodels.data import synthetic

pytestmark = pytest.mark.browser


@both_screens
def test_example_is_reconstructed_with_its_metrics(page):
    open_tab(page, "Reconstruct")
    expect(page.locator(RESULT)).to_contain_text("Draw something, upload a picture, or choose an example")
    tap(page.get_by_role("button", name="drawn example, 3"))
    wait_result(page)
    result = page.locator(RESULT)
    for words in ("Reconstruction error", "mean square", "KL to the prior", f"over {LATENT_DIM} latents",
                  "Classifier predicts"):
        expect(result).to_contain_text(words)
    expect(result.get_by_role("img", name="Difference map")).to_be_visible()
    three = result.inner_text()
    tap(page.get_by_role("button", name="drawn example, 8"))
    eight = wait_other_result(page, three)
    expect(page.get_by_label("Digit", exact=True)).to_be_hidden()
    choose_model(page, "reconstruct", "Conditional VAE")
    wait_other_result(page, eight)
    expect(result).to_contain_text("Conditioning label")
    choose_option(page, "Digit", "1")
    expect(result.locator("dd").last).to_have_text("1")
    choose_model(page, "reconstruct", "VAE, 2-D")
    expect(result).to_contain_text("over 2 latents")
    assert page.evaluate("scrollX") == 0


@both_screens
def test_draw_undo_and_clear(page):
    open_tab(page, "Reconstruct")
    canvas = page.locator(SKETCHPAD)
    drag(page, *points_in(canvas, (0.5, 0.15), (0.5, 0.5), (0.5, 0.85)))
    wait_result(page)
    line = page.locator(RESULT).inner_text()
    drawn = wait_painted(page, SKETCHPAD, 1)
    drag(page, *points_in(canvas, (0.2, 0.15), (0.8, 0.15)))
    wait_other_result(page, line)
    tap(page.get_by_role("button", name="Undo"))
    wait_equal(page, SKETCHPAD, drawn)
    expect(page.locator(RESULT)).to_have_text(line, use_inner_text=True)
    tap(page.get_by_role("button", name="Clear"))
    expect(page.locator(RESULT)).to_contain_text("Draw something, upload a picture")
    tap(page.get_by_role("button", name="Undo"))
    wait_equal(page, SKETCHPAD, drawn)
    wait_result(page)
    assert page.evaluate("scrollX") == 0


def digit_file(kind: str = "PNG") -> dict:
    buffer = io.BytesIO()
    Image.fromarray(255 - images.upscale(synthetic.draw_digit(5, 1), 8)).save(buffer, kind)
    return {"name": f"five.{kind.lower()}", "mimeType": f"image/{kind.lower()}", "buffer": buffer.getvalue()}


def test_uploaded_image_is_reconstructed(page):
    open_tab(page, "Reconstruct")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload a picture").click()
    chooser.value.set_files(digit_file())
    wait_result(page)
    wait_painted(page, SKETCHPAD, 1)
    png = page.locator(RESULT).inner_text()
    page.locator("#gm-sketchpad .gm-file").set_input_files(digit_file("BMP"))
    page.wait_for_timeout(300)
    expect(page.locator(RESULT)).to_have_text(png, use_inner_text=True)  # the same digit, so the same metrics


def test_unreadable_upload_shows_message(page):
    open_tab(page, "Reconstruct")
    upload, good = page.locator("#gm-sketchpad .gm-file"), digit_file()
    for content, words in ((b"I am a picture, honestly.\n", "That file is not a picture that can be read; use PNG"),
                           (good["buffer"][:300], "The picture is damaged")):
        upload.set_input_files({"name": "digit.png", "mimeType": "image/png", "buffer": content})
        expect_toast(page, words)
    upload.set_input_files(good | {"buffer": good["buffer"] + bytes(9_000_000)})
    expect(page.locator("#gm-sketchpad .gm-error")).to_have_text("The file is larger than 8 MB; choose a smaller one")
    upload.set_input_files(good)
    wait_result(page)
    expect(page.locator("#gm-sketchpad .gm-error")).to_have_text("")
