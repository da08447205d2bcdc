"""The app in a real browser, used as a visitor uses it, on a desk and on a phone.

One server and one browser serve all tests; each test is a new visitor. Any error in the console, any script error and
any request to another host fails the test in which it happens.
"""

from __future__ import annotations

import base64
import io
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

import genmodels
from genmodels import checkpoint, images, strokes

try:
    from playwright.sync_api import Browser, Error, Locator, Page, expect, sync_playwright
except ImportError:
    sync_playwright = None

pytestmark = pytest.mark.browser

CHECKPOINTS = checkpoint.ROOT  # what the app serves here
LATENTS = checkpoint.read_card("vae").config["latent_dim"]
PATIENCE = 30_000  # milliseconds that anything may take
START = 100  # seconds that the server may take to answer
SCREENS = {
    "desk": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
SERVE = """
import sys
from pathlib import Path
from genmodels.ui import build_demo
build_demo(Path(sys.argv[1])).launch(server_name="127.0.0.1", server_port=int(sys.argv[2]), quiet=True)
"""
HELPERS = """
// Grey levels of all canvases that a selector finds, one text each.
window.look = (selector) => [...document.querySelectorAll(selector)].map((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let text = '';
  for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(data[i]);
  return btoa(text);
});
"""
both = pytest.mark.parametrize("page", SCREENS, indirect=True)
phone = pytest.mark.parametrize("page", ["phone"], indirect=True)

GRID, DETAIL, BOARD, TRAVERSAL = "#gm-samples canvas", "#gm-detail", "#gm-board .gm-picture", "#gm-traversal canvas"
WRITTEN, STYLES, RESULT, FILM = "#gm-written canvas", "#gm-styles canvas", "#gm-result", "#gm-film canvas"


# ---- One server, one browser, a page for each test


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=10):
            return True
    except (URLError, TimeoutError):
        return False


