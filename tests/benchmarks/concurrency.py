"""Many at once: clients of the API, and visitors who drag."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from tests.benchmarks.report import Row, quantile
from tests.benchmarks.servers import ROOT, NotMeasured, Server, cpu_seconds, environment, resident_megabytes
from tests.benchmarks.session import GRID_SIZE, QUIET_MS, BenchSession, DragTarget, open_explorer, open_plain

if TYPE_CHECKING:
    from playwright.sync_api import Page


def measure_api(session: BenchSession) -> list[Row]:
    """Grids through the API."""
    ours = time_and_growth(session, session.app, {"model": "dcgan", "count": GRID_SIZE})
    plain = time_and_growth(session, session.plain, {})
    return [Row("api", "call, p95", ours[0], "s", "<= 1.5", plain[0], f"{session.effort.visitors} clients"),
            Row("api", "memory growth", ours[1], "MB", "< 50", plain[1], f"{session.effort.calls} calls")]


def time_and_growth(session: BenchSession, server: Server, options: dict) -> tuple[float, float]:
    """p95 of the seconds per call, and the growth of the server in megabytes."""
    effort = session.effort
    call_api(session, server, effort.warmup_calls, 0, options)
    before = resident_megabytes(server.process.pid)
    seconds = call_api(session, server, effort.timed_calls, effort.warmup_calls, options)
    call_api(session, server, effort.calls - effort.timed_calls, effort.warmup_calls + effort.timed_calls, options)
    return quantile(seconds, 0.95), resident_megabytes(server.process.pid) - before


def call_api(session: BenchSession, server: Server, count: int, first_seed: int, options: dict) -> list[float]:
    """Seconds of each of ``count`` calls with successive seeds, by all clients at once."""
    command = [sys.executable, "-m", "tests.benchmarks.api_clients", server.address, str(session.effort.visitors),
               str(count), str(first_seed), json.dumps(options)]
    done = subprocess.run(command, cwd=ROOT, env=environment(session.folder), capture_output=True, text=True)
    if done.returncode:
        raise NotMeasured(f"a call failed: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def concurrent_load(session: BenchSession) -> list[Row]:
    """Many visitors who all drag on the Latents tab."""
    effort = session.effort
    with session.pages(effort.visitors) as pages:
        targets, missing = [], ""
        for page in pages:  # if the first has no decoder, the others are not waited for as long
            patience = replace(effort, decoder_seconds=1) if missing else effort
            target, note = open_explorer(page, session.app, "vae2d", "slider", patience)
            targets.append(target)
            missing = missing or note
        pages[0].wait_for_timeout(QUIET_MS)
        ours, inputs = server_share(session.app, pages, targets, effort.seconds)
    with session.pages(effort.visitors) as pages:
        targets = [open_plain(page, session.plain, "vae2d") for page in pages]
        pages[0].wait_for_timeout(QUIET_MS)
        plain, _ = server_share(session.plain, pages, targets, effort.seconds)
    notes = [f"{effort.visitors} visitors, {inputs:.0f} inputs per second", missing]
    return [Row("load", "server CPU, of a core", ours, "%", "< 5", plain, ", ".join(filter(None, notes)))]


def server_share(server: Server, pages: Sequence[Page], targets: Sequence[DragTarget],
                 seconds: float) -> tuple[float, float]:
    """Server CPU in percent of a core while all pages drag, and the inputs per second of all of them."""
    for page, target in zip(pages, targets, strict=True):
        page.evaluate("([target, seconds]) => { bench.running = bench.drag(target, seconds); }",
                      [asdict(target), seconds + 1])  # longer, so that the first still drags when the last has begun
    start, used = time.perf_counter(), cpu_seconds(server.process.pid)
    pages[0].wait_for_timeout(seconds * 1000)
    share = 100 * (cpu_seconds(server.process.pid) - used) / (time.perf_counter() - start)
    seen = [page.evaluate("() => bench.running") for page in pages]
    return share, sum(one["inputs"] / one["seconds"] for one in seen)
