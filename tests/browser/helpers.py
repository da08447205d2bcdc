"""What the browser tests do and wait for, as functions of a Playwright page.

Pixels of canvases travel as base64 text, one per canvas; see ``read_pixels``.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

import pytest
from PIL import Image

from genmodels import checkpoint
from genmodels.ui.text import CATALOGS

try:
    from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect, sync_playwright
except ImportError:  # the fixture ``browser`` skips or fails
    Error = expect = sync_playwright = None

CHECKPOINTS = checkpoint.ROOT  # what the app serves in these tests
LATENT_DIM = checkpoint.read_card("vae").config["latent_dim"]
TIMEOUT = 30_000  # milliseconds that anything in a page may take
POLLING = 50  # milliseconds between two looks at pixels, which would keep a core busy if taken in every frame
SCREENS = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "projector": {"viewport": {"width": 1024, "height": 768}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


def on_screen(first: str, other: str) -> pytest.MarkDecorator:
    """A test's page on one of two screens; among the slow tests on the other, too."""
    return pytest.mark.parametrize("page", [first, pytest.param(other, marks=pytest.mark.slow)], indirect=True)


on_desktop, on_phone = on_screen("desktop", "phone"), on_screen("phone", "desktop")
phone_only = pytest.mark.parametrize("page", ["phone"], indirect=True)

# Selectors, by tab: Start, Sample, Latents, Write, Reconstruct.
STAGE, LENS, LENS_PLACE = ".gm-stage", ".gm-lens canvas", ".gm-lens span"
GRID, CELLS, DETAIL, ANIMATION = "#gm-samples canvas", "#gm-samples .gm-cell", "#gm-detail", "#gm-animation canvas"
EXPLORED, MAP, PAD = (f"#gm-latent-explorer {name}" for name in (".gm-image", ".gm-map", ".gm-pad"))
TRAVERSAL = "#gm-traversal canvas"
WRITTEN, STYLES = "#gm-written canvas", "#gm-styles canvas"
RESULT, SKETCHPAD = "#gm-result", "#gm-sketchpad .gm-canvas"
PREVIEW = "#gm-pen-preview canvas"  # of the input, and of its reconstruction

SAMPLE = "#a=sample"  # the address of the Sample tab
EVENTS: WeakKeyDictionary[Page, set] = WeakKeyDictionary()  # requests of gradio's queue that are under way, by page
PAGE_SCRIPT = """
// Gray levels of all canvases that a selector finds, one base64 text each.
window.readPixels = (selector) => [...document.querySelectorAll(selector)].map((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let text = '';
  for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(data[i]);
  return btoa(text);
});
// How often each canvas was painted.
window.paintCounts = new WeakMap();
const putImageData = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...args) {
  paintCounts.set(this.canvas, (paintCounts.get(this.canvas) || 0) + 1);
  return putImageData.apply(this, args);
};
"""


# ---- Visitors


@functools.cache
def context_of(browser: Browser, screen: str) -> BrowserContext:
    """The context of all visitors with one kind of screen: they share the browser's cache, which saves time."""
    context = browser.new_context(**SCREENS[screen], accept_downloads=True)
    context.set_default_timeout(TIMEOUT)
    context.new_page()  # keeps the window open: the parts of a new one take as long as half a page; see ``visit``
    context.add_init_script(PAGE_SCRIPT)
    return context


@contextmanager
def visit(browser: Browser, address: str, screen: str = "desktop", path: str = SAMPLE,
          expected: str | None = None, prepare: Callable[[Page], object] = lambda page: None) -> Iterator[Page]:
    """A new visitor's page. Fails on any error in its console or scripts, and on any request to another host.

    ``path``: of a link, else the Sample tab. Errors that hold the text ``expected`` do not count. ``prepare``: what is
    done with the blank page first.
    """
    errors = []
    context = context_of(browser, screen)
    if context.pages[0].url == "about:blank":  # a page of one site with the visitor's: they share a process
        context.pages[0].goto(f"{address}favicon.ico")
    page = context.new_page()
    page.on("request", lambda r: errors.append(f"request to {r.url}") if r.url.startswith("http") and not
            r.url.startswith(address) else None)
    page.on("console", lambda m: errors.append(f"console: {m.text} {m.location}") if m.type == "error" else None)
    page.on("pageerror", lambda e: errors.append(f"script: {e}"))
    events = EVENTS[page] = set()
    page.on("request", lambda request: "/queue/" in request.url and events.add(request))
    for end in ("requestfinished", "requestfailed"):
        page.on(end, lambda request: events.discard(request))
    try:
        prepare(page)
        page.goto(address + path)
        wait_arrived(page)
        yield page
        page.evaluate("localStorage.clear()")
    finally:
        page.close()
    errors = [error for error in errors if expected is None or expected not in error]
    assert errors == [], errors