@contextmanager
def serving(root: Path, folder: Path) -> Iterator[str]:
    """The app on a folder of checkpoints in a process of its own; its log and temporary files go to ``folder``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, temporary = f"http://127.0.0.1:{port}/", folder / "temporary"
    temporary.mkdir(parents=True)
    env = os.environ | {"GRADIO_TEMP_DIR": str(temporary), "TMPDIR": str(temporary), "OMP_NUM_THREADS": "1",
                        "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-c", SERVE, root, str(port)], cwd=ROOT, env=env, stdout=log,
                                  stderr=log)
    try:
        deadline = time.monotonic() + START
        while not answers(address):
            assert server.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    def absent(reason: str) -> None:
        (pytest.fail if os.environ.get("GENMODELS_REQUIRE_BROWSER") == "1" else pytest.skip)(reason)

    if sync_playwright is None:
        absent("playwright is not installed")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        names = ("chromium", "chromium-browser", "google-chrome")
        try:
            browser = playwright.chromium.launch(executable_path=next(filter(None, map(shutil.which, names)), None))
        except Error as error:
            absent(f"no Chromium: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(browser, folder) -> Iterator[str]:
    with serving(CHECKPOINTS, folder / "whole") as address:
        yield address


@contextmanager
def visiting(browser: Browser, address: str, screen: str = "desk", path: str = "") -> Iterator[Page]:
    """A new visitor's page; in the end nothing may have gone wrong in it, and nothing left this machine."""
    troubles = []
    context = browser.new_context(**SCREENS[screen], accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(HELPERS)
    context.on("request", lambda r: troubles.append(f"request to {r.url}") if r.url.startswith("http") and not
               r.url.startswith(address) else None)
    context.on("console", lambda m: troubles.append(f"console: {m.text} {m.location}") if m.type == "error" else None)
    context.on("weberror", lambda e: troubles.append(f"script: {e.error}"))
    page = context.new_page()
    # The first pictures are painted before gradio listens; what it posts by itself after that says that it does.
    with page.expect_request(lambda request: request.method == "POST"):
        page.goto(address + path)
    yield page
    context.close()
    assert troubles == []


@pytest.fixture
def page(browser, server, request) -> Iterator[Page]:
    with visiting(browser, server, getattr(request, "param", "desk")) as page:
        yield page


def look(page: Page, selector: str) -> list[str]:
    return page.evaluate("(selector) => look(selector)", selector)


def painted(page: Page, selector: str, count: int) -> list[str]:
    """The pictures, once there are ``count`` of them and none is all black."""
    page.wait_for_function("""([selector, count]) => {
        const seen = look(selector);
        return seen.length === count && seen.every((text) => /[^\\0]/.test(atob(text)));
    }""", arg=[selector, count])
    return look(page, selector)


def changed(page: Page, selector: str, before: list[str]) -> list[str]:
    """The pictures, once they differ from those before."""
    page.wait_for_function("([selector, before]) => look(selector).join() !== before.join()", arg=[selector, before])
    return look(page, selector)


def becomes(page: Page, selector: str, wanted: list[str]) -> None:
    """Wait until the pictures are the wanted ones, byte for byte."""
    page.wait_for_function("([selector, wanted]) => look(selector).join() === wanted.join()", arg=[selector, wanted])


def rested(page: Page, selector: str) -> list[str]:
    """The pictures, once they have been the same for a moment."""
    page.wait_for_function("""(selector) => {
        const now = look(selector).join(), same = window.before === now;
        window.before = now;
        return same;
    }""", arg=selector, polling=300)
    return look(page, selector)


def press(target: Locator) -> None:
    """Click, or tap where there is no mouse."""
    if target.page.viewport_size["width"] < 500:
        target.tap()
    else:
        target.click()


def visible(page: Page, role: str, name: str, **options: object) -> Locator:
    return page.get_by_role(role, name=name, **options).locator("visible=true")


def open_tab(page: Page, name: str) -> None:
    press(page.get_by_role("tab", name=name))


def choose(page: Page, part: str, title: str) -> None:
    """Choose a model in a tab, by its title."""
    press(page.locator(f"#gm-{part}-model label", has=page.get_by_text(title, exact=True)))


def message(page: Page, words: str) -> None:
    expect(page.get_by_test_id("toast-text").filter(has_text=words).first).to_be_visible()


def downloaded(page: Page, button: Locator) -> tuple[str, Image.Image]:
    """Name and picture of a file that a button gives."""
    with page.expect_download() as download:
        press(button)
    return download.value.suggested_filename, Image.open(io.BytesIO(Path(download.value.path()).read_bytes()))


def drag(page: Page, *points: tuple[float, float]) -> None:
    """With the mouse, or a finger where there is none, along points of the page."""
    if page.viewport_size["width"] >= 500:
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=4)
        page.mouse.up()
        return
    session = page.context.new_cdp_session(page)
    for kind, point in [("touchStart", points[0]), *(("touchMove", p) for p in points[1:]), ("touchEnd", None)]:
        touches = [] if point is None else [{"x": point[0], "y": point[1]}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
        page.wait_for_timeout(50)  # a finger is no faster; after a jerk the browser would swallow the next tap
    session.detach()


def within(target: Locator, *places: tuple[float, float]) -> list[tuple[float, float]]:
    """Points of the page at fractions of an element's width and height."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    return [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in places]


# ---- Sample


@both
def test_sample_shows_pictures_of_whatever_model_is_chosen(page):
    expect(page).to_have_title("Generative models, hands on")
    first = painted(page, GRID, 36)
    assert len(set(first)) > 30
    choose(page, "sample", "Conditional GAN")
    second = changed(page, GRID, first)
    expect(page.get_by_text("Mirza & Osindero").locator("visible=true")).to_have_count(1)
    expect(visible(page, "button", "Conditional GAN, picture 3, 3")).to_have_count(1)
    choose(page, "sample", "VAE")
    changed(page, GRID, second)
    page.get_by_label("number input for Pictures").fill("100")
    page.get_by_label("number input for Pictures").press("Enter")
    painted(page, GRID, 100)
    assert page.evaluate("scrollX") == 0


def test_a_seed_gives_the_same_pictures_again(page):
    seed = visible(page, "textbox", "Seed")
    zero = painted(page, GRID, 36)
    seed.fill("7")
    seed.press("Enter")
    seven = changed(page, GRID, zero)
    seed.fill("0")
    seed.press("Enter")
    becomes(page, GRID, zero)
    seed.fill(" 7 ")
    seed.press("Tab")
    becomes(page, GRID, seven)
    visible(page, "button", "New seed").click()
    new = changed(page, GRID, seven)
    typed = seed.input_value()
    assert 0 <= int(typed) < 2**32 and typed != "7"
    page.reload()
    painted(page, GRID, 36)
    visible(page, "textbox", "Seed").fill(typed)
    visible(page, "textbox", "Seed").press("Enter")
    becomes(page, GRID, new)


def test_a_bad_seed_is_named_on_screen_and_the_pictures_stay(page):
    before = painted(page, GRID, 36)
    seed = visible(page, "textbox", "Seed")
    for text in ("abc", "", "-1", "1.5", "4294967296", "<img src=https://example.org/x.png>"):
        seed.fill(text)
        seed.press("Enter")
        message(page, f"A seed is a whole number from 0 to 4294967295, not '{text[:1].replace('<', '‹')}")
    assert look(page, GRID) == before
    seed.fill("1")
    seed.press("Enter")
    changed(page, GRID, before)


def test_a_seed_that_follows_a_bad_one_at_once_is_not_lost(page):
    before = painted(page, GRID, 36)
    seed = visible(page, "textbox", "Seed")
    page.route("**/queue/join*", lambda route: (page.wait_for_timeout(500), route.continue_()), times=1)
    seed.fill("abc")
    with page.expect_request("**/queue/join*"):  # no hand is so quick that the page has not yet read what it sends
        seed.press("Enter")
    seed.fill("1")
    seed.press("Enter")
    message(page, "A seed is a whole number")
    changed(page, GRID, before)


def test_truncation_and_count_by_keyboard(page):
    before = painted(page, GRID, 36)
    truncation = page.get_by_role("slider", name="Truncation")
    truncation.focus()
    truncation.press("ArrowLeft")
    near = changed(page, GRID, before)
    truncation.press("Home")
    page.wait_for_function("(selector) => new Set(look(selector)).size === 1", arg=GRID)
    truncation.press("End")
    becomes(page, GRID, before)
    assert len(set(near)) == 36
    count = page.get_by_label("range slider for Pictures")
    count.focus()
    count.press("ArrowRight")
    assert painted(page, GRID, 37)[:36] == before


@both
def test_a_picture_is_looked_at_closely(page):
    painted(page, GRID, 36)
    press(page.locator("#gm-samples .gm-cell").nth(7))
    detail = page.locator(DETAIL)
    expect(detail).to_contain_text("0, picture 7")
    expect(detail).to_contain_text("Discriminator")
    expect(detail).to_contain_text("Classifier predicts")
    expect(detail.get_by_role("img", name="Picture 7 of seed 0, enlarged")).to_be_visible()
    assert detail.locator("img").first.evaluate("async (img) => { await img.decode(); return img.naturalWidth; }") == 28
    choose(page, "sample", "VAE")
    expect(detail).not_to_contain_text("picture 7")


def test_pictures_are_chosen_by_keyboard(page):
    painted(page, GRID, 36)
    page.locator("#gm-samples .gm-cell").first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator("#gm-samples .gm-cell").nth(7)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(DETAIL)).to_contain_text("0, picture 7")
    expect(page.locator("#gm-samples .gm-cell").nth(7)).to_have_attribute("aria-pressed", "true")


def test_categories_of_a_conditional_model(page):
    painted(page, GRID, 36)
    expect(visible(page, "combobox", "Digit")).to_have_count(0)
    choose(page, "sample", "Conditional VAE")
    visible(page, "combobox", "Digit").click()
    page.get_by_role("option", name="5", exact=True).click()
    last = page.locator("#gm-samples .gm-cell").nth(35)
    expect(last).to_have_attribute("aria-label", "Conditional VAE, picture 35, 5")
    choose(page, "sample", "GAN")
    expect(last).to_have_attribute("aria-label", "GAN, picture 35")
    expect(visible(page, "combobox", "Digit")).to_have_count(0)


def test_the_grid_is_downloaded_as_it_is_seen(page):
    pictures = np.array([list(base64.b64decode(text)) for text in painted(page, GRID, 36)], np.uint8)
    name, sheet = downloaded(page, page.locator("#gm-samples .gm-save"))
    assert name == "dcgan-seed-0.png" and sheet.format == "PNG" and sheet.size == (1456, 1456)
    grey = np.asarray(sheet.convert("L"))[4::8, 4::8]
    assert (grey == images.grid(pictures.reshape(36, 28, 28), 6)).all()


@both
def test_a_walk_plays_pauses_and_is_downloaded(page):
    painted(page, GRID, 36)
    press(page.get_by_role("button", name="Walk through latent space"))
    press(page.get_by_role("button", name="Walk", exact=True))
    expect(page.locator(FILM)).to_be_visible()
    changed(page, FILM, changed(page, FILM, look(page, FILM)))
    press(page.get_by_role("button", name="Pause"))
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    still = look(page, FILM)
    page.wait_for_timeout(200)
    assert look(page, FILM) == still
    frame = page.get_by_role("slider", name="Frame", exact=True)
    frame.focus()
    frame.press("End")
    expect(frame).to_have_attribute("aria-valuetext", "frame 80 of 80")
    press(page.get_by_role("button", name="Play"))
    changed(page, FILM, look(page, FILM))
    name, film = downloaded(page, page.get_by_role("button", name="Download GIF"))
    assert name == "walk.gif" and film.format == "GIF" and film.n_frames > 20 and film.size == (224, 224)


# ---- Latents


@both
def test_the_map_of_two_latents_is_dragged_over(page):
    open_tab(page, "Latents")
    painted(page, "#gm-board .gm-map", 1)
    middle = painted(page, BOARD, 1)
    pad, caption = page.locator("#gm-board .gm-pad"), page.locator("#gm-board .gm-caption")
    assert pad.locator("canvas").evaluate("(canvas) => [canvas.width, canvas.height]") == [504, 504]
    expect(caption).to_have_text("z0 = 0.00, z1 = 0.00")
    drag(page, *within(pad, (0.75, 0.25), (0.75, 0.25)))
    expect(caption).to_contain_text("z0 = 1.5")
    expect(caption).to_contain_text("z1 = 1.5")
    corner = changed(page, BOARD, middle)
    drag(page, *within(pad, (0.7, 0.3), (0.5, 0.6), (0.25, 0.75)))
    expect(caption).to_contain_text("z0 = \u22121.5")
    changed(page, BOARD, corner)
    assert page.evaluate("scrollX") == 0
    pad.focus()
    page.keyboard.press("Home")
    becomes(page, BOARD, middle)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    expect(caption).to_have_text("z0 = 0.10, z1 = 0.50")
    changed(page, BOARD, middle)


def test_the_latents_of_a_vae_are_sliders(page):
    open_tab(page, "Latents")
    painted(page, BOARD, 1)
    choose(page, "latents", "VAE")
    sliders = page.locator("#gm-board .gm-slider:visible input")
    expect(sliders).to_have_count(12)
    expect(page.locator("#gm-board .gm-pad")).to_be_hidden()
    first = painted(page, BOARD, 1)
    start, end = within(sliders.first, (0.5, 0.5), (0.95, 0.5))
    drag(page, start, end)
    assert float(sliders.first.input_value()) > 2
    changed(page, BOARD, first)
    moved = rested(page, BOARD)
    visible(page, "button", "Reset", exact=True).click()
    expect(sliders.first).to_have_value("0")
    mean = changed(page, BOARD, moved)
    visible(page, "button", "Randomise").click()
    random = changed(page, BOARD, mean)
    visible(page, "button", "Reset", exact=True).click()
    becomes(page, BOARD, mean)
    sliders.nth(1).press("ArrowRight")
    expect(page.locator("#gm-board .gm-slider output").nth(1)).to_have_text("0.01")
    visible(page, "button", f"Show all {LATENTS}").click()
    expect(sliders).to_have_count(LATENTS)
    assert random != mean
    name, picture = downloaded(page, page.locator("#gm-board .gm-save"))
    assert name == "vae.png" and picture.size == (512, 512)


def test_infogan_has_codes_and_a_traversal_of_each(page):
    open_tab(page, "Latents")
    before = painted(page, BOARD, 1)
    choose(page, "latents", "InfoGAN")
    codes = page.locator("#gm-board .gm-categories label")
    expect(codes).to_have_count(10)
    expect(page.locator("#gm-board .gm-slider:visible")).to_have_count(2)  # c2 and c3; the noise has a button
    pictures = set(changed(page, BOARD, before))  # of the code that is chosen already
    for code in [code for code in codes.all() if not code.locator("input").is_checked()]:
        code.click()
        expect(code.locator("input")).to_be_checked()
        page.wait_for_function("([selector, seen]) => !seen.includes(look(selector)[0])", arg=[BOARD, list(pictures)])
        pictures.add(look(page, BOARD)[0])
    assert len(pictures) == 10
    visible(page, "button", "New noise").click()
    page.wait_for_function("([selector, seen]) => !seen.includes(look(selector)[0])", arg=[BOARD, list(pictures)])
    c1 = painted(page, TRAVERSAL, 50)
    expect(page.locator("#gm-traversal .gm-heading")).to_have_count(10)
    visible(page, "combobox", "Vary").click()
    page.get_by_role("option", name="c2").first.click()
    c2 = changed(page, TRAVERSAL, c1)
    expect(page.locator("#gm-traversal .gm-heading").first).to_have_text("-2")
    assert len(c2) == 50
    page.get_by_label("range slider for Rows").focus()
    page.keyboard.press("ArrowRight")
    painted(page, TRAVERSAL, 60)


def test_the_first_row_of_a_traversal_follows_the_board(page):
    open_tab(page, "Latents")
    before = painted(page, TRAVERSAL, 50)
    drag(page, *within(page.locator("#gm-board .gm-pad"), (0.2, 0.2), (0.2, 0.9)))
    after = changed(page, TRAVERSAL, before)
    assert after[10:] == before[10:] and all(a != b for a, b in zip(after[:10], before[:10], strict=True))


def by_the_page(page: Page) -> None:
    """Wait until the page draws the board's picture itself."""
    page.wait_for_selector("#gm-board[data-engine=page], #gm-board [data-engine=page]", state="attached")


@pytest.mark.parametrize("plain", [False, True], ids=["vectors", "plain"])
def test_the_page_draws_what_torch_draws(page, plain):
    """A hundred draws of every shipped checkpoint, at most one grey level apart; five where vectors are not used."""
    page.wait_for_function("window.gm && gm.engine")
    for name in genmodels.available():
        model = genmodels.load(name)
        drawn = model.latent.draw(5, range(5 if plain else 100))
        wanted = images.to_uint8(model.generate(drawn)).astype(int)
        found = page.evaluate("""async ([name, plain, z, c]) => {
            const decoder = await gm.engine.make(name, plain, Infinity);
            const drawn = z.map((row, i) => btoa(String.fromCharCode(...decoder.decode(row, c ? c[i] : 0))));
            return { drawn, vectors: decoder.machine.vectors };
        }""", [name, plain, drawn.z.tolist(), None if drawn.c is None else drawn.c.tolist()])
        assert found["vectors"] is not plain
        pictures = np.stack([np.frombuffer(base64.b64decode(text), np.uint8) for text in found["drawn"]])
        assert np.abs(pictures.reshape(wanted.shape) - wanted).max() <= 1, name


def test_a_drag_of_the_board_makes_no_request(page):
    open_tab(page, "Latents")
    painted(page, "#gm-board .gm-map", 1)
    painted(page, TRAVERSAL, 50)
    by_the_page(page)
    asked, before = [], painted(page, BOARD, 1)
    page.on("request", lambda request: asked.append(request.url))
    pad = page.locator("#gm-board .gm-pad")
    (x, y), (to_x, to_y) = within(pad, (0.2, 0.2), (0.8, 0.7))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=30)  # all within the 300 ms after which a board is at rest
    assert [url for url in asked if "heartbeat" not in url] == []
    page.mouse.up()
    changed(page, BOARD, before)


