"""Many phones that open the page at once and drag, by a load generator that repeats what a real page asks for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from tests.benchmarks.phone_clients import SESSION
from tests.benchmarks.report import Row, quantile
from tests.benchmarks.servers import ROOT, NotMeasured, cpu_seconds, environment
from tests.benchmarks.session import OPENING, QUIET_MS, BenchSession, DragTarget
from tests.benchmarks.startup import wait_for_picture

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
STAGE = DragTarget("pad", ".gm-stage", OPENING)
KEPT_HEADERS = ("content-type", "accept", "range", "x-gradio-user")


def measure_phones(session: BenchSession) -> list[Row]:
    """Open the page on many phones at once, then keep it open while they drag, which asks for nothing."""
    count, address = session.effort.phones, session.app.address
    with session.pages(screen=PHONE) as [page]:
        requests, dragged = record(page, address, session.effort.seconds)
    plan = session.folder / "requests.json"
    plan.write_text(json.dumps(requests))
    command = [sys.executable, "-m", "tests.benchmarks.phone_clients", address, str(count), str(plan)]
    with subprocess.Popen(command, cwd=ROOT, env=environment(session.folder), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as clients:
        line = clients.stdout.readline()
        if not line:
            raise NotMeasured("the phones' process ended by itself")
        time.sleep(QUIET_MS / 1000)
        start, used = time.perf_counter(), cpu_seconds(session.app.process.pid)
        time.sleep(session.effort.seconds)
        share = 100 * (cpu_seconds(session.app.process.pid) - used) / (time.perf_counter() - start)
        clients.stdin.close()
    return phone_rows(json.loads(line), dragged, share)


def phone_rows(found: list[list[dict]], dragged: int, share: float) -> list[Row]:
    """From the requests of each phone, those of a drag, and the server's share of a core meanwhile."""
    paint = [request for phone in found for request in phone if request["paint"]]
    faults = [request["fault"] for phone in found for request in phone if request["fault"]]
    painted = [max(request["since"] for request in phone if request["paint"]) for phone in found]
    note = f"{len(found)} phones, {len(paint) // len(found)} requests each"
    return [Row("phones", "request of the first picture, p95", quantile([r["seconds"] for r in paint], 0.95), "s",
                "<= 3", note=note),
            Row("phones", "all of them, p95", quantile(painted, 0.95), "s", note="of one phone"),
            Row("phones", "refused", len(faults), target="<= 0", note=faults[0] if faults else ""),
            Row("phones", "requests of a drag", dragged, target="<= 0"),
            Row("phones", "server CPU at rest, of a core", share, "%", "< 5", note="while all drag")]


def record(page: Page, address: str, seconds: float) -> tuple[list[dict], int]:
    """What a phone asks for from opening the page until it draws by itself what the hand drags; requests of a drag.

    A request: method, path, body, headers, ``after`` (those that had been answered when it began), ``paint`` (whether
    it began before the first picture), ``ends`` (whether its answer ended). gradio's session is ``SESSION``.
    """
    requests, answered = listen(page.context.new_cdp_session(page), address)
    page.goto(address, wait_until="commit")
    wait_for_picture(page)
    for request in requests:
        request["paint"] = True
    page.wait_for_selector("[data-engine=page] " + STAGE.control)
    page.wait_for_timeout(QUIET_MS)
    asked = len(requests)
    page.evaluate("([target, seconds]) => bench.drag(target, seconds)", [asdict(STAGE), seconds])
    session = re.search(r'session_hash"?[:=]"?(\w+)', " ".join(f"{r['path']} {r['body']}" for r in requests))[1]
    for request in requests:
        request["ends"] = request.pop("id") in answered
        for key in ("path", "body"):
            request[key] = request[key] and request[key].replace(session, SESSION)
    return requests[:asked], len(requests) - asked


def listen(devtools: CDPSession, address: str) -> tuple[list[dict], set[str]]:
    """The requests to a server as they begin, and the ids of those whose answers have ended."""
    requests: list[dict] = []
    answered: set[str] = set()
    places: dict[str, int] = {}

    def begin(event: dict) -> None:
        asked = event["request"]
        if not asked["url"].startswith(address):
            return
        places[event["requestId"]] = len(requests)
        requests.append({
            "id": event["requestId"], "method": asked["method"], "path": "/" + asked["url"].removeprefix(address),
            "body": asked.get("postData"), "paint": False, "after": sorted(places[i] for i in answered if i in places),
            "headers": {k: v for k, v in asked["headers"].items() if k.lower() in KEPT_HEADERS}})

    devtools.on("Network.requestWillBeSent", begin)
    devtools.on("Network.loadingFinished", lambda event: answered.add(event["requestId"]))
    devtools.send("Network.enable")
    return requests, answered
