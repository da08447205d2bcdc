"""The Reconstruct tab: a drawing, an upload or an example through an autoencoder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from conftest import shipped_with
from PIL import Image

from browser.helpers import (
    LATENT_DIM,
    RESULT,
    SKETCHPAD,
    choose_model,
    choose_option,
    drag,
    expect,
    on_desktop,
    on_phone,
    open_tab,
    phone_only,
    points_in,
    read_pixels,
    start_over,
    tap,
    visit,
    wait_changed,
    wait_equal,
    wait_other_result,
    wait_painted,
    wait_result,
)
from browser.pictures import DIGIT, TWO_DIGITS, UNREADABLE, file_of, give, upload, wait_read
from genmodels import registry

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
own_visit = pytest.mark.parametrize("page", ["desktop"], indirect=True)


@pytest.fixture
def page(browser, server, request) -> Iterator[Page]:
    """A new visitor's page where a test asks for a screen; else the one of all others here, with nothing drawn."""
    if hasattr(request, "param"):
        with visit(browser, server, request.param) as page:
            yield page
        return
    page = request.getfixturevalue("visitor")
    start_over(page, "reconstruct")
    if page.locator(RESULT).locator("img").count():
        page.get_by_role("button", name="Clear").click()
    expect(page.locator(RESULT)).to_contain_text("Draw something, upload a picture, or choose an example")
    yield page


@on_desktop
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
    choose_option(page, "Show", "all models side by side")
    alike = [name for name in shipped_with("reconstruct") if registry.CHECKPOINTS[name].dataset == "mnist"]
    expect(result.locator("section")).to_have_count(1 + len(alike))
    expect(result.locator("section.gm-chosen")).to_contain_text("2 numbers kept")
    assert page.evaluate("scrollX") == 0


@on_phone
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


def test_pictures_come_from_a_file_the_clipboard_or_by_dropping(page):
    open_tab(page, "Reconstruct")
    paper = Image.fromarray(255 - DIGIT)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload a picture").click()
    chooser.value.set_files(file_of(paper))
    read, shown = wait_read(page), wait_painted(page, SKETCHPAD, 1)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<input id=field-of-a-host>')")
    assert not give(page, "paste", file_of(paper), "#field-of-a-host")
    for how in ("paste", "drop"):
        upload(page, file_of(Image.new("L", (200, 200), 255)))  # a result never stays beside another picture
        expect(page.locator(RESULT).get_by_role("alert")).to_have_text("There is no ink in the picture")
        assert give(page, how, file_of(paper, "bmp"))
        expect(page.locator(RESULT)).to_have_text(read, use_inner_text=True)  # the same digit, so the same metrics
    canvas = page.locator(SKETCHPAD)
    canvas.click(button="right")
    assert read_pixels(page, SKETCHPAD) == shown
    canvas.click()
    wait_other_result(page, read)
    tap(page.get_by_role("button", name="Undo"))
    wait_equal(page, SKETCHPAD, shown)
    expect(page.locator(RESULT)).to_have_text(read, use_inner_text=True)  # its ink, too: the picture itself is sent


@pytest.mark.slow
@own_visit  # whose script it changes
def test_a_picture_that_is_read_slowly_does_not_replace_what_was_chosen_since(page):
    open_tab(page, "Reconstruct")
    page.evaluate("""() => {
        const decode = HTMLImageElement.prototype.decode, held = new Promise((done) => { window.release = done; });
        HTMLImageElement.prototype.decode = async function () { await held; return decode.call(this); };
    }""")
    upload(page, file_of(Image.fromarray(255 - DIGIT)))
    tap(page.get_by_role("button", name="drawn example, 3"))
    wait_result(page)
    three = wait_painted(page, SKETCHPAD, 1)
    page.evaluate("release()")
    page.wait_for_timeout(200)
    assert read_pixels(page, SKETCHPAD) == three
    expect(page.locator(RESULT)).to_contain_text("3 (")