@pytest.mark.parametrize("trouble", ["no plan", "no weights", "no vectors, and slow"])
def test_the_server_draws_where_the_page_cannot(browser, server, trouble):
    with visiting(browser, server) as page:
        answer = '{"error": "gone"}'
        if trouble == "no plan":
            page.route("**/gm/plan/*", lambda route: route.fulfill(body="{}"))
        elif trouble == "no weights":
            page.route("**/gm/weights/**", lambda route: route.fulfill(body=answer))
        else:
            page.add_init_script("let n = 0; delete WebAssembly.instantiate; performance.now = () => 100 * n++;")
        page.reload()
        open_tab(page, "Latents")
        middle = painted(page, BOARD, 1)
        page.locator("#gm-board .gm-pad").press("Shift+ArrowRight")
        changed(page, BOARD, middle)
        assert page.locator("#gm-board [data-engine=page]").count() == 0


def test_truncation_follows_the_hand_and_the_last_position_stays(page):
    before = painted(page, GRID, 36)
    slider = page.get_by_role("slider", name="Truncation")
    start, middle, end = within(slider, (0.99, 0.5), (0.5, 0.5), (0.3, 0.5))
    drag(page, start, middle, end)
    moved = rested(page, GRID)
    value = float(slider.input_value())
    assert 0.2 < value < 0.4 and moved != before
    page.wait_for_timeout(500)
    assert look(page, GRID) == moved
    page.get_by_role("textbox", name="Seed").locator("visible=true").press("Enter")  # the server's own way to the same
    page.wait_for_timeout(1000)
    assert look(page, GRID) == moved


