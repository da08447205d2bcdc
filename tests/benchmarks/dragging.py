"""Latency, updates, requests and server time while a slider or pad is dragged, on localhost and a slow network."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.report import Row, quantile
from tests.benchmarks.servers import Server, cpu_seconds
from tests.benchmarks.session import (
    QUIET_MS,
    BenchSession,
    DragTarget,
    Effort,
    open_explorer,
    open_grid,
    open_plain,
    open_sketchpad,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

NETWORKS = {"localhost": 0, "100 ms RTT": 100}  # milliseconds of latency
LATENCY_LIMIT = 5_000  # milliseconds after which an image counts as never shown
REST_MS = 30  # between an image and the next input
WARMUP_INPUTS = 3


@dataclass(frozen=True)
class DragResult:
    """The measurements of one slider or pad on one network."""

    p50: float  # of the latency, ms
    p95: float
    updates: float  # per second
    dropped: float  # 1 if the last input was dropped
    requests: float  # per input
    cpu: float  # of the server, ms per input
    inputs: float  # per second, one for each frame of the page


MEASURES = {"p50": ("latency, p50", "ms"), "p95": ("latency, p95", "ms"), "updates": ("updates per second", ""),
            "dropped": ("last input dropped", ""), "requests": ("requests per input", ""),
            "cpu": ("server CPU per input", "ms"), "inputs": ("frames per second", "")}
EXPLORER_TARGETS = {(measure, network): target for network in NETWORKS for measure, target in (
    ("p95", "<= 4"), ("updates", ">= 58"), ("dropped", "<= 0"), ("requests", "<= 0"), ("cpu", "< 0.1"))}
GRID_TARGETS = {(measure, network): target for network in NETWORKS for measure, target in (
    ("p95", "<= 60"), ("inputs", ">= 55"), ("dropped", "<= 0"), ("requests", "<= 0"), ("cpu", "< 0.1"))}
SERVER_GRID_TARGETS = {("p95", "localhost"): "<= 80", ("updates", "localhost"): ">= 15",
                       ("updates", "100 ms RTT"): ">= 15"}  # on processors with bfloat16 units and without


def measure_explorer(model: str, kind: str, subject: str, session: BenchSession) -> list[Row]:
    """Drag a model's first slider or its pad."""
    with session.pages() as [page]:
        target, note = open_explorer(page, session.app, model, kind, session.effort)
        ours = drag_on_networks(page, target, session.app, session.effort)
    return drag_rows(subject, ours, drag_plain(session, model), EXPLORER_TARGETS, note)


def measure_grid(session: BenchSession) -> list[Row]:
    """Drag the truncation of 64 images: drawn by the page, and by the server, which is asked where the page cannot."""
    rows = []
    for subject, by_page, targets in (("grid", True, GRID_TARGETS), ("grid, server", False, SERVER_GRID_TARGETS)):
        with session.pages() as [page]:
            target, note = open_grid(page, session.app, session.effort, by_page)
            ours = drag_on_networks(page, target, session.app, session.effort)
        rows += drag_rows(subject, ours, drag_plain(session, "grid"), targets, note)
    return rows


def measure_pen(session: BenchSession) -> list[Row]:
    """Draw, and see the reconstruction follow."""
    with session.pages() as [page]:
        target, note = open_sketchpad(page, session.app, session.effort)
        with recorded_requests(page) as requests:
            seen = page.evaluate("([target, seconds]) => bench.drag(target, seconds)",
                                 [asdict(target), session.effort.seconds])
        page.mouse.up()
    frames, inputs = seen["frames"] / seen["seconds"], seen["inputs"] / seen["seconds"]
    return [Row("pen", "updates per second", frames, target=">= 30", note=note or f"of {inputs:.3g} inputs"),
            Row("pen", "requests per input", len(requests) / seen["inputs"], target="<= 0", note=note)]


@functools.cache
def drag_plain(session: BenchSession, name: str) -> dict[str, DragResult]:
    """Drag a slider of the plain page, once for all measures that are compared with it."""
    with session.pages() as [page]:
        return drag_on_networks(page, open_plain(page, session.plain, name), session.plain, session.effort)


def drag_on_networks(page: Page, target: DragTarget, server: Server, effort: Effort) -> dict[str, DragResult]:
    """The results on each network; the page is ready."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    found = {}
    with mouse_down(page, target):
        for network, latency in NETWORKS.items():
            devtools.send("Network.emulateNetworkConditions", {
                "offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1})
            found[network] = drag_once(page, target, server, effort)
    return found


@contextmanager
def mouse_down(page: Page, target: DragTarget) -> Iterator[None]:
    """With the mouse down on a pad: the browser lets no script capture a pointer that is up."""
    if target.kind != "pad":
        yield
        return
    page.locator(target.control).hover()
    page.mouse.down()
    yield
    page.mouse.up()


def drag_once(page: Page, target: DragTarget, server: Server, effort: Effort) -> DragResult:
    """Single inputs, a rest, a drag of equal length, and a look at what it left on screen."""
    latencies = measure_latencies(page, target, effort.inputs)
    page.wait_for_timeout(QUIET_MS)
    idle = cpu_seconds(server.process.pid)
    page.wait_for_timeout(effort.seconds * 1000)
    start = cpu_seconds(server.process.pid)
    with recorded_requests(page) as requests:
        seen = page.evaluate("([target, seconds]) => bench.drag(target, seconds)", [asdict(target), effort.seconds])
        end = cpu_seconds(server.process.pid)
    used = max(0.0, (end - start) - (start - idle))
    dropped = page.evaluate("([target, inputs]) => bench.lastInputDropped(target, inputs)",
                            [asdict(target), seen["inputs"]])
    return DragResult(quantile(latencies, 0.5), quantile(latencies, 0.95), seen["frames"] / seen["seconds"],
                      float(dropped), len(requests) / seen["inputs"], used * 1000 / seen["inputs"],
                      seen["inputs"] / seen["seconds"])


def measure_latencies(page: Page, target: DragTarget, count: int) -> list[float]:
    """Milliseconds from each input to its image, after a few to warm up; infinite if no image came."""
    measure = "([target, count, rest, limit]) => bench.measureLatencies(target, count, rest, limit)"
    page.evaluate(measure, [asdict(target), WARMUP_INPUTS, REST_MS, LATENCY_LIMIT])
    latencies = page.evaluate(measure, [asdict(target), count, REST_MS, LATENCY_LIMIT])
    return [math.inf if ms is None else ms for ms in latencies]


@contextmanager
def recorded_requests(page: Page) -> Iterator[list[str]]:
    """The addresses that a page requests, appended as it does."""
    urls: list[str] = []

    def record(request: object) -> None:
        urls.append(request.url)

    page.on("request", record)
    yield urls
    page.remove_listener("request", record)


def drag_rows(subject: str, ours: dict[str, DragResult], plain: dict[str, DragResult], targets: dict,
              note: str) -> list[Row]:
    """All measures on all networks; beside the updates stands how many inputs per second the browser managed."""
    rows = []
    for network, result in ours.items():
        for field, (measure, unit) in MEASURES.items():
            inputs = f"of {result.inputs:.3g} inputs" if field == "updates" else ""
            rows.append(Row(subject, f"{measure}, {network}", getattr(result, field), unit,
                            targets.get((field, network), ""), getattr(plain[network], field),
                            ", ".join(filter(None, [inputs, note]))))
    return rows