@pytest.mark.slow
def test_large_pictures_are_shrunk_and_others_sent_as_the_browser_shows_them(page):
    open_tab(page, "Reconstruct")
    bodies = []
    page.on("request", lambda request: bodies.append(len(request.post_data or "")) if "join" in request.url else None)
    large = Image.new("L", (6000, 4000), 230)
    large.paste(Image.fromarray(230 - DIGIT // 2).resize((1792, 1792)), (2200, 900))
    upload(page, file_of(large, "jpeg"))
    wait_read(page)
    assert 0 < max(bodies) < 1_000_000
    drawn = wait_painted(page, SKETCHPAD, 1)
    svg = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 60">
        <path d="M30 8H14L12 28Q28 20 29 38Q28 52 10 50" fill="none" stroke="black" stroke-width="5"/></svg>"""
    ink = Image.fromarray(DIGIT)
    black, white = (Image.merge("LA", [Image.new("L", ink.size, level), ink]) for level in (0, 255))
    corners = []
    for file in (file_of(svg, "svg"), file_of(black), file_of(white)):
        upload(page, file)
        drawn = wait_changed(page, SKETCHPAD, drawn)
        wait_read(page)
        corners.append(page.evaluate("""(selector) => (
            [...document.querySelector(selector).getContext('2d').getImageData(140, 2, 1, 1).data])""", SKETCHPAD))
    assert corners == [[255] * 4, [255] * 4, [0, 0, 0, 255]]  # dark ink is seen on white, light ink on black


def test_of_several_digits_one_is_chosen(page):
    open_tab(page, "Reconstruct")
    upload(page, file_of(TWO_DIGITS))
    result, pieces = page.locator(RESULT), page.get_by_role("group", name="There are 2 digits in the picture")
    expect(pieces.get_by_role("button")).to_have_count(3)
    expect(result.locator("img")).to_have_count(0)
    tap(pieces.get_by_role("button", name="All of it as one digit"))
    wait_result(page)
    tap(pieces.get_by_role("button", name="Digit 2 of 2"))
    expect(result).to_contain_text("5 (")
    expect(pieces).to_be_visible()  # for another choice
    tap(page.get_by_role("button", name="drawn example, 3"))
    expect(pieces).to_be_hidden()
    expect(result).to_contain_text("3 (")


def test_unreadable_upload_shows_message(page):
    open_tab(page, "Reconstruct")
    error, good = page.locator("#gm-sketchpad .gm-error"), file_of(Image.fromarray(255 - DIGIT))
    upload(page, good)
    read = wait_read(page)
    upload(page, UNREADABLE)
    expect(error).to_have_text("That file is not a picture that can be read; use PNG, JPEG, WebP, GIF or BMP")
    expect(page.locator(RESULT)).to_have_text(read, use_inner_text=True)
    upload(page, good | {"buffer": good["buffer"][:300]})  # Chromium shows what there is
    expect(page.locator(RESULT).get_by_role("alert")).to_contain_text("The picture is damaged")
    expect(page.locator(RESULT).locator("img")).to_have_count(0)
    upload(page, good | {"buffer": good["buffer"] + bytes(9_000_000)})  # too large for the server, but not as a JPEG
    expect(error).to_have_text("")
    wait_read(page)


@pytest.mark.slow
@phone_only
def test_a_second_finger_does_not_join_the_stroke(page):
    open_tab(page, "Reconstruct")
    pad, session = page.locator(SKETCHPAD), page.context.new_cdp_session(page)
    pad.scroll_into_view_if_needed()
    first, second, up = points_in(pad, (0.3, 0.2), (0.8, 0.8), (0.3, 0.8))

    def touch(kind: str, *points: tuple[float, float]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [
            {"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]})

    touch("touchStart", first)
    touch("touchStart", first, second)
    touch("touchMove", up, second)
    touch("touchEnd", up)
    touch("touchEnd")
    wait_result(page)
    bright = page.evaluate("""(selector) => [84, 224].map((x) => (
        document.querySelector(selector).getContext('2d').getImageData(x, 140, 1, 1).data[0]))""", SKETCHPAD)
    assert bright == [255, 0]