def test_across_a_slow_network_two_grids_share_a_request(page):
    before = painted(page, GRID, 36)
    network = page.context.new_cdp_session(page)
    network.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1})
    asked = []
    page.on("request", lambda request: asked.append(request.post_data_json) if "/gm/generate/" in request.url else None)
    page.evaluate("""() => new Promise((done) => {
        const slider = document.querySelector('#gm-truncation input[type=range]');
        let left = 240;
        const step = () => {
            slider.value = 0.3 + left / 400;
            slider.dispatchEvent(new Event('input', { bubbles: true }));
            if (left-- > 0) requestAnimationFrame(step); else done();
        };
        step();
    })""")
    changed(page, GRID, before)
    page.wait_for_timeout(2500)
    moved = look(page, GRID)
    assert {len(each) for each in asked} == {1, 2}
    page.get_by_role("textbox", name="Seed").locator("visible=true").press("Enter")  # the server's own way to the same
    page.wait_for_timeout(2500)
    assert look(page, GRID) == moved


def test_a_page_at_rest_asks_for_nothing(page):
    open_tab(page, "Latents")
    painted(page, TRAVERSAL, 50)
    visible(page, "button", "Randomise").click()
    page.wait_for_load_state()
    page.wait_for_timeout(1500)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(1000)
    assert [url for url in asked if "heartbeat" not in url] == []


