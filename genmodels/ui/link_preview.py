"""What chats and social networks show of a link to the page: its name, a description, a picture.

They read the HTML as it is served and run no script. gradio's template introduces every page as "Gradio" there, with a
picture of gradio's; it leaves no way to say otherwise, so that the tags are exchanged in the answer.
"""

from __future__ import annotations

import io
import re
from html import escape

import numpy as np
from PIL import Image
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genmodels.images import make_grid, upscale
from genmodels.ui.store import ModelStore
from genmodels.ui.text import Text

# Of which the picture shows a row of samples each, from the top.
MODELS = ("dcgan", "cvae", "infogan", "vae", "cgan")
COLUMNS, SCALE = 10, 4
SIZE = (630, 1200)  # height and width of the picture in pixels, as networks recommend it
BACKGROUND = 32  # gray level
TAGS = re.compile(rb'\s*<meta\s+(?:name|property)="(?:og|twitter):[^>]*>')
CHARSET = b'<meta charset="utf-8" />'


def preview_picture(store: ModelStore) -> bytes | None:
    """Stored samples of several models as a PNG; None where there are none."""
    intact = [option.name for option in store.options() if not option.error]
    found = [store.stored_samples(name) for name in MODELS if name in intact]
    rows = [samples[:COLUMNS] for samples in found if samples is not None]
    if not rows:
        return None
    alike = np.concatenate([row for row in rows if row.shape == rows[0].shape])
    grid = upscale(make_grid(alike, COLUMNS, gap=1, background=BACKGROUND), SCALE)
    grid = grid[: SIZE[0], : SIZE[1]]
    picture = np.full(SIZE, BACKGROUND, np.uint8)
    top, left = ((whole - part) // 2 for whole, part in zip(SIZE, grid.shape, strict=True))
    picture[top : top + grid.shape[0], left : left + grid.shape[1]] = grid
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "png")  # not optimized, which takes ten times as long for 4 % of its size
    return file.getvalue()


def preview_tags(language: str, address: str, picture: str | None) -> str:
    """The tags for the head of the page.

    ``address`` and ``picture``: of the page and of the picture, absolute.
    """
    texts = (Text("page.title"), Text("page.tagline"), Text("page.picture"))
    title, description, alt = (text.word(language) for text in texts)
    tags = {"description": description, "og:type": "website", "og:url": address, "og:title": title,
            "og:description": description, "twitter:card": "summary_large_image" if picture else "summary"}
    if picture:
        tags |= {"og:image": picture, "og:image:width": str(SIZE[1]), "og:image:height": str(SIZE[0]),
                 "og:image:alt": alt}
    metas = (f'<meta {"property" if name.startswith("og:") else "name"}="{name}" content="{escape(content)}" />'
             for name, content in tags.items())
    return "\n".join([f"<title>{escape(title)}</title>", *metas])


class LinkPreview:
    """ASGI middleware: in the HTML of a page, its own tags (``Page.preview_tags``) in the place of gradio's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message | None = None  # of an answer in HTML, held back until its length is known
        body = b""

        async def exchange(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if message.get("more_body"):
                    return
                page = scope["app"].get_blocks()
                content = _with_tags(body, page.preview_tags(Request(scope)).encode())
                length = (b"content-length", str(len(content)).encode())
                headers = [length if name.lower() == length[0] else (name, value) for name, value in start["headers"]]
                await send(start | {"headers": headers})
                await send({"type": "http.response.body", "body": content})

        await self.app(scope, receive, exchange if scope["type"] == "http" else send)


def _is_html(start: Message) -> bool:
    kinds = [value for name, value in start["headers"] if name.lower() == b"content-type"]
    return bool(kinds) and kinds[0].startswith(b"text/html")


def _with_tags(html: bytes, tags: bytes) -> bytes:
    """Other HTML than gradio's template as it is."""
    head, script, rest = html.partition(b"<script")  # the tags stand before it, and the page's own data in it
    if not script or not TAGS.search(head):
        return html
    return TAGS.sub(b"", head).replace(CHARSET, CHARSET + b"\n" + tags, 1) + script + rest
