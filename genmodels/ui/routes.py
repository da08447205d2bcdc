"""What the page's own scripts request beside gradio's routes: plans, weights, and images as plain bytes.

Images that follow a drag are sent this way: no queue, no base64, no file on disk; a grid is the 50 KB of its pixels.
One request may hold two calls, since browsers open few connections. The API's endpoints check the arguments.

Where gradio asks for a login, these do too.
"""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, Router

from genmodels import checkpoint
from genmodels.run_history import UnreadableError
from genmodels.ui.api.base import ScreenError, error_answer
from genmodels.ui.api.classify import ClassifyEndpoints
from genmodels.ui.api.latents import LatentEndpoints
from genmodels.ui.api.sample import SampleEndpoints
from genmodels.ui.api.write import WriteEndpoints
from genmodels.ui.delivery import gzip_once, takes_gzip
from genmodels.ui.store import ModelStore, checkpoint_text
from genmodels.ui.text import Refusal, Text

ROOT = "/gm"
# The address holds the content's hash. A copy that the page itself fetched lacks what a page of another origin needs.
IMMUTABLE = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Origin"}
FILE_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".png": "image/png"}
NEVER_KEPT = {"Cache-Control": "no-store"}
MAX_BODY_BYTES = 20_000
MAX_BATCH = 2  # calls that one request may hold


def routes(store: ModelStore, files: Mapping[str, bytes]) -> Router:
    """GET plan/NAME, weights/HASH/NAME, file/NAME, watch and watch/sheet, POST generate/ENDPOINT, below ``ROOT``.

    On the models of a store, and on files by their names, which hold the hash of their content.
    """

    def behind_login(answer: Callable[[Request, ModelStore], Awaitable[Response]]) -> Callable:
        async def route(request: Request) -> Response:
            if not await _is_let_in(request):
                return json_error(Text("error.login"), 401)
            return await answer(request, store)

        return route

    async def file(request: Request, _: ModelStore) -> Response:
        return _file(request, files)

    return Router([Route(f"{ROOT}/file/{{name}}", behind_login(file)),
                   Route(f"{ROOT}/plan/{{name}}", behind_login(_plan)),
                   Route(f"{ROOT}/weights/{{hash}}/{{name}}", behind_login(_weights)),
                   Route(f"{ROOT}/watch", behind_login(_watch)),
                   Route(f"{ROOT}/watch/sheet", behind_login(_watch_sheet)),
                   Route(f"{ROOT}/generate/{{endpoint}}", behind_login(_generate), methods=["POST"])])


async def _is_let_in(request: Request) -> bool:
    """Whether gradio's own routes would answer this request: it has a login, or none is needed.

    gradio's check is a function inside ``App.create_app``, so that its few lines stand here again.
    """
    app = request.app
    if app.auth_dependency is not None:
        user = app.auth_dependency(request)
        return (await user if inspect.isawaitable(user) else user) is not None
    cookies = (request.cookies.get(f"access-token{kind}-{app.cookie_id}") for kind in ("", "-unsecure"))
    return app.auth is None or any(cookie in app.tokens for cookie in cookies)


async def _plan(request: Request, store: ModelStore) -> Response:
    try:
        return JSONResponse(await run_in_threadpool(store.plan, request.path_params["name"]))
    except checkpoint.CheckpointError as error:
        return json_error(checkpoint_text(error), 404)
    except Refusal as error:
        return json_error(error.text, 404)


async def _weights(request: Request, store: ModelStore) -> Response:
    name, expected = request.path_params["name"], request.path_params["hash"]
    try:
        # Of the file as it is now: browsers cache the answer for a year.
        found = (await run_in_threadpool(checkpoint.read_checked, name, store.root))[0].weights_sha256
    except checkpoint.CheckpointError:
        found = None
    if found != expected:
        return json_error(Text("error.weights_gone"), 404)
    return FileResponse(store.root / name / checkpoint.WEIGHTS, media_type="application/octet-stream",
                        headers=IMMUTABLE)


def _file(request: Request, files: Mapping[str, bytes]) -> Response:
    name = request.path_params["name"]
    if name not in files:
        return json_error(Text("error.unknown_request"), 404)
    packed = takes_gzip(request.headers)
    headers = IMMUTABLE | {"Vary": "Origin, Accept-Encoding"} | ({"Content-Encoding": "gzip"} if packed else {})
    return Response(gzip_once(files[name]) if packed else files[name], headers=headers,
                    media_type=FILE_TYPES[Path(name).suffix])


async def _watch(request: Request, store: ModelStore) -> Response:
    """News of the run that is watched: see ``WatchedRun.news``, whose arguments are those of the query."""
    if store.watched is None:
        return json_error(Text("error.unknown_request"), 404)
    asked = request.query_params
    try:
        points, images = (max(0, int(asked.get(name, 0))) for name in ("points", "images"))
    except ValueError:
        return json_error(Text("error.bad_request"))
    found = await run_in_threadpool(store.watched.news, asked.get("identity", ""), points, images)
    return JSONResponse(found, headers=NEVER_KEPT)


async def _watch_sheet(request: Request, store: ModelStore) -> Response:
    try:
        sheet = store.watched and await run_in_threadpool(store.watched.sheet)
    except UnreadableError:
        sheet = None
    if not sheet:
        return json_error(Text("error.unknown_request"), 404)
    return Response(sheet, media_type=FILE_TYPES[".png"], headers=NEVER_KEPT)


async def _generate(request: Request, store: ModelStore) -> Response:
    """Takes a JSON list of calls, their arguments by name, and returns the pixels of all images in turn; of the
    latents or logits that are asked for their numbers, little-endian float32.

    ``X-Shape`` holds the shape for each call, ``Server-Timing`` the milliseconds of all calls together, ``X-Waiting``
    how many others wait for the models by then.
    """
    latents, samples = LatentEndpoints(store), SampleEndpoints(store)
    handlers: dict[str, Callable[..., np.ndarray]] = {
        "sample": samples.sample_array, "latents": samples.latents_array, "decode": latents.decode_array,
        "latent_grid": latents.latent_grid_array, "map_classes": latents.map_classes,
        "write_latents": WriteEndpoints(store).write_latents_array,
        "classify": ClassifyEndpoints(store).classify_array}
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
    # Exposed, so that the page can read them when it stands in a page of another server.
    headers = {"X-Shape": shapes, "Server-Timing": f"model;dur={1_000 * (time.perf_counter() - began):.1f}",
               "X-Waiting": str(store.inference_lock.waiting),
               "Access-Control-Expose-Headers": "X-Shape, Server-Timing, X-Waiting"} | NEVER_KEPT
    return Response(b"".join(images.tobytes() for images in results), media_type="application/octet-stream",
                    headers=headers)


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