# ---- Write


@both
def test_a_number_is_written_by_hand(page):
    open_tab(page, "Write")
    year, table = painted(page, WRITTEN, 4), painted(page, STYLES, 50)
    expect(page.get_by_role("img", name="handwritten 4")).to_have_count(1)
    number = page.locator("#gm-number input")
    number.fill("0123456789012345")
    one = painted(page, WRITTEN, 16)
    assert one[:6] == one[10:] and one[2] == year[0]
    press(page.get_by_text("A new style for each", exact=True))
    new = changed(page, WRITTEN, one)
    assert new[0] == one[0] and new[1:6] != new[11:]
    number.fill("2014")
    painted(page, WRITTEN, 4)
    press(page.get_by_text("Same style for all", exact=True))
    becomes(page, WRITTEN, year)
    press(visible(page, "button", "New seed"))
    changed(page, WRITTEN, year)
    assert page.evaluate("scrollX") == 0
    choose(page, "write", "Conditional VAE")
    changed(page, STYLES, table)


def test_what_cannot_be_written_is_named_on_screen(page):
    open_tab(page, "Write")
    before, number = painted(page, WRITTEN, 4), page.locator("#gm-number input")
    for text, words in (("12a", "Only the digits 0 to 9 can be written, not a"), ("\u0663", "not \u0663"),
                        ("1" * 17, "At most 16 digits fit in a line; that was 17")):
        number.fill(text)
        message(page, words)
    number.fill("")
    number.press("Enter")
    message(page, "Type a number first")
    assert look(page, WRITTEN) == before
    number.fill("7")
    painted(page, WRITTEN, 1)


