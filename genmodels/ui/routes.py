"""What the page's own scripts request beside gradio's routes: plans, weights, and images as plain bytes.

Images that follow a drag are sent this way: no queue, no base64, no file on disk; a grid is the 50 KB of its pixels.
One request may hold two calls, since browsers open few connections. The API's endpoints check the arguments.

gradio's ``auth`` does not cover these routes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from genmodels import checkpoint
from genmodels.ui.api.base import ScreenError, error_answer
from genmodels.ui.api.latents import LatentEndpoints
from genmodels.ui.api.sample import SampleEndpoints
from genmodels.ui.store import ModelStore, checkpoint_text
from genmodels.ui.text import Refusal, Text

ROOT = "/gm"
IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}  # the address holds the hash of the content
MAX_BODY_BYTES = 20_000
MAX_BATCH = 2  # calls that one request may hold


def routes(store: ModelStore) -> list[Route]:
    """GET plan/NAME, GET weights/HASH/NAME, POST generate/ENDPOINT; all below ``ROOT``."""

    def plan(request: Request) -> Response:
        try:
            return JSONResponse(store.plan(request.path_params["name"]))
        except checkpoint.CheckpointError as error:
            return json_error(checkpoint_text(error), 404)
        except Refusal as error:
            return json_error(error.text, 404)

    def weights(request: Request) -> Response:
        name, expected = request.path_params["name"], request.path_params["hash"]
        try:
            # Of the file as it is now: browsers cache the answer for a year.
            found = checkpoint.read_checked(name, store.root)[0].weights_sha256
        except checkpoint.CheckpointError:
            found = None
        if found != expected:
            return json_error(Text("error.weights_gone"), 404)
        return FileResponse(store.root / name / checkpoint.WEIGHTS, media_type="application/octet-stream",
                            headers=IMMUTABLE)

    return [Route(f"{ROOT}/plan/{{name}}", plan), Route(f"{ROOT}/weights/{{hash}}/{{name}}", weights),
            Route(f"{ROOT}/generate/{{endpoint}}", _generate_route(store), methods=["POST"])]


def _generate_route(store: ModelStore) -> Callable:
    """A handler that takes a JSON list of calls, their arguments by name, and returns the pixels of all images in turn.

    ``X-Shape`` holds the shape for each call, ``Server-Timing`` the milliseconds of all calls together.
    """
    latents = LatentEndpoints(store)
    handlers: dict[str, Callable[..., np.ndarray]] = {
        "sample": SampleEndpoints(store).sample_array, "decode": latents.decode_array,
        "latent_grid": latents.latent_grid_array}

    async def generate(request: Request) -> Response:
        handler = handlers.get(request.path_params["endpoint"])
        if handler is None:
            return json_error(Text("error.unknown_request"), 404)
        try:
            calls = json.loads(await _body(request))
            if not isinstance(calls, list) or not 1 <= len(calls) <= MAX_BATCH:
                raise ValueError(f"not a list of 1 to {MAX_BATCH} calls")
            began = time.perf_counter()
            results = await run_in_threadpool(lambda: [handler(**call) for call in calls])
        except ScreenError as error:
            return json_error(error.text)
        except (ValueError, TypeError, RecursionError):
            return json_error(Text("error.bad_request"))
        shapes = ";".join(",".join(map(str, images.shape)) for images in results)
        headers = {"X-Shape": shapes, "Server-Timing": f"model;dur={1_000 * (time.perf_counter() - began):.1f}",
                   "Cache-Control": "no-store"}
        return Response(b"".join(images.tobytes() for images in results), media_type="application/octet-stream",
                        headers=headers)

    return generate


async def _body(request: Request) -> bytes:
    """The body of a request; ValueError where it is longer than ``MAX_BODY_BYTES``."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise ValueError("too long")
    return body


def json_error(text: Text, status: int = 400) -> JSONResponse:
    """``error_answer`` with an HTTP status."""
    return JSONResponse(error_answer(text), status)