def start_over(page: Page, activity: str) -> None:
    """Open an activity as a link shows it that names nothing else: in less time than another visit takes."""
    page.unroute_all()
    page.mouse.move(0, 0)
    # The address as it is now first, lest it be written again in between; then as soon as the link has been followed.
    page.evaluate("(activity) => { gm.state.link(); location.hash = 'a=' + activity; }", activity)
    page.wait_for_function("location.hash.includes('&w=')")


def leave(page: Page, go: Callable[[], object]) -> None:
    """Leave a page for another by ``go``, once it has been quiet: gradio logs an error for an event that is cut off."""
    quiet = 0
    while quiet < 5:
        page.wait_for_timeout(100)
        quiet = 0 if EVENTS[page] else quiet + 1
    go()
    wait_arrived(page)


def wait_arrived(page: Page) -> None:
    """Wait until the activity of the page's address is open: images may be painted before gradio listens."""
    activity = re.search(r"[#&]a=(\w+)", page.url)
    page.wait_for_function("(activity) => window.gm && gm.listening && gm.activity() === activity",
                           arg=activity[1] if activity else "start")


# ---- What a page shows


def read_pixels(page: Page, selector: str) -> list[str]:
    return page.evaluate("(selector) => readPixels(selector)", selector)


def wait_painted(page: Page, selector: str, count: int) -> list[str]:
    """The images, once there are ``count`` of them and none is all black."""
    page.wait_for_function("""([selector, count]) => {
        const seen = readPixels(selector);
        return seen.length === count && seen.every((text) => /[^\\0]/.test(atob(text)));
    }""", arg=[selector, count], polling=POLLING)
    return read_pixels(page, selector)


def wait_changed(page: Page, selector: str, before: list[str]) -> list[str]:
    """The images, once they differ from those before."""
    page.wait_for_function("([selector, before]) => readPixels(selector).join() !== before.join()",
                           arg=[selector, before], polling=POLLING)
    return read_pixels(page, selector)


def wait_equal(page: Page, selector: str, expected: list[str]) -> None:
    """Wait until the images are the expected ones, byte for byte."""
    page.wait_for_function("([selector, expected]) => readPixels(selector).join() === expected.join()",
                           arg=[selector, expected], polling=POLLING)


def wait_close(page, selector: str, expected: list[str]) -> None:
    """Wait until the images are the expected ones to one gray level: one page may draw what the server drew another."""
    page.wait_for_function("""([selector, expected]) => {
        const bytes = (texts) => texts.flatMap((text) => [...atob(text)].map((c) => c.charCodeAt(0)));
        const [a, b] = [bytes(readPixels(selector)), bytes(expected)];
        return a.length === b.length && a.every((level, i) => Math.abs(level - b[i]) <= 1);
    }""", arg=[selector, expected], polling=POLLING)


def wait_settled(page: Page, selector: str) -> list[str]:
    """The images, once they have been the same for 300 ms."""
    page.wait_for_function("""(selector) => {
        const now = readPixels(selector).join(), same = window.pixelsBefore === now;
        window.pixelsBefore = now;
        return same;
    }""", arg=selector, polling=300)
    return read_pixels(page, selector)


@contextmanager
def repainting(page: Page, selector: str) -> Iterator[None]:
    """Wait until every canvas has been painted anew since the block began, with the same pixels or with others."""
    count = "(selector) => [...document.querySelectorAll(selector)].map((canvas) => paintCounts.get(canvas))"
    before = page.evaluate(count, selector)
    yield
    page.wait_for_function(f"([selector, before]) => ({count})(selector).every((n, i) => n > before[i])",
                           arg=[selector, before])


def wait_for_decoder(page: Page, component: str = "latent-explorer") -> None:
    """Wait until the page decodes the images of a component itself."""
    page.wait_for_selector(f"#gm-{component}[data-engine=page], #gm-{component} [data-engine=page]", state="attached")


def wait_result(page: Page) -> str:
    """The reconstruction's images and metrics, once they are there."""
    result = page.locator(RESULT)
    expect(result.locator("img")).to_have_count(3 + 8)
    expect(result).to_contain_text("ELBO")
    return result.inner_html()


