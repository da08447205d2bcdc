"""The browser and the servers that the measures share, and the pages made ready to be dragged in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.servers import (
    Command,
    NotMeasured,
    Server,
    app_command,
    empty_command,
    plain_command,
    spawn,
    wait_for_server,
)

try:
    from playwright.sync_api import Error, sync_playwright
    from playwright.sync_api import TimeoutError as PageTimeout
except ImportError:  # ``BenchSession.browser`` says so
    Error, PageTimeout, sync_playwright = NotMeasured, TimeoutError, None

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGE_TIMEOUT = 60_000  # milliseconds that a page may take to get ready
QUIET_MS = 1_500  # after which an untouched page sends no more requests
GRID_SIZE = 64
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
OPENING = ".gm-lens canvas"
EXPLORER, EXPLORED = "#gm-latent-explorer", "#gm-latent-explorer canvas.gm-image"
SAMPLES = "#gm-samples .gm-grid canvas"
HARNESS = Path(__file__).with_name("harness.js")


@dataclass(frozen=True)
class Effort:
    """How often each thing is done."""

    inputs: int = 200
    seconds: float = 5  # of a drag
    starts: int = 3
    training_steps: int = 20
    warmup_calls: int = 200  # before memory is looked at
    timed_calls: int = 400
    calls: int = 2000  # over which memory may grow, the timed ones included
    visitors: int = 20
    phones: int = 300
    decoder_seconds: float = 60  # that the page's own decoder may take to be ready
    photos: int = 10  # of each kind


QUICK = Effort(inputs=8, seconds=0.5, starts=1, training_steps=4, warmup_calls=6, timed_calls=6, calls=12, visitors=3,
               phones=5, decoder_seconds=5, photos=2)


@dataclass(frozen=True)
class DragTarget:
    """What is dragged in a page, and the image that follows it: selectors."""

    kind: str  # slider, pad or pen
    control: str
    image: str


class BenchSession:
    """The browser and the servers, each of which starts when it is first used; and a folder of ``photos``."""

    def __init__(self, folder: Path, effort: Effort, exits: ExitStack, photos: Path | None = None) -> None:
        self.folder, self.effort, self._exits, self.photos = folder, effort, exits, photos

    @cached_property
    def browser(self) -> Browser:
        if sync_playwright is None:
            raise NotMeasured("playwright is not installed; pip install -r tests/requirements.txt")
        names = ("chromium", "chromium-browser", "google-chrome")
        chromium = self._exits.enter_context(sync_playwright()).chromium
        browser = chromium.launch(executable_path=next(filter(None, map(shutil.which, names)), None))
        self._exits.callback(browser.close)
        return browser

    def _serve(self, command: Command) -> Server:
        server = self._exits.enter_context(spawn(command, self.folder))
        wait_for_server(server)
        return server

    @cached_property
    def app(self) -> Server:
        return self._serve(app_command)

    @cached_property
    def plain(self) -> Server:
        return self._serve(plain_command)

    @cached_property
    def empty(self) -> Server:
        return self._serve(empty_command)

    @contextmanager
    def pages(self, count: int = 1, screen: dict = DESKTOP) -> Iterator[list[Page]]:
        """Blank pages, each of a new visitor, with the harness that records what is painted.

        Each has a context of its own: pages of one context share their six connections per server, of which each
        Gradio page keeps some.
        """
        with ExitStack() as exits:
            pages = []
            for _ in range(count):
                context = self.browser.new_context(**screen)
                exits.callback(context.close)
                context.set_default_timeout(PAGE_TIMEOUT)
                context.add_init_script(path=HARNESS)
                pages.append(context.new_page())
            yield pages


def open_plain(page: Page, server: Server, name: str) -> DragTarget:
    """The plain page, with one slider in view."""
    target = DragTarget("slider", f"#plain-{name} input[type=range]", f"#plain-{name}-image img")
    page.goto(server.address)
    page.locator(target.control).scroll_into_view_if_needed()
    return target


def open_explorer(page: Page, server: Server, model: str, kind: str, effort: Effort) -> tuple[DragTarget, str]:
    """The Latents tab with a model and its decoder in the page: what to drag, and a note if something is missing."""
    page.goto(server.address + "#a=latents")
    page.evaluate("(selector) => { bench.watch(selector); }", EXPLORED)
    page.wait_for_function("(selector) => bench.isPainted(selector)", arg=EXPLORED)
    choose_model(page, "latents", model, EXPLORED)
    note = wait_for_decoder(page, EXPLORER, effort.decoder_seconds)
    wait_idle(page, EXPLORED)
    control = f"{EXPLORER} {'.gm-pad' if kind == 'pad' else 'input.gm-range'}"
    page.locator(control).first.scroll_into_view_if_needed()
    return DragTarget(kind, control, EXPLORED), note


def open_grid(page: Page, server: Server, effort: Effort, by_page: bool) -> tuple[DragTarget, str]:
    """The Sample tab with 64 images by DCGAN, drawn by the page if it can, else by the server.

    Its truncation slider, and a note if something is missing.
    """
    if not by_page:
        page.route("**/gm/plan/*", lambda route: route.fulfill(body="{}"))
    page.goto(server.address + "#a=sample")
    page.evaluate("(selector) => { bench.watch(selector); }", SAMPLES)
    page.wait_for_function("(selector) => bench.isPainted(selector)", arg=SAMPLES)
    choose_model(page, "sample", "dcgan", SAMPLES)
    before = page.evaluate("(selector) => bench.watch(selector).updates.length", SAMPLES)
    count = page.get_by_label("number input for Pictures")
    count.fill(str(GRID_SIZE))
    count.press("Enter")
    page.wait_for_function("([selector, count, before]) => bench.watch(selector).updates.length > before && "
                           "[1, count].includes(document.querySelectorAll(selector).length)",
                           arg=[SAMPLES, GRID_SIZE, before])
    control = "#gm-truncation input"
    page.locator(control).scroll_into_view_if_needed()
    page.locator(control).focus()  # so that the page fetches what it needs
    note = wait_for_decoder(page, "#gm-samples", effort.decoder_seconds) if by_page else ""
    wait_idle(page, SAMPLES)
    return DragTarget("slider", control, SAMPLES), note


def open_sketchpad(page: Page, server: Server, effort: Effort) -> tuple[DragTarget, str]:
    """The Reconstruct tab with the pen down and its model in the page; a note if that does not come."""
    preview, pad = "#gm-pen-preview canvas.gm-back", "#gm-sketchpad .gm-canvas"
    page.goto(server.address + "#a=reconstruct")
    page.evaluate("(selector) => { bench.watch(selector); }", preview)
    page.wait_for_timeout(QUIET_MS)
    page.locator(pad).hover(position={"x": 100, "y": 100})
    page.mouse.down()
    page.locator(pad).hover(position={"x": 120, "y": 120})
    try:
        page.wait_for_function("(selector) => bench.isPainted(selector)", arg=preview,
                               timeout=effort.decoder_seconds * 1000)
        note = ""
    except PageTimeout:
        note = f"nothing in the page after {effort.decoder_seconds:g} s"
    return DragTarget("pen", pad, preview), note


def choose_model(page: Page, part: str, model: str, image: str) -> None:
    """Choose a model in a tab, unless it is chosen, and wait for its image."""
    radio = f"#gm-{part}-model input[value={model}]"
    if page.locator(radio).is_checked():
        return
    before = page.evaluate("(selector) => bench.watch(selector).updates.length", image)
    page.locator(f"#gm-{part}-model label:has(input[value={model}]) span").click()
    page.wait_for_function("([selector, before]) => bench.watch(selector).updates.length > before", arg=[image, before])
    wait_idle(page, image)


def wait_idle(page: Page, image: str) -> None:
    """Wait until an image has not changed for a while."""
    page.evaluate("(selector) => bench.waitIdle(selector)", image)


def wait_for_decoder(page: Page, part: str, seconds: float) -> str:
    """Wait for the decoder that runs in the page; a note if it does not come."""
    try:
        page.wait_for_function("(part) => document.querySelector(`${part}[data-engine], ${part} [data-engine]`)"
                               "?.dataset.engine === 'page'", arg=part, timeout=seconds * 1000)
    except PageTimeout:
        return f"no decoder in the page after {seconds:g} s"
    return ""
