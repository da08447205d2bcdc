"""What a program is told that calls an endpoint with arguments it does not take, or one that does not exist.

gradio answers such calls with ``{"error": null}`` or with a plain "Internal Server Error".
"""

from __future__ import annotations

import inspect

from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from gradio.route_utils import FnIndexInferError
from gradio.routes import App
from starlette.requests import Request
from starlette.responses import JSONResponse

from genmodels.ui.api import ENDPOINT_CLASSES
from genmodels.ui.api.base import ScreenError, error_answer
from genmodels.ui.text import Text

METHODS = {name: getattr(cls, name) for cls in ENDPOINT_CLASSES for name in cls.PUBLIC}


def signature(name: str) -> str:
    """An endpoint as one would define it: ``walk(model: str = 'dcgan', seed: int = 0)``."""
    parameters = [p for p in inspect.signature(METHODS[name]).parameters.values() if p.name != "self"]
    required = inspect.Parameter.empty
    shown = [f"{p.name}: {p.annotation}" + ("" if p.default is required else f" = {p.default!r}") for p in parameters]
    return f"{name}({', '.join(shown)})"


def wrong_arguments(name: str) -> Text:
    """The sentence on a call that does not fit an endpoint."""
    return Text("error.arguments", signature=signature(name))


def check_count(name: object, values: list, wanted: int) -> None:
    """ScreenError where a public endpoint is called with more or fewer values than it takes."""
    if name in METHODS and len(values) != wanted:
        raise ScreenError(wrong_arguments(name))


def explain_wrong_calls(app: App) -> None:
    """Have an app answer what gradio's routes, which name the endpoint in their path, cannot make a call of."""

    def explain(request: Request, error: Exception) -> JSONResponse:
        name = request.path_params.get("api_name")
        if name is None:
            raise error
        if name not in METHODS:
            return JSONResponse(error_answer(Text("error.unknown_endpoint", name=name, names=list(METHODS))), 404)
        return JSONResponse(error_answer(wrong_arguments(name)), 422)

    async def explain_body(request: Request, error: RequestValidationError) -> JSONResponse:
        if "api_name" in request.path_params:
            return explain(request, error)
        return await request_validation_exception_handler(request, error)

    app.add_exception_handler(RequestValidationError, explain_body)
    # No such name; in the second version of gradio's calls that is a KeyError, and a TypeError an unknown argument.
    for kind in (FnIndexInferError, KeyError, TypeError):
        app.add_exception_handler(kind, explain)