def test_a_number_is_downloaded(page):
    open_tab(page, "Write")
    painted(page, WRITTEN, 4)
    name, sheet = downloaded(page, page.locator("#gm-written .gm-save"))
    assert name == "cgan-2014-seed-0.png" and sheet.size == ((2 + 4 * 30) * 8, 32 * 8)
    name, sheet = downloaded(page, page.locator("#gm-styles .gm-save"))
    assert name == "cgan-styles-seed-0.png" and sheet.size == ((2 + 10 * 30) * 8, (2 + 5 * 30) * 8)


# ---- Reconstruct


def shown(page: Page) -> str:
    """The result's pictures and figures, once they are there."""
    result = page.locator(RESULT)
    expect(result.locator("img")).to_have_count(3 + 8)
    expect(result).to_contain_text("ELBO")
    return result.inner_html()


def another(page: Page, before: str) -> str:
    page.wait_for_function("([selector, before]) => document.querySelector(selector + ' img') && "
                           "document.querySelector(selector).innerText !== before",
                           arg=[RESULT, page.locator(RESULT).inner_text() if before is None else before])
    return page.locator(RESULT).inner_text()


@both
def test_an_example_comes_back_with_its_figures(page):
    open_tab(page, "Reconstruct")
    expect(page.locator(RESULT)).to_contain_text("Draw a digit, upload a picture, or choose an example")
    press(page.get_by_role("button", name="drawn example, 3"))
    shown(page)
    result = page.locator(RESULT)
    for words in ("Reconstruction error", "mean square", "KL to the prior", f"over {LATENTS} latents",
                  "Classifier predicts"):
        expect(result).to_contain_text(words)
    expect(result.get_by_role("img", name="Difference map")).to_be_visible()
    three = result.inner_text()
    press(page.get_by_role("button", name="drawn example, 8"))
    eight = another(page, three)
    expect(page.get_by_label("Digit", exact=True)).to_be_hidden()
    choose(page, "reconstruct", "Conditional VAE")
    another(page, eight)
    expect(result).to_contain_text("Conditioning label")
    visible(page, "combobox", "Digit").click()
    page.get_by_role("option", name="1", exact=True).click()
    expect(result.locator("dd").last).to_have_text("1")
    choose(page, "reconstruct", "VAE, 2-D")
    expect(result).to_contain_text("over 2 latents")
    assert page.evaluate("scrollX") == 0


