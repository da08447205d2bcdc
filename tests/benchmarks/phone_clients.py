"""Phones that open the page at once: repeat for each what a page asked for, and report.

python -m tests.benchmarks.phone_clients ADDRESS PHONES REQUESTS

``REQUESTS`` is a file of what ``phones.record`` returned. Prints a line of JSON when all phones have what they asked
for; then they keep the connections open that a page keeps open, until standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

SESSION = "SESSION"  # stands for gradio's name of a page's session
CONNECTIONS = 6  # that a browser opens to one server
HEADERS = {"Accept-Encoding": "gzip, deflate, br, zstd", "User-Agent": "Mozilla/5.0 (Linux; Android 16; Mobile)"}


class Phone:
    """One visitor, with connections and a session of its own."""

    def __init__(self, http: ClientSession, requests: list[dict]) -> None:
        self.http, self.requests = http, requests
        self.session = uuid.uuid4().hex[:11]
        self.done = [asyncio.Event() for _ in requests]
        self.found: list[dict] = []

    async def open(self) -> list[dict]:
        """All requests, each as soon as those have been answered that came before it in the recorded page.

        As browsers do, one that fails is sent once more: servers close connections that have been idle for a while.
        """
        self.begun = time.perf_counter()
        tasks = [asyncio.create_task(self.fetch(i)) for i in range(len(self.requests))]
        await asyncio.gather(*(task for task, request in zip(tasks, self.requests, strict=True) if request["ends"]))
        self.kept = [task for task, request in zip(tasks, self.requests, strict=True) if not request["ends"]]
        return self.found

    async def fetch(self, i: int) -> None:
        request = self.requests[i]
        for before in request["after"]:
            await self.done[before].wait()
        path, body = (part and part.replace(SESSION, self.session) for part in (request["path"], request["body"]))
        began, fault = time.perf_counter(), None
        for fresh in (False, True):
            try:
                fault = await self.answer_to(request["method"], path, data=body, headers=request["headers"])
                break
            except (ClientError, OSError, TimeoutError) as error:
                fault = f"{type(error).__name__} for {path}" if fresh else None
        now = time.perf_counter()
        self.found.append({"seconds": now - began, "since": now - self.begun, "paint": request["paint"],
                           "fault": fault})
        self.done[i].set()

    async def answer_to(self, method: str, path: str, **options: object) -> str | None:
        """Read an answer to its end; what is wrong with it, if it is an error."""
        async with self.http.request(method, path, **options) as response:
            async for _ in response.content.iter_chunked(1 << 16):
                pass
            return f"{response.status} for {path}" if response.status >= 400 else None


async def main(address: str, phones: int, requests: list[dict]) -> None:
    sessions = [ClientSession(address, connector=TCPConnector(limit=CONNECTIONS), headers=HEADERS,
                              timeout=ClientTimeout(total=None, sock_connect=60, sock_read=120), auto_decompress=False)
                for _ in range(phones)]
    opened = [Phone(http, requests) for http in sessions]
    found = await asyncio.gather(*(phone.open() for phone in opened))
    print(json.dumps(found), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in [task for phone in opened for task in phone.kept]:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    for http in sessions:
        await http.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text())))
