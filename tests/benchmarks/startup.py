"""How long the page takes to start, and what it weighs, beside a page with one button."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.benchmarks.report import Row
from tests.benchmarks.servers import START_TIMEOUT, Command, Server, app_command, empty_command, spawn
from tests.benchmarks.session import EXPLORER, OPENING, QUIET_MS, SAMPLES, BenchSession, Error

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page


RTT_MS, THROUGHPUT = 100, 10e6 / 8  # of the slow network: milliseconds, bytes a second


def wait_for_picture(page: Page, selector: str = OPENING) -> None:
    page.wait_for_function("(selector) => bench.isPainted(selector)", arg=selector)


def wait_for_button(page: Page) -> None:
    page.get_by_role("button", name="Press", exact=True).wait_for()


def measure_start(session: BenchSession) -> list[Row]:
    """From spawning the server to the opening's first picture, in turns with the empty page."""
    ours, empty = [], []
    for _ in range(session.effort.starts):
        ours.append(start_seconds(session, app_command, wait_for_picture))
        empty.append(start_seconds(session, empty_command, wait_for_button))
    here, there = statistics.median(ours), statistics.median(empty)
    return [Row("start", "spawn to first use", here, "s", plain=there, note="plain: one button"),
            Row("start", "ratio to one button", here / there, "", "<= 1.25")]


def start_seconds(session: BenchSession, command: Command, wait_usable: Callable[[Page], None]) -> float:
    """Seconds from spawning a server until its page is usable."""
    with session.pages() as [page]:
        start = time.perf_counter()
        with spawn(command, session.folder) as server:
            go_when_up(page, server)
            wait_usable(page)
            return time.perf_counter() - start


def go_when_up(page: Page, server: Server) -> None:
    """Go to a server's page as soon as it answers.

    Not before it listens: a browser that tries again fifty times a second keeps a core busy that the server needs.
    """
    deadline = time.monotonic() + START_TIMEOUT
    place = urlsplit(server.address)
    while True:
        with socket.socket() as probe:
            listens = probe.connect_ex((place.hostname, place.port)) == 0
        if not listens and time.monotonic() < deadline:
            server.check()
            time.sleep(0.02)
            continue
        try:
            page.goto(server.address, wait_until="commit")
            return
        except Error:
            server.check()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def measure_map(session: BenchSession) -> list[Row]:
    """From opening the Latents tab to its map, drawn by the page's own decoder, on a slow network and a first visit."""
    map_seconds(session)  # the server loads the model
    found = [map_seconds(session) for _ in range(session.effort.starts)]
    seconds, sizes = (statistics.median(values) for values in zip(*found, strict=True))
    return [Row("map", "tab to map, 10 Mbit/s, 100 ms", seconds, "s", "<= 2"),
            Row("map", "bytes fetched for it", sizes / 1000, "KB")]


def map_seconds(session: BenchSession) -> tuple[float, float]:
    """Seconds until the map of a new visitor's page is drawn, and the bytes that were fetched for it."""
    with session.pages() as [page]:
        devtools, urls, sizes = page.context.new_cdp_session(page), {}, {}
        page.goto(session.app.address + "#a=sample", wait_until="commit")  # where nothing of the map is there yet
        wait_for_picture(page, SAMPLES)
        page.wait_for_timeout(QUIET_MS)
        count_bytes(devtools, urls, sizes)
        devtools.send("Network.emulateNetworkConditions", {
            "offline": False, "latency": RTT_MS, "downloadThroughput": THROUGHPUT, "uploadThroughput": THROUGHPUT})
        start = time.perf_counter()
        page.get_by_role("tab", name="Explore", exact=True).click()  # whose first activity is Latents
        drawn = "[data-engine=page][data-map]"
        page.wait_for_selector(f"{EXPLORER}{drawn}, {EXPLORER} {drawn}")
        return time.perf_counter() - start, sum(sizes.values())


def measure_weight(session: BenchSession) -> list[Row]:
    """What the page weighs, and how much of it is the project's own."""
    ours = page_bytes(session, session.app, wait_for_picture)
    empty = page_bytes(session, session.empty, wait_for_button)
    return [Row("weight", "until first use", ours / 1000, "KB", plain=empty / 1000, note="plain: one button"),
            Row("weight", "more than one button", (ours - empty) / 1000, "KB", "<= 300")]


def page_bytes(session: BenchSession, server: Server, wait_usable: Callable[[Page], None]) -> float:
    """Bytes over the network until a page is usable, without weights for the page's decoder."""
    with session.pages() as [page]:
        devtools, urls, sizes = page.context.new_cdp_session(page), {}, {}
        count_bytes(devtools, urls, sizes)
        page.goto(server.address, wait_until="commit")
        wait_usable(page)
        return sum(size for key, size in sizes.items() if "/gm/weights/" not in urls.get(key, ""))


def count_bytes(devtools: CDPSession, urls: dict[str, str], sizes: dict[str, float]) -> None:
    """Record the address and the encoded size of each request, by its id."""
    devtools.on("Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]}))
    devtools.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    devtools.send("Network.enable")