@both
def test_a_digit_is_drawn_undone_and_cleared(page):
    open_tab(page, "Reconstruct")
    paper = page.locator("#gm-sketch .gm-paper")
    drag(page, *within(paper, (0.5, 0.15), (0.5, 0.5), (0.5, 0.85)))
    shown(page)
    line = page.locator(RESULT).inner_text()
    drawn = painted(page, "#gm-sketch .gm-paper", 1)
    drag(page, *within(paper, (0.2, 0.15), (0.8, 0.15)))
    another(page, line)
    press(page.get_by_role("button", name="Undo"))
    becomes(page, "#gm-sketch .gm-paper", drawn)
    expect(page.locator(RESULT)).to_have_text(line, use_inner_text=True)
    press(page.get_by_role("button", name="Clear"))
    expect(page.locator(RESULT)).to_contain_text("Draw a digit, upload a picture")
    press(page.get_by_role("button", name="Undo"))
    becomes(page, "#gm-sketch .gm-paper", drawn)
    shown(page)
    assert page.evaluate("scrollX") == 0


def digit_file(kind: str = "PNG") -> dict:
    buffer = io.BytesIO()
    Image.fromarray(255 - images.enlarge(strokes.draw_digit(5, 1), 8)).save(buffer, kind)
    return {"name": f"five.{kind.lower()}", "mimeType": f"image/{kind.lower()}", "buffer": buffer.getvalue()}


def test_a_picture_is_uploaded(page):
    open_tab(page, "Reconstruct")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload a picture").click()
    chooser.value.set_files(digit_file())
    shown(page)
    painted(page, "#gm-sketch .gm-paper", 1)
    png = page.locator(RESULT).inner_text()
    page.locator("#gm-sketch .gm-file").set_input_files(digit_file("BMP"))
    page.wait_for_timeout(300)
    expect(page.locator(RESULT)).to_have_text(png, use_inner_text=True)  # the same digit, so the same figures


def test_a_file_that_cannot_be_read_is_refused_on_screen(page):
    open_tab(page, "Reconstruct")
    upload, good = page.locator("#gm-sketch .gm-file"), digit_file()
    for content, words in ((b"I am a picture, honestly.\n", "That file is not a picture that can be read; use PNG"),
                           (good["buffer"][:300], "The picture is damaged")):
        upload.set_input_files({"name": "digit.png", "mimeType": "image/png", "buffer": content})
        message(page, words)
    upload.set_input_files(good | {"buffer": good["buffer"] + bytes(9_000_000)})
    expect(page.locator("#gm-sketch .gm-problem")).to_have_text("The file is larger than 8 MB; choose a smaller one.")
    upload.set_input_files(good)
    shown(page)
    expect(page.locator("#gm-sketch .gm-problem")).to_have_text("")


# ---- For everyone

OPEN: dict[str, Callable[[Page], object]] = {
    "Sample": lambda page: (painted(page, GRID, 36), page.locator("#gm-samples .gm-cell").first.click(),
                            expect(page.locator(DETAIL + " img").first).to_be_visible(),
                            page.get_by_role("button", name="Walk through latent space").click(),
                            page.get_by_role("button", name="Walk", exact=True).click(),
                            expect(page.locator(FILM)).to_be_visible()),
    "Latents": lambda page: (painted(page, TRAVERSAL, 50), choose(page, "latents", "InfoGAN"),
                             expect(page.locator("#gm-board .gm-categories label")).to_have_count(10)),
    "Write": lambda page: painted(page, STYLES, 50),
    "Reconstruct": lambda page: (page.get_by_role("button", name="drawn example, 3").click(), shown(page),
                                 choose(page, "reconstruct", "Conditional VAE"),
                                 expect(page.locator(RESULT)).to_contain_text("Conditioning label")),
}
NAMED = {"image", "img", "Canvas", "button", "link", "slider", "spinbutton", "textbox", "combobox", "radio", "checkbox",
         "tab", "application"}


def test_everything_has_an_accessible_name(page):
    session = page.context.new_cdp_session(page)
    for tab, use in OPEN.items():
        open_tab(page, tab)
        use(page)
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
        assert roles.count("tab") == 4 and roles.count("button") > 5
        nameless = [node for node in nodes if not node["ignored"] and node["role"]["value"] in NAMED
                    and not node.get("name", {}).get("value", "").strip()]
        found = [session.send("DOM.resolveNode", {"backendNodeId": node["backendDOMNodeId"]})["object"]["description"]
                 for node in nameless]
        assert [name for name in found if not name.startswith("svg.dropdown-arrow")] == [], tab  # gradio's own


