"""How gradio's own answers travel: its scripts and styles from memory, packed once; its HTML packed.

gradio reads and packs each of the fifty files of a page anew for every visitor, and sends its HTML, which holds the
whole layout, unpacked. Browsers keep the files that have a hash of their content in their names. What it saves is
measured by ``python -m tests.benchmarks --only phones,weight``.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import lru_cache, partial

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ASSETS = "/assets/"  # of gradio, whose names hold a hash of their content
FIXED = (ASSETS, "/static/", "/favicon.ico")  # for as long as the server runs; all of it needs no login
KEEP = "public, max-age=31536000, immutable"
MAX_FILE, MAX_STORED = 2_000_000, 32_000_000  # bytes: of a file, and of all that are stored
PACKED_TYPES = ("text/", "application/javascript", "application/json", "image/svg")

gzip_once = lru_cache(16)(partial(gzip.compress, mtime=0))


def takes_gzip(headers: Headers) -> bool:
    """Whether who sent a request with these headers can read gzip."""
    return "gzip" in headers.get("accept-encoding", "")


@dataclass(frozen=True)
class Answer:
    """A whole answer: its first message and its body."""

    start: Message
    body: bytes

    async def send(self, send: Send) -> None:
        await send(self.start)
        await send({"type": "http.response.body", "body": self.body})


class Delivery:
    """ASGI middleware: see the head of this module."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.stored: dict[tuple[str, bool], Answer] = {}
        self.bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path, packed = scope["path"].removeprefix(scope.get("root_path", "")), takes_gzip(headers)
        fixed = path.startswith(FIXED) and "range" not in headers
        if fixed and (path, packed) in self.stored:
            await self.stored[path, packed].send(send)
            return

        start: Message | None = None  # of an answer that is held back until its body is whole
        body = b""

        async def hold(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_held(message, fixed):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    answer = _pack(start, body, packed, KEEP if path.startswith(ASSETS) else None)
                    if fixed:
                        self._store((path, packed), answer)
                    await answer.send(send)

        await self.app(scope, receive, hold)

    def _store(self, key: tuple[str, bool], answer: Answer) -> None:
        if self.bytes + len(answer.body) <= MAX_STORED:
            self.bytes += len(answer.body)
            self.stored[key] = answer


def _is_held(start: Message, fixed: bool) -> bool:
    """Whether an answer is stored or packed: it has no other coding, and is a file of no great size or a page."""
    headers = Headers(raw=start["headers"])
    if start["status"] != 200 or "content-encoding" in headers:
        return False
    if fixed:
        return int(headers.get("content-length", MAX_FILE)) < MAX_FILE
    return headers.get("content-type", "").startswith("text/html")


def _pack(start: Message, body: bytes, packed: bool, keep: str | None) -> Answer:
    """An answer as it travels, with the headers that say so; ``keep``: for how long browsers may."""
    headers = MutableHeaders(raw=list(start["headers"]))
    if headers.get("content-type", "").startswith(PACKED_TYPES):
        headers.add_vary_header("Accept-Encoding")
        if packed:
            body = gzip_once(body)
            headers["Content-Encoding"] = "gzip"
            del headers["ETag"]  # which is of the content as it was
    if keep:
        headers["Cache-Control"] = keep
    headers["Content-Length"] = str(len(body))
    return Answer(start | {"headers": headers.raw}, body)
