"""What the page's own scripts ask of the server, beside gradio's routes: plans, weights, and pictures as plain bytes.

What moves under a hand comes this way: no queue, no base64, no file on disk; a grid is the 50 KB that its pixels take.
Two things may be asked for at once, for browsers have few connections. What is asked for is checked by the
same actions that answer the API. gradio's ``auth`` knows nothing of these routes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import gradio as gr
import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from genmodels import checkpoint
from genmodels.ui.actions import Actions

ROOT = "/gm"
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # the address holds the hash of what it gives
LONGEST = 20_000  # bytes of a request
TOGETHER = 2  # things that one request may ask for


def routes(actions: Actions) -> list[Route]:
    """GET plan/NAME, GET weights/HASH/NAME, POST generate/ACTION; all below ``ROOT``."""
    studio = actions.studio
    drawers: dict[str, Callable[..., np.ndarray]] = {
        "sample": actions.sample_pictures, "decode": actions.decode_pictures,
        "latent_grid": actions.latent_grid_pictures}

    def plan(request: Request) -> Response:
        try:
            return JSONResponse(studio.plan(request.path_params["name"]))
        except checkpoint.CheckpointError as error:
            return _refusal(str(error), 404)

    def weights(request: Request) -> Response:
        name, known = request.path_params["name"], request.path_params["hash"]
        try:
            found = checkpoint.read(name, studio.root)[0].weights_sha256  # of what lies there now, for it is kept
        except checkpoint.CheckpointError:
            found = None
        if found != known:
            return _refusal("there are no such weights; reload the page", 404)
        return FileResponse(studio.root / name / checkpoint.WEIGHTS, media_type="application/octet-stream",
                            headers=FOR_EVER)

    async def generate(request: Request) -> Response:
        drawer = drawers.get(request.path_params["action"])
        if drawer is None:
            return _refusal("the page asked for something unknown; reload it", 404)
        try:
            asked = json.loads(await _body(request))
            if not isinstance(asked, list) or not 1 <= len(asked) <= TOGETHER:
                raise ValueError("not a few things asked for")
            began = time.perf_counter()
            drawn = await run_in_threadpool(lambda: [drawer(**each) for each in asked])
        except gr.Error as error:
            return _refusal(error.message)
        except (ValueError, TypeError, RecursionError):
            return _refusal("the page sent a request that cannot be understood; reload it")
        shapes = ";".join(",".join(map(str, pictures.shape)) for pictures in drawn)
        facts = {"X-Shape": shapes, "Server-Timing": f"model;dur={1_000 * (time.perf_counter() - began):.1f}",
                 "Cache-Control": "no-store"}
        plain = b"".join(pictures.tobytes() for pictures in drawn)
        return Response(plain, media_type="application/octet-stream", headers=facts)

    return [Route(f"{ROOT}/plan/{{name}}", plan), Route(f"{ROOT}/weights/{{hash}}/{{name}}", weights),
            Route(f"{ROOT}/generate/{{action}}", generate, methods=["POST"])]


async def _body(request: Request) -> bytes:
    """The body of a request; ValueError where it is longer than any that the page sends."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST:
            raise ValueError("too long")
    return body


def _refusal(message: str, status: int = 400) -> JSONResponse:
    return JSONResponse({"error": message[0].upper() + message[1:]}, status)