def test_the_tab_key_reaches_all_controls(page):
    painted(page, GRID, 36)
    page.locator("h1").click()
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("""() => {
            const at = document.activeElement;
            return at.getAttribute('aria-label') || at.labels?.[0]?.innerText || at.innerText || at.title || '';
        }""").split("\n")[0].strip())
        if reached[-1].startswith("Settings"):
            break
    assert [name for name in reached if not name] == []
    wanted = ["Sample", "DCGAN", "number input for Pictures", "range slider for Pictures", "Seed", "New seed",
              "Truncation", "DCGAN, picture 0", "Download PNG", "Walk through latent space"]
    places = [reached.index(name) for name in wanted]
    assert places == sorted(places)


@phone
def test_nothing_sticks_out_sideways_on_a_phone(page):
    for tab, use in OPEN.items():
        open_tab(page, tab)
        use(page)
        wide = page.evaluate("""() => [...document.querySelectorAll('.gradio-container *')].filter((e) => {
            const box = e.getBoundingClientRect();
            return box.width && box.height && box.right > innerWidth + 1 && getComputedStyle(e).position !== 'fixed';
        }).slice(0, 5).map((e) => e.outerHTML.slice(0, 100))""")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, (tab, wide)
        assert page.evaluate("innerWidth") == 390, (tab, wide)  # a page too wide is zoomed out


CONTRAST = """(selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility()).map((e) => {
  const parse = (text) => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92
    : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let behind = e, back = parse(getComputedStyle(e).backgroundColor);
  while (back.length === 4 && back[3] === 0 && behind.parentElement) {
    behind = behind.parentElement;
    back = parse(getComputedStyle(behind).backgroundColor);
  }
  const [a, b] = [light(parse(getComputedStyle(e).color)), light(back)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
})"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_are_legible(browser, server, theme):
    with visiting(browser, server, path=f"?__theme={theme}") as page:
        painted(page, GRID, 36)
        assert page.evaluate("document.body.classList.contains('dark')") == (theme == "dark")
        for tab in OPEN:
            open_tab(page, tab)
            page.wait_for_timeout(300)  # colours fade over
            for selector in ("h1", ".gm-lead p", ".gm-option span", ".gm-about", ".gm-about a", ".gm-button:enabled",
                             "button[role=tab]"):
                for ratio in page.evaluate(CONTRAST, selector):
                    assert ratio >= 4.5, (tab, selector, ratio)


def test_someone_who_asked_for_less_motion_gets_a_film_that_waits(browser, server):
    with visiting(browser, server) as page:
        page.emulate_media(reduced_motion="reduce")
        page.reload()
        painted(page, GRID, 36)
        page.get_by_role("button", name="Walk through latent space").click()
        page.get_by_role("button", name="Walk", exact=True).click()
        expect(page.get_by_role("button", name="Play")).to_be_visible()


# ---- What is broken, and what is left


def left_behind(folder: Path) -> list[str]:
    """Files that a server wrote by the way, and the tracebacks in its log."""
    tracebacks = [line for line in (folder / "log").read_text().splitlines() if "Traceback" in line]
    return tracebacks + [str(path) for path in (folder / "temporary").rglob("*") if path.is_file()]


def test_a_broken_checkpoint_is_explained_and_the_others_work(browser, folder):
    root = folder / "checkpoints"
    shutil.copytree(CHECKPOINTS, root, ignore=shutil.ignore_patterns(".*", "history*", "samples*"))
    for name in ("dcgan", "cvae"):
        weights = root / name / checkpoint.WEIGHTS
        weights.write_bytes(weights.read_bytes()[:1000])
    with serving(root, folder / "broken") as address, visiting(browser, address) as page:
        painted(page, GRID, 36)
        expect(page.locator("#gm-sample-model").get_by_role("radio", name="GAN", exact=True)).to_be_checked()
        for part, count, names in (("sample", 7, ("DCGAN", "Conditional VAE")), ("write", 2, ("Conditional VAE",)),
                                   ("reconstruct", 3, ("Conditional VAE",)), ("latents", 7, ("DCGAN",))):
            open_tab(page, part.title())
            expect(page.locator(f"#gm-{part}-model input:visible")).to_have_count(count)
            for name in names:
                radio = page.locator(f"#gm-{part}-model").get_by_role("radio", name=name, exact=True)
                expect(radio).to_be_disabled()
            expect(page.locator(f"#gm-{part}-model .gm-trouble", has_text="python train.py cvae")).to_be_visible()
        painted(page, BOARD, 1)
    assert left_behind(folder / "broken") == []


def test_nothing_was_left_behind(server, folder):
    assert left_behind(folder / "whole") == []
