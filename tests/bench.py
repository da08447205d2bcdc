"""How quick the page is, in a real browser, beside a plain Gradio page of the same models: python -m tests.bench.

The plain page is what Gradio's guide shows: ``slider.input(draw, slider, image)``, nothing tuned. It is served in a
process of its own in the same run, so both columns saw the same machine.

What the figures are:

tick
    Milliseconds from just before an input event is dispatched to the first changed pixels in the document: the return
    of ``putImageData`` on a canvas that is in it (for a grid, on the last canvas of a batch), or the load of an image
    with another source. Each tick jumps over a good part of the slider and is made at rest, 30 ms after the picture
    before it; the first three are not counted. No picture within 5 s counts as never. The browser's clock steps by
    0.1 ms.
updates a second
    Frames in which the picture changed, over a drag of 5 s with one input an animation frame.
dropped at rest
    1 if what the drag left on screen is not the picture of its last position, set once more after another; else 0.
requests a tick, server CPU a tick
    Of the same drag: requests begun, and user and system time of the server with its children, less what it used in
    as long a rest just before.
at 100 ms
    The browser holds every answer back as a 100 ms round trip would: ``Network.emulateNetworkConditions`` of the
    DevTools protocol with latency 100 and no limit of throughput. Set when the page is ready, so loading has no part.
start
    Seconds from spawning the server's process to something to use in a browser without a cache: the first grid
    painted, for the empty page its one button. A browser is open by then and tries until the server answers.
weight
    Bytes over the network, compressed as they travel, until the same moment. Models for the page's own decoder
    (``/gm/weights/``) are left out: the grid is there before them. 1 KB is 1,000 bytes.
api
    Seconds a call of ``gradio_client`` for a grid of 64, with all visitors calling at once from one other process, and
    the growth of the server's resident memory over 2,000 such calls after 200 to warm up. 1 MB is 1,000,000 bytes.
crowd
    CPU time of the server over wall time, while pages of one browser all drag a slider at once.

Exit status: 0 where every bar holds, 1 where one does not or could not be measured, 2 where nothing could be run.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import operator
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import NoReturn
from urllib.error import URLError
from urllib.request import urlopen

try:
    from playwright.sync_api import Browser, CDPSession, Error, Page, sync_playwright
    from playwright.sync_api import TimeoutError as TooLate
except ImportError:
    sync_playwright = None

ROOT = Path(__file__).resolve().parent.parent
START = 100  # seconds that a server may take to answer
PATIENCE = 60_000  # milliseconds that a page may take to get ready
LIMIT = 5_000  # milliseconds after which a tick counts as never shown
REST = 30  # milliseconds between ticks
LULL = 1_500  # milliseconds after which a page that nobody touches has sent all it had to send
WARM_TICKS = 3
GRID = 64
NETWORKS = {"localhost": 0, "at 100 ms": 100}  # milliseconds of latency
MODELS = ("vae2d", "vae", "infogan", "dcgan")
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}

BOARD, PAINTED, SAMPLES = "#gm-board", "#gm-board canvas.gm-picture", "#gm-samples canvas"


@dataclass(frozen=True)
class Effort:
    """How often each thing is done."""

    ticks: int = 200
    seconds: float = 5  # of a drag
    starts: int = 3
    warm: int = 200  # calls before memory is looked at
    timed: int = 400  # calls
    calls: int = 2000  # over which memory may grow, the timed ones among them
    visitors: int = 20
    decoder: float = 60  # seconds that the page's own decoder may take to be ready


QUICK = Effort(ticks=8, seconds=0.5, starts=1, warm=6, timed=6, calls=12, visitors=3, decoder=5)


class BenchError(Exception):
    """Nothing can be measured at all; the message is one clear line."""


class Unmeasured(Exception):
    """One measure cannot be taken; the message says why."""


# ---- Rows


@dataclass(frozen=True)
class Row:
    """One figure beside its bar, such as "<= 4"; None where it could not be taken, infinite where nothing came."""

    of: str
    name: str
    value: float | None
    unit: str = ""
    bar: str = ""
    plain: float | None = None  # the same of the plain page
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the bar holds; None where there is none, False where there is nothing to hold against it."""
        if self.value is None:
            return False
        return holds(self.value, self.bar) if self.bar else None


def holds(value: float, bar: str) -> bool:
    sign, limit = bar.split()
    return COMPARE[sign](value, float(limit))


def distance(row: Row) -> float:
    """How far on the wrong side of its bar a figure lies; negative on the right side, in the figure's unit."""
    if row.value is None:
        return math.inf
    sign, limit = row.bar.split()
    return (row.value - float(limit)) * (1 if sign.startswith("<") else -1)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def shown(value: float | None) -> str:
    if value is None:
        return "-"
    if math.isinf(value):
        return "never"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def yes_no(reached: bool | None) -> str:
    return "-" if reached is None else "yes" if reached else "no"