def wait_other_result(page: Page, before: str) -> str:
    """The text of the reconstruction, once it differs from the one before."""
    page.wait_for_function("([selector, before]) => document.querySelector(selector + ' img') && "
                           "document.querySelector(selector).innerText !== before", arg=[RESULT, before])
    return page.locator(RESULT).inner_text()


def expect_message(page: Page, field: str, words: str) -> None:
    """One message, below the field and tied to it, and nothing that covers the page; none where ``words`` are empty."""
    message, typed = page.locator(f"#gm-{field} [role=alert]"), page.locator(f"#gm-{field} .gm-typed")
    expect(message).to_have_text(words)
    expect(typed).to_have_attribute("aria-describedby", re.compile(message.get_attribute("id")))
    assert (typed.get_attribute("aria-invalid") == "true") == message.is_visible() == bool(words)
    expect(page.get_by_test_id("toast-text")).to_have_count(0)


def expect_fits(page: Page) -> None:
    """Nothing is wider than a phone's page; names what is."""
    wide = page.evaluate("""() => [...document.querySelectorAll('.gradio-container *')].filter((e) => {
        const box = e.getBoundingClientRect();
        return box.width && box.height && box.right > innerWidth + 1 && getComputedStyle(e).position !== 'fixed';
    }).slice(0, 5).map((e) => e.outerHTML.slice(0, 100))""")
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, wide
    assert page.evaluate("innerWidth") == width, wide  # a page too wide is zoomed out


def by_role(page: Page, role: str, name: str, **options: object) -> Locator:
    """The visible elements of a role."""
    return page.get_by_role(role, name=name, **options).locator("visible=true")


def outside(page: Page, *selectors: str) -> list[str]:
    """The selectors of which some visible element does not lie in the window as a whole."""
    return page.evaluate("""(selectors) => selectors.filter((selector) => {
        const boxes = [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect());
        const seen = boxes.filter(({ width, height }) => width && height);
        return !seen.length || seen.some(({ left, top, right, bottom }) => (
            left < 0 || top < 0 || Math.floor(right) > innerWidth || Math.floor(bottom) > innerHeight));
    })""", selectors)


# ---- What a visitor does


def tap(target: Locator) -> None:
    """Click, or tap on a phone."""
    if target.page.viewport_size["width"] < 500:
        target.tap()
    else:
        target.click()


def open_tab(page: Page, title: str) -> None:
    """Open an activity by its title in any language, as a visitor does: its group, then its tab."""
    name = next(key.removeprefix("tab.") for catalog in CATALOGS.values() for key, words in catalog.items()
                if key.startswith("tab.") and words == title)
    group = page.evaluate("""(name) => Object.keys(gm.groups).find(
        (group) => gm.groups[group].includes(name) && gm.groups[group].length > 1)""", name)
    if group:
        tap(page.locator(f"#gm-group-{group}-button"))
    tap(page.locator(f"#gm-tab-{name}-button"))


def choose_option(page: Page, label: str, name: str) -> None:
    """Choose the option of a select that has ``name`` among its words."""
    select = by_role(page, "combobox", label)
    option = select.locator("option").filter(has_text=re.compile(rf"\b{name}\b")).first
    option.wait_for(state="attached")
    select.select_option(value=option.get_attribute("value"))


def choose_model(page: Page, part: str, title: str) -> None:
    """Choose a model in a tab, by its title."""
    tap(page.locator(f"#gm-{part}-model label", has=page.get_by_text(title, exact=True)))


def take_away(page: Page, kind: str, title: str) -> tuple[str, bytes]:
    """Name and content of a file that the page offers of a picture: PNG, GIF or Bundle."""
    tap(page.get_by_role("button", name="Share"))
    with page.expect_download() as download:
        tap(page.get_by_role("button", name=f"{kind} of: {title}"))
    tap(page.get_by_role("button", name="Close"))
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def download_image(page: Page, kind: str, title: str) -> tuple[str, Image.Image]:
    """Name and image of a file that the page offers of a picture: PNG or GIF."""
    name, content = take_away(page, kind, title)
    return name, Image.open(io.BytesIO(content))


def drag(page: Page, *points: tuple[float, float]) -> None:
    """With the mouse, or a finger on a phone, along points of the page."""
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
        page.wait_for_timeout(50)  # without this the browser takes it for a fling and ignores the next tap
    session.detach()


def points_in(target: Locator, *places: tuple[float, float]) -> list[tuple[float, float]]:
    """Points of the page at fractions of an element's width and height."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    return [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in places]
