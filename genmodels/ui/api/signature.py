"""What a program is told that calls an endpoint with arguments it does not take, or one that does not exist.

gradio answers such calls with ``{"error": null}`` or with a plain "Internal Server Error".
"""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Callable
from types import UnionType
from typing import ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from gradio.route_utils import FnIndexInferError, get_fn
from gradio.routes import client_utils
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from genmodels.ui.api import ENDPOINT_CLASSES
from genmodels.ui.api.base import ScreenError, error_answer
from genmodels.ui.text import Text

P, R = ParamSpec("P"), TypeVar("R")
# What gradio raises where a call fits no endpoint, though the last two may come from anywhere below its routes.
WRONG_CALLS = (RequestValidationError, FnIndexInferError, KeyError, TypeError)
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


def with_signature(name: str, endpoint: Callable[P, R]) -> Callable[P, R]:
    """An endpoint that shows its signature where it refuses a call in which a value is of another type."""
    parameters, hints = inspect.signature(endpoint), get_type_hints(endpoint)

    @functools.wraps(endpoint)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return endpoint(*args, **kwargs)
        except ScreenError as error:
            given = parameters.bind(*args, **kwargs).arguments
            if all(_is_of_type(value, hints[parameter]) for parameter, value in given.items()):
                raise
            raise ScreenError(Text("error.types", message=error.text, signature=signature(name))) from None

    return call


def _is_of_type(value: object, hint: object) -> bool:
    """Whether a JSON value is what an annotation such as ``float`` or ``list[float] | None`` says."""
    kinds = [get_origin(kind) or kind for kind in (get_args(hint) if isinstance(hint, UnionType) else (hint,))]
    return isinstance(value, (*kinds, int) if float in kinds else tuple(kinds))


async def explain_wrong_call(request: Request, error: Exception) -> Response:
    """The answer to what gradio's routes, which name the endpoint in their path, cannot make a call of.

    ``error`` is raised again where something else caused it.
    """
    name = request.path_params.get("api_name")
    if name is not None and _is_about_call(error, name):
        if name not in METHODS:
            return JSONResponse(error_answer(Text("error.unknown_endpoint", name=name, names=list(METHODS))), 404)
        return JSONResponse(error_answer(wrong_arguments(name)), 422)
    if isinstance(error, RequestValidationError):
        return await request_validation_exception_handler(request, error)
    raise error


def _is_about_call(error: Exception, name: str) -> bool:
    """Whether one of ``WRONG_CALLS`` was raised where gradio looks up an endpoint or arranges its arguments."""
    if not isinstance(error, KeyError | TypeError):
        return True
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    # The route of the second version of gradio's calls looks the name up itself.
    return frame.f_code in (get_fn.__code__, client_utils.construct_args.__code__) or error.args == (f"/{name}",)