def cells(row: Row) -> list[str]:
    value = shown(row.value) if row.value is None or math.isinf(row.value) else f"{shown(row.value)} {row.unit}".strip()
    return [row.of, row.name, value, row.bar or "-", yes_no(row.reached), shown(row.plain), row.note]


HEADER = ["what", "measure", "here", "bar", "reached", "plain page", "note"]


def as_text(rows: Sequence[Row]) -> str:
    """All rows in columns."""
    lines = [HEADER, *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def as_markdown(rows: Sequence[Row], quick: bool) -> str:
    """The rows that have a bar, of the latent boards the worst one each, with date and processor."""
    table = "\n".join(f"| {' | '.join(line)} |" for line in [HEADER, ["---"] * len(HEADER), *map(cells, worst(rows))])
    caption = f"Measured on {date.today().isoformat()}, {processor()}, {os.cpu_count()} cores"
    return f"{caption}{', shortened' if quick else ''}.\n\n{table}"


def worst(rows: Sequence[Row]) -> list[Row]:
    """The rows that have a bar or no value; where several boards have the same one, that of the worst of them."""
    barred, kept, done = [row for row in rows if row.bar or row.value is None], [], set()
    for row in barred:
        if row.of not in BOARDS or not row.bar:
            kept.append(row)
        elif row.name not in done:
            done.add(row.name)
            same = [other for other in barred if other.of in BOARDS and other.name == row.name and other.bar]
            found, many = max(same, key=distance), f"worst of {len(same)}" if len(same) > 1 else ""
            kept.append(replace(found, note=", ".join(filter(None, [many, found.note]))))
    return kept


def as_json(rows: Sequence[Row], quick: bool) -> str:
    """All rows with date and processor; what never came is the text "never"."""
    def finite(value: object) -> object:
        return "never" if isinstance(value, float) and math.isinf(value) else value

    found = [{k: finite(v) for k, v in asdict(row).items()} | {"reached": row.reached} for row in rows]
    about = {"date": date.today().isoformat(), "processor": processor(), "cores": os.cpu_count(), "quick": quick}
    return json.dumps(about | {"rows": found}, indent=1, allow_nan=False) + "\n"


def processor() -> str:
    """The processor's name as it gives it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown processor"


# ---- Servers

# The plain page. Each slider moves the latent that the app's first slider moves.
PLAIN = """
import sys
import gradio as gr
import torch
from genmodels import images
from genmodels.latents import Latents
from genmodels.ui.api.latents import LatentEndpoints
from genmodels.ui.store import ModelStore

store = ModelStore()

def generate(name, z, category=None):
    c = None if category is None else torch.tensor([category])
    return images.to_uint8(store.get(name).model.generate(Latents(torch.as_tensor(z), c)))

def mover(name):
    known = LatentEndpoints(store).describe_latents(name)
    slider = next(s for s in known["sliders"] if s["shown"])
    def draw(value):
        z = list(known["z"])
        z[slider["column"]] = float(value)
        return generate(name, [z], known["category"])[0]
    return slider, draw

def grid(truncation=1.0, seed=0):
    drawn = store.get("dcgan").spec.draw(int(seed), range(64))
    return images.grid(generate("dcgan", drawn.z * truncation), 8)

with gr.Blocks(analytics_enabled=False) as demo:
    for name in sys.argv[2].split(","):
        known, draw = mover(name)
        slider = gr.Slider(known["low"], known["high"], 0, step=0.01, elem_id=f"plain-{name}")
        image = gr.Image(elem_id=f"plain-{name}-image")
        slider.input(draw, slider, image)
    slider, image = gr.Slider(0, 1, 1, step=0.01, elem_id="plain-grid"), gr.Image(elem_id="plain-grid-image")
    slider.input(grid, slider, image)
    seed, button = gr.Number(0, label="Seed"), gr.Button("Draw")
    button.click(lambda seed: grid(seed=seed), seed, image, api_name="sample")
demo.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
"""
EMPTY = """
import sys
import gradio as gr
with gr.Blocks(analytics_enabled=False) as demo:
    gr.Button("Press")
demo.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
"""
# Visitors of the API, one thread each, who all begin together; prints the seconds of every call.
VISITORS = """
import json, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from gradio_client import Client

address, visitors, calls, first, options = sys.argv[1], *map(int, sys.argv[2:5]), json.loads(sys.argv[5])
together = threading.Barrier(visitors, timeout=120)

def visit(number):
    client = Client(address, verbose=False, analytics_enabled=False)
    together.wait()
    seconds = []
    for seed in range(first + number, first + calls, visitors):
        start = time.perf_counter()
        client.predict(**options, seed=seed, api_name="/sample")
        seconds.append(time.perf_counter() - start)
    return seconds

with ThreadPoolExecutor(visitors) as pool:
    print(json.dumps(sum(pool.map(visit, range(visitors)), [])))
"""


@dataclass(frozen=True)
class Server:
    """A server in a process of its own."""

    address: str
    process: subprocess.Popen
    log: Path

    def check(self) -> None:
        """Unmeasured if the process has ended."""
        if self.process.poll() is not None:
            lines = self.log.read_text(errors="replace").strip().splitlines()
            raise Unmeasured(f"a server ended by itself: {lines[-1] if lines else 'no word in its log'}")


def app_command(port: int) -> list[str]:
    return ["app.py", "--port", str(port)]


def plain_command(port: int) -> list[str]:
    return ["-c", PLAIN, str(port), ",".join(MODELS)]


def empty_command(port: int) -> list[str]:
    return ["-c", EMPTY, str(port)]


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of servers and visitors: as here, but offline, and what they leave behind goes to ``folder``."""
    return os.environ | {"GRADIO_TEMP_DIR": str(folder), "TMPDIR": str(folder), "GRADIO_ANALYTICS_ENABLED": "False",
                         "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}


@contextmanager
def spawned(command: Callable[[int], list[str]], folder: Path) -> Iterator[Server]:
    """A server that has just been started and may not answer yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = Path(tempfile.mkdtemp(dir=folder))
    log = home / "log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, *command(port)], cwd=ROOT, env=surroundings(home), stdout=out,
                                   stderr=out)
    try:
        yield Server(f"http://127.0.0.1:{port}/", process, log)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(home, ignore_errors=True)


def await_answer(server: Server) -> None:
    deadline = time.monotonic() + START
    while True:
        server.check()
        try:
            with urlopen(server.address, timeout=10):
                return
        except (URLError, TimeoutError, ConnectionError):
            if time.monotonic() > deadline:
                raise Unmeasured(f"a server did not answer within {START} s") from None
            time.sleep(0.1)


def family(pid: int) -> list[int]:
    """A process, its children, theirs and so on."""
    found = [pid]
    for process in found:
        for listed in Path(f"/proc/{process}/task").glob("*/children"):
            found += map(int, listed.read_text().split())
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and those of its children that are alive."""
    # Linux numbers each process's clock so (clock_getcpuclockid); unlike /proc's its steps are far below 10 ms.
    return sum(time.clock_gettime(~process << 3 | 2) for process in family(pid))


def resident_megabytes(pid: int) -> float:
    """Memory of a process and its children that is in RAM."""
    pages = sum(int(Path(f"/proc/{process}/statm").read_text().split()[1]) for process in family(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


# ---- The page's side

# Runs before any script of the page. A picture is a CSS selector of one canvas, of a grid's canvases, or of an image.
HARNESS = """
window.bench = (() => {
  const pictures = new Map();  // selector -> what was seen of that picture
  const looks = new WeakMap();  // canvas -> hash of its pixels
  const lit = new WeakSet();  // canvases that have shown something else than black
  const now = () => performance.now(), sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  let frame = 0, pointer = 1;

  function watch(selector) {
    if (!pictures.has(selector)) {
      pictures.set(selector, { updates: [], painted: new Set(), changed: false, waiting: [], source: null });
    }
    return pictures.get(selector);
  }
  function update(picture, at, frame) {
    picture.updates.push({ at, frame });
    picture.waiting.splice(0).forEach((done) => done(at));
  }
  function hash(data) {
    let sum = 0, light = 0;
    for (const pixel of new Uint32Array(data.buffer)) {
      sum = Math.imul(sum ^ pixel, 16777619);
      light |= pixel & 0xffffff;
    }
    return [sum, light !== 0];
  }

  // A batch ends when every canvas of the picture has been painted; it is an update if one of them changed.
  function flush(selector, picture) {
    picture.flushing = false;
    if (![...document.querySelectorAll(selector)].every((canvas) => picture.painted.has(canvas))) return;
    if (picture.changed) update(picture, picture.at, picture.frame);
    picture.painted.clear();
    picture.changed = false;
  }
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (image, ...place) {
    put.call(this, image, ...place);
    const at = now(), canvas = this.canvas;
    if (!canvas.isConnected) return;
    const [look, light] = hash(image.data), changed = looks.get(canvas) !== look;
    looks.set(canvas, look);
    if (light) lit.add(canvas);
    for (const [selector, picture] of pictures) {
      if (!canvas.matches(selector)) continue;
      picture.painted.add(canvas);
      picture.changed ||= changed;
      Object.assign(picture, { at, frame });
      if (!picture.flushing) queueMicrotask(() => flush(selector, picture));
      picture.flushing = true;
    }
  };
  document.addEventListener('load', (event) => {
    const at = now(), image = event.target;
    if (!(image instanceof HTMLImageElement) || !image.isConnected) return;
    for (const [selector, picture] of pictures) {
      if (!image.matches(selector) || picture.source === image.src) continue;
      picture.source = image.src;
      update(picture, at, frame);
    }
  }, true);
  addEventListener('pointerdown', (event) => { pointer = event.pointerId; }, true);

  // What is on screen, as text: the hash of each canvas, for an image of its pixels.
  function look(selector) {
    return [...document.querySelectorAll(selector)].map((element) => {
      if (element instanceof HTMLCanvasElement) return looks.get(element);
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: element.naturalWidth, height: element.naturalHeight });
      const context = canvas.getContext('2d');
      context.drawImage(element, 0, 0);
      return hash(context.getImageData(0, 0, canvas.width, canvas.height).data)[0];
    }).join();
  }

  // A function that moves a slider, or a pad that the mouse holds down, to a place from 0 to 1.
  function grasp({ kind, control }) {
    const element = document.querySelector(control);
    if (kind === 'pad') {
      const box = element.getBoundingClientRect();
      return (place) => element.dispatchEvent(new PointerEvent('pointermove', {
        bubbles: true, cancelable: true, pointerId: pointer, pointerType: 'mouse', isPrimary: true, buttons: 1,
        clientX: box.left + box.width * (0.1 + 0.8 * place), clientY: box.top + box.height * (0.3 + 0.4 * place),
      }));
    }
    const low = Number(element.min), high = Number(element.max);
    return (place) => {
      element.value = low + place * (high - low);
      element.dispatchEvent(new Event('input', { bubbles: true }));
    };
  }
  const jump = (i) => (0.5 + i * 0.6180339887) % 1;  // never twice near the same place in a row
  const sweep = (i) => 1 - Math.abs(i % 120 - 60) / 60;  // from end to end in 60 steps, none of them nought

  async function tick(target, place, limit) {
    const move = grasp(target), picture = watch(target.picture);
    const came = new Promise((done) => picture.waiting.push(done)), from = now();
    move(place);
    const at = await Promise.race([came, sleep(limit)]);
    picture.waiting.length = 0;
    return at === undefined ? null : at - from;
  }
  async function ticks(target, count, rest, limit) {
    const times = [];
    for (let i = 0, missed = 0; i < count; i++) {
      times.push(missed < 5 ? await tick(target, jump(i), limit) : null);  // five in a row: no more will come
      missed = times[i] === null ? missed + 1 : 0;
      if (missed < 5) await sleep(rest);
    }
    return times;
  }
  function drag(target, seconds) {
    const move = grasp(target), picture = watch(target.picture);
    picture.updates.length = 0;
    return new Promise((done) => {
      let inputs = 0, first = null;
      const step = () => {
        first ??= now();
        const passed = (now() - first) / 1000;
        if (passed >= seconds) {
          const frames = new Set(picture.updates.filter((u) => u.at >= first).map((u) => u.frame));
          done({ inputs, seconds: passed, frames: frames.size });
          return;
        }
        frame++;
        move(sweep(inputs++));
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
  }
  async function settle(selector, quiet = 700, limit = 10000) {
    const picture = watch(selector), from = now();
    const last = () => Math.max(from, picture.updates.length ? picture.updates[picture.updates.length - 1].at : 0);
    while (now() - last() < quiet && now() - from < limit) await sleep(50);
  }
  // Whether something else is on screen after a drag than the picture of its last position.
  async function dropped(target, inputs) {
    const move = grasp(target), last = sweep(inputs - 1);
    await settle(target.picture);
    const left = look(target.picture);
    for (const place of [(last + 0.5) % 1, last]) {
      move(place);
      await settle(target.picture);
    }
    return look(target.picture) !== left;
  }
  function isLit(selector) {
    const found = [...document.querySelectorAll(selector)];
    return found.length > 0 && found.every((canvas) => lit.has(canvas));
  }
  return { watch, ticks, drag, dropped, settle, isLit };
})();
"""


@dataclass(frozen=True)
class Target:
    """What is dragged in a page, and the picture that follows it: selectors."""

    kind: str  # slider or pad
    control: str
    picture: str


def plain_target(name: str) -> Target:
    return Target("slider", f"#plain-{name} input[type=range]", f"#plain-{name}-image img")


class Stage:
    """The browser and the servers, shared by all measures; a server starts when a measure first asks for it."""

    def __init__(self, browser: Browser, folder: Path, effort: Effort, exits: ExitStack) -> None:
        self.browser, self.folder, self.effort, self._exits = browser, folder, effort, exits

    def _serving(self, command: Callable[[int], list[str]]) -> Server:
        server = self._exits.enter_context(spawned(command, self.folder))
        await_answer(server)
        return server

    @cached_property
    def app(self) -> Server:
        return self._serving(app_command)

    @cached_property
    def plain(self) -> Server:
        return self._serving(plain_command)

    @cached_property
    def empty(self) -> Server:
        return self._serving(empty_command)

    @contextmanager
    def pages(self, count: int = 1) -> Iterator[list[Page]]:
        """Empty pages, each of another visitor who was never here; what is painted in them is seen.

        A context each: pages of one share their six connections to a server, and gradio's page keeps some of them.
        """
        with ExitStack() as exits:
            pages = []
            for _ in range(count):
                context = self.browser.new_context(viewport={"width": 1280, "height": 800})
                exits.callback(context.close)
                context.set_default_timeout(PATIENCE)
                context.add_init_script(HARNESS)
                pages.append(context.new_page())
            yield pages

    @functools.cache  # noqa: B019  a stage lives as long as the program
    def plain_drags(self, name: str) -> dict[str, Drag]:
        """The figures of a slider of the plain page."""
        with self.pages() as [page]:
            return drags(page, open_plain(page, self.plain, name), self.plain, self.effort)


def open_plain(page: Page, server: Server, name: str) -> Target:
    """The plain page, with one slider in view."""
    target = plain_target(name)
    page.goto(server.address)
    page.locator(target.control).scroll_into_view_if_needed()
    return target


def open_board(page: Page, server: Server, model: str, kind: str, effort: Effort) -> tuple[Target, str]:
    """The Latents tab with a model chosen and its decoder at hand: what to drag, and a word if something is missing."""
    page.goto(server.address)
    page.evaluate("(selector) => { bench.watch(selector); }", PAINTED)
    page.get_by_role("tab", name="Latents", exact=True).click()
    page.wait_for_function("(selector) => bench.isLit(selector)", arg=PAINTED)
    choose(page, "latents", model, PAINTED)
    note = await_decoder(page, BOARD, effort.decoder)
    page.evaluate("(selector) => bench.settle(selector)", PAINTED)
    control = f"{BOARD} {'.gm-pad' if kind == 'pad' else 'input.gm-range'}"
    page.locator(control).first.scroll_into_view_if_needed()
    return Target(kind, control, PAINTED), note


def open_grid(page: Page, server: Server, effort: Effort) -> tuple[Target, str]:
    """The Sample tab with 64 pictures by DCGAN: its truncation slider, and a word if something is missing."""
    picture = "#gm-samples .gm-grid canvas"
    page.goto(server.address)
    page.evaluate("(selector) => { bench.watch(selector); }", picture)
    page.wait_for_function("(selector) => bench.isLit(selector)", arg=SAMPLES)
    choose(page, "sample", "dcgan", picture)
    before = page.evaluate("(selector) => bench.watch(selector).updates.length", picture)
    count = page.get_by_label("number input for Pictures")
    count.fill(str(GRID))
    count.press("Enter")
    page.wait_for_function("([selector, count, before]) => bench.watch(selector).updates.length > before && "
                           "[1, count].includes(document.querySelectorAll(selector).length)",
                           arg=[picture, GRID, before])
    decodes = page.locator("#gm-samples[data-engine], #gm-samples [data-engine]").count()
    note = await_decoder(page, "#gm-samples", effort.decoder) if decodes else ""  # a grid may be the server's for good
    page.evaluate("(selector) => bench.settle(selector)", picture)
    control = "#gm-truncation input"
    page.locator(control).scroll_into_view_if_needed()
    return Target("slider", control, picture), note


def choose(page: Page, part: str, model: str, picture: str) -> None:
    """Choose a model in a tab, unless it is chosen, and wait for its picture."""
    radio = f"#gm-{part}-model input[value={model}]"
    if page.locator(radio).is_checked():
        return
    before = page.evaluate("(selector) => bench.watch(selector).updates.length", picture)
    page.locator(f"#gm-{part}-model label:has(input[value={model}]) span").click()
    page.wait_for_function("([selector, before]) => bench.watch(selector).updates.length > before",
                           arg=[picture, before])
    page.evaluate("(selector) => bench.settle(selector)", picture)


def await_decoder(page: Page, part: str, seconds: float) -> str:
    """Wait for the decoder that runs in the page; a word if it does not come."""
    try:
        page.wait_for_function("(part) => document.querySelector(`${part}[data-engine], ${part} [data-engine]`)"
                               "?.dataset.engine === 'page'", arg=part, timeout=seconds * 1000)
    except TooLate:
        return f"no decoder in the page after {seconds:g} s"
    return ""


@contextmanager
def held(page: Page, target: Target) -> Iterator[None]:
    """With a pad the mouse is down on it: a browser lets nothing capture a pointer that is not."""
    if target.kind != "pad":
        yield
        return
    page.locator(target.control).hover()
    page.mouse.down()
    yield
    page.mouse.up()


# ---- Drags


@dataclass(frozen=True)
class Drag:
    """The figures of one slider or pad on one network."""

    p50: float
    p95: float
    updates: float
    dropped: float
    requests: float
    cpu: float
    inputs: float  # a second


FIGURES = {"p50": ("tick, p50", "ms"), "p95": ("tick, p95", "ms"), "updates": ("updates a second", ""),
           "dropped": ("dropped at rest", ""), "requests": ("requests a tick", ""), "cpu": ("server CPU a tick", "ms")}
BOARD_BARS = {(figure, network): bar for network in NETWORKS for figure, bar in (
    ("p95", "<= 4"), ("updates", ">= 58"), ("dropped", "<= 0"), ("requests", "<= 0"), ("cpu", "< 0.1"))}
GRID_BARS = {("p95", "localhost"): "<= 25", ("updates", "localhost"): ">= 45", ("updates", "at 100 ms"): ">= 40"}


def drags(page: Page, target: Target, server: Server, effort: Effort) -> dict[str, Drag]:
    """The figures on each network; the page is ready."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    found = {}
    with held(page, target):
        for network, latency in NETWORKS.items():
            session.send("Network.emulateNetworkConditions", {
                "offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1})
            found[network] = one_drag(page, target, server, effort)
    return found


def one_drag(page: Page, target: Target, server: Server, effort: Effort) -> Drag:
    """Single ticks, a rest, a drag of equal length, and a look at what it left on screen."""
    times = timed_ticks(page, target, effort.ticks)
    page.wait_for_timeout(LULL)
    idle = cpu_seconds(server.process.pid)
    page.wait_for_timeout(effort.seconds * 1000)
    start = cpu_seconds(server.process.pid)
    with asked(page) as requests:
        seen = page.evaluate("([target, seconds]) => bench.drag(target, seconds)", [asdict(target), effort.seconds])
        end = cpu_seconds(server.process.pid)
    used = max(0.0, (end - start) - (start - idle))
    dropped = page.evaluate("([target, inputs]) => bench.dropped(target, inputs)", [asdict(target), seen["inputs"]])
    return Drag(quantile(times, 0.5), quantile(times, 0.95), seen["frames"] / seen["seconds"], float(dropped),
                len(requests) / seen["inputs"], used * 1000 / seen["inputs"], seen["inputs"] / seen["seconds"])


def timed_ticks(page: Page, target: Target, count: int) -> list[float]:
    """Milliseconds of each tick, after a few that warm up; infinite where no picture came."""
    ask = "([target, count, rest, limit]) => bench.ticks(target, count, rest, limit)"
    page.evaluate(ask, [asdict(target), WARM_TICKS, REST, LIMIT])
    times = page.evaluate(ask, [asdict(target), count, REST, LIMIT])
    return [math.inf if ms is None else ms for ms in times]


@contextmanager
def asked(page: Page) -> Iterator[list[str]]:
    """The addresses that a page asks for, filled as it goes."""
    urls: list[str] = []

    def note(request: object) -> None:
        urls.append(request.url)

    page.on("request", note)
    yield urls
    page.remove_listener("request", note)


def drag_rows(of: str, ours: dict[str, Drag], plain: dict[str, Drag], bars: dict, note: str) -> list[Row]:
    """All figures on all networks; beside the updates stands how many inputs a second the browser managed."""
    rows = []
    for network, drag in ours.items():
        for figure, (name, unit) in FIGURES.items():
            inputs = f"of {drag.inputs:.3g} inputs" if figure == "updates" else ""
            rows.append(Row(of, f"{name}, {network}", getattr(drag, figure), unit, bars.get((figure, network), ""),
                            getattr(plain[network], figure), ", ".join(filter(None, [inputs, note]))))
    return rows


def latents(model: str, kind: str, of: str, stage: Stage) -> list[Row]:
    """Dragging a model's first slider or its pad."""
    with stage.pages() as [page]:
        target, note = open_board(page, stage.app, model, kind, stage.effort)
        ours = drags(page, target, stage.app, stage.effort)
    return drag_rows(of, ours, stage.plain_drags(model), BOARD_BARS, note)


def grid(stage: Stage) -> list[Row]:
    """Dragging the truncation of 64 pictures."""
    with stage.pages() as [page]:
        target, note = open_grid(page, stage.app, stage.effort)
        ours = drags(page, target, stage.app, stage.effort)
    return drag_rows("grid", ours, stage.plain_drags("grid"), GRID_BARS, note)


# ---- Start and weight


def grid_shown(page: Page) -> None:
    page.wait_for_function("(selector) => bench.isLit(selector)", arg=SAMPLES)


def button_shown(page: Page) -> None:
    page.get_by_role("button", name="Press", exact=True).wait_for()


def start_seconds(stage: Stage, command: Callable[[int], list[str]], usable: Callable[[Page], None]) -> float:
    """Seconds from spawning a server to its page in use."""
    with stage.pages() as [page]:
        began = time.perf_counter()
        with spawned(command, stage.folder) as server:
            knock(page, server)
            usable(page)
            return time.perf_counter() - began


def knock(page: Page, server: Server) -> None:
    """Go to a page until somebody answers."""
    deadline = time.monotonic() + START
    while True:
        try:
            page.goto(server.address, wait_until="commit")
            return
        except Error:
            server.check()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def start(stage: Stage) -> list[Row]:
    """From nothing to the first picture, in turns with the empty page."""
    ours, bare = [], []
    for _ in range(stage.effort.starts):
        ours.append(start_seconds(stage, app_command, grid_shown))
        bare.append(start_seconds(stage, empty_command, button_shown))
    here, there = statistics.median(ours), statistics.median(bare)
    return [Row("start", "spawn to first use", here, "s", plain=there, note="plain: one button"),
            Row("start", "the same as a ratio", here / there, "", "<= 1.25")]


def page_bytes(stage: Stage, server: Server, usable: Callable[[Page], None]) -> float:
    """Bytes that came over the network until a page was of use, without models for the page's decoder."""
    with stage.pages() as [page]:
        session, urls, sizes = page.context.new_cdp_session(page), {}, {}
        count_bytes(session, urls, sizes)
        page.goto(server.address, wait_until="commit")
        usable(page)
        return sum(size for key, size in sizes.items() if "/gm/weights/" not in urls.get(key, ""))


def count_bytes(session: CDPSession, urls: dict[str, str], sizes: dict[str, float]) -> None:
    """Fill in the address and the encoded size of each request, by its number."""
    session.on("Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]}))
    session.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    session.send("Network.enable")


def weight(stage: Stage) -> list[Row]:
    """What the page weighs, and how much of it is ours."""
    ours, bare = page_bytes(stage, stage.app, grid_shown), page_bytes(stage, stage.empty, button_shown)
    return [Row("weight", "until first use", ours / 1000, "KB", plain=bare / 1000, note="plain: one button"),
            Row("weight", "our part", (ours - bare) / 1000, "KB", "<= 300")]


# ---- Many at once


def calls(stage: Stage, server: Server, count: int, first: int, options: dict) -> list[float]:
    """Seconds of each of many calls with the seeds from ``first`` on, by all visitors at once."""
    command = [sys.executable, "-c", VISITORS, server.address, str(stage.effort.visitors), str(count), str(first),
               json.dumps(options)]
    done = subprocess.run(command, cwd=ROOT, env=surroundings(stage.folder), capture_output=True, text=True)
    if done.returncode:
        raise Unmeasured(f"a call failed: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def api_figures(stage: Stage, server: Server, options: dict) -> tuple[float, float]:
    """p95 of the seconds of a call, and the growth of the server in megabytes."""
    effort = stage.effort
    calls(stage, server, effort.warm, 0, options)
    before = resident_megabytes(server.process.pid)
    seconds = calls(stage, server, effort.timed, effort.warm, options)
    calls(stage, server, effort.calls - effort.timed, effort.warm + effort.timed, options)
    return quantile(seconds, 0.95), resident_megabytes(server.process.pid) - before


def api(stage: Stage) -> list[Row]:
    """Grids through the API."""
    ours = api_figures(stage, stage.app, {"model": "dcgan", "count": GRID})
    other = api_figures(stage, stage.plain, {})
    who = f"{stage.effort.visitors} visitors"
    return [Row("api", "a call, p95", ours[0], "s", "<= 1.5", other[0], who),
            Row("api", "memory growth", ours[1], "MB", "< 50", other[1], f"{stage.effort.calls} calls")]


def crowd_share(server: Server, pages: Sequence[Page], targets: Sequence[Target],
                seconds: float) -> tuple[float, float]:
    """Server CPU in percent of a core while all pages drag, and the inputs a second of all of them."""
    for page, target in zip(pages, targets, strict=True):
        page.evaluate("([target, seconds]) => { bench.running = bench.drag(target, seconds); }",
                      [asdict(target), seconds + 1])  # so that the first still drags when the last has begun
    began, used = time.perf_counter(), cpu_seconds(server.process.pid)
    pages[0].wait_for_timeout(seconds * 1000)
    share = 100 * (cpu_seconds(server.process.pid) - used) / (time.perf_counter() - began)
    seen = [page.evaluate("() => bench.running") for page in pages]
    return share, sum(one["inputs"] / one["seconds"] for one in seen)


def crowd(stage: Stage) -> list[Row]:
    """Many visitors on the Latents tab."""
    effort = stage.effort
    with stage.pages(effort.visitors) as pages:
        targets, missing = [], ""
        for page in pages:  # where the first has no decoder, the others are not waited for as long
            patience = replace(effort, decoder=1) if missing else effort
            target, note = open_board(page, stage.app, "vae2d", "slider", patience)
            targets.append(target)
            missing = missing or note
        pages[0].wait_for_timeout(LULL)
        ours, inputs = crowd_share(stage.app, pages, targets, effort.seconds)
    with stage.pages(effort.visitors) as pages:
        targets = [open_plain(page, stage.plain, "vae2d") for page in pages]
        pages[0].wait_for_timeout(LULL)
        other, _ = crowd_share(stage.plain, pages, targets, effort.seconds)
    notes = [f"{effort.visitors} visitors, {inputs:.0f} inputs a second", missing]
    return [Row("crowd", "server CPU, of a core", ours, "%", "< 5", other, ", ".join(filter(None, notes)))]


# ---- The command

BOARDS = {"vae2d-pad": ("vae2d", "pad"), **{model: (model, "slider") for model in MODELS}}
MEASURES: dict[str, Callable[[Stage], list[Row]]] = {
    **{of: partial(latents, model, kind, of) for of, (model, kind) in BOARDS.items()},
    "grid": grid, "start": start, "weight": weight, "api": api, "crowd": crowd,
}


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BenchError(f"{message}; see --help")


def parser() -> Parser:
    parser = Parser(prog="bench", description=__doc__.splitlines()[0], epilog=f"Names: {', '.join(MEASURES)}.")
    parser.add_argument("--only", metavar="NAME,...", default=",".join(MEASURES), help="measure these; default: all")
    parser.add_argument("--quick", action="store_true", help="few repetitions: to see that it runs, not how fast")
    parser.add_argument("--json", metavar="PATH", type=Path, help="write the rows to a file too")
    parser.add_argument("--markdown", action="store_true", help="print what has a bar as a Markdown table")
    return parser


def checked(args: argparse.Namespace) -> list[str]:
    """The names of the measures to take; BenchError if these cannot be, or their figures not be written."""
    names = [name.strip() for name in args.only.split(",")]
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise BenchError(f"there is no measure {unknown[0]!r}; there are: {', '.join(MEASURES)}")
    if args.json and (args.json.is_dir() or not args.json.parent.is_dir()):
        raise BenchError(f"{args.json} is not a place for a file")
    if not Path("/proc/self/stat").exists():
        raise BenchError("the servers' CPU time and memory are read from /proc, which this system does not have")
    if sync_playwright is None:
        raise BenchError("playwright is not installed; pip install -r tests/requirements.txt")
    return list(dict.fromkeys(names))


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        names = ("chromium", "chromium-browser", "google-chrome")
        try:
            browser = playwright.chromium.launch(executable_path=next(filter(None, map(shutil.which, names)), None))
        except Error as error:
            raise BenchError(f"no Chromium: {error.message.splitlines()[0]}") from None
        try:
            yield browser
        finally:
            browser.close()


def take(names: Sequence[str], effort: Effort) -> list[Row]:
    """The rows of some measures; one that cannot be taken is a row that says why."""
    rows = []
    with chromium() as browser, tempfile.TemporaryDirectory() as folder, ExitStack() as exits:
        stage = Stage(browser, Path(folder), effort, exits)
        for name in names:
            print(f"bench: {name}", file=sys.stderr, flush=True)
            try:
                rows += MEASURES[name](stage)
            except (Error, Unmeasured, OSError) as error:
                rows.append(Row(name, "not measured", None, note=str(error).splitlines()[0]))
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit status."""
    try:
        args = parser().parse_args(arguments)
        rows = take(checked(args), QUICK if args.quick else Effort())
        print(as_markdown(rows, args.quick) if args.markdown else as_text(rows))
        if args.json:
            args.json.write_text(as_json(rows, args.quick))
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    except (BenchError, OSError) as error:
        print(f"bench: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    return int(any(row.reached is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
