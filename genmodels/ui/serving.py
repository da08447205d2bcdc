"""``Page``: a gradio.Blocks that is the same page however it is served.

Launched, mounted into another app, run by ``gradio app.py``, shown in a notebook, several times in one process: style,
script, routes and settings belong to the page and not to the call that serves it.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.route_utils import get_root_url
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from genmodels.ui.api.signature import WRONG_CALLS, check_count, explain_wrong_call
from genmodels.ui.components.base import PageFiles, page_files
from genmodels.ui.delivery import Delivery
from genmodels.ui.link_preview import LinkPreview, preview_tags
from genmodels.ui.routes import ROOT, routes
from genmodels.ui.store import ModelStore
from genmodels.ui.theme import CSS, theme
from genmodels.ui.translation import request_language, translations

QUEUE_POLL_SECONDS = 0.02  # between two polls of an idle queue
GRADIO_LINKS = ["api", "gradio", "settings", "runs"]  # in its footer; launch leaves the last out without run history


class Preset:
    """An attribute of the page that has a value of ours where gradio, while it serves the page, sets its own default.

    ``launch``, ``mount_gradio_app`` and the reloader each set these attributes anew, in different places. What a caller
    of theirs asks for is kept, unless it is gradio's own default.
    """

    def __init__(self, ours: Callable[[], object], is_default: Callable[[Any], bool] = lambda value: value is None):
        self.ours, self.is_default = ours, is_default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, page: Page | None, owner: type) -> Any:
        if page is None:
            return self
        given = page.__dict__.get(self.name)
        return self.ours() if given is None or self.is_default(given) else given

    def __set__(self, page: Page, value: object) -> None:
        page.__dict__[self.name] = value


class Fixed:
    """An attribute of the page that has one value, whatever a caller asks for or gradio sets."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __get__(self, page: Page | None, owner: type) -> Any:
        return self.value

    def __set__(self, page: Page, value: object) -> None:
        pass


class Page(gr.Blocks):
    """Blocks whose look and behavior do not depend on how it is served."""

    store: ModelStore  # the models behind its routes

    def __init__(self, *args: Any, **options: Any) -> None:
        shared, self._loader = page_files(CSS)
        self.files = PageFiles(shared)  # served by its routes
        self.groups: dict[str, list[str]] = {}  # the names of its activities
        self.opens_on: str | None = None  # the activity that it begins with, if not the first
        self.story: str | None = None  # the name of the file with the script of its scenes
        self.picture: str | None = None  # the name of the file that previews of its link show
        super().__init__(*args, **options)

    theme = Preset(functools.cache(theme), lambda value: isinstance(value, gr.themes.Default))
    max_file_size = Preset(lambda: 10 * gr.FileSize.MB)
    footer_links = Preset(lambda: ["api", "settings"], lambda value: value in (GRADIO_LINKS, GRADIO_LINKS[:-1]))
    # No run history: it would write every slider move to the browser's storage. No server-side rendering: it needs Node
    # and is slower.
    run_history = Fixed(False)
    ssr_mode = Fixed(False)

    @property
    def head(self) -> str:
        """What fetches style and script, then what the caller adds.

        The style is fetched by the head, since css= rewrites selectors and loses what stands inside @media.
        """
        return self._own_head + self.__dict__.get("head", "")

    @head.setter
    def head(self, added: str | None) -> None:
        self.__dict__["head"] = (added or "").removeprefix(self._own_head)

    @property
    def _own_head(self) -> str:
        facts = {"groups": self.groups, "storyFile": self.story}
        facts |= {"opensOn": self.opens_on} if self.opens_on else {}
        return f"{self._loader}<script>Object.assign(gm, {json.dumps(facts)});</script>"

    @property
    def i18n_instance(self) -> gr.I18n:
        """Our sentences, and what the caller adds."""
        return translations(self.__dict__.get("i18n_instance"))

    @i18n_instance.setter
    def i18n_instance(self, added: gr.I18n | None) -> None:
        self.__dict__["i18n_instance"] = added

    @functools.cached_property
    def routes(self) -> Router:
        """Our own routes."""
        return routes(self.store, self.files)

    @property
    def mcp_server_obj(self) -> Any:
        """gradio's MCP server, if the page is served with one; here, what adds our routes to the app that serves it.

        This is the one part of a Blocks that gradio introduces to that app, however the page is served:
        ``App.create_app`` calls its ``launch_mcp_on_sse`` with the app. ``mount_gradio_app`` has no other way in, save
        the arguments of the host's call; the alternative is to replace a function of gradio for all of a process.
        """
        return self._introduced

    @mcp_server_obj.setter
    def mcp_server_obj(self, server: Any) -> None:
        self._introduced = server or SimpleNamespace(launch_mcp_on_sse=lambda *_: None)
        launch = self._introduced.launch_mcp_on_sse

        def launch_beside_routes(app: gr.routes.App, *rest: object) -> None:
            app.router.routes.append(Route(f"{ROOT}/{{path:path}}", _PageRoutes()))
            app.add_middleware(LinkPreview)
            app.add_middleware(Delivery)
            for kind in WRONG_CALLS:
                app.add_exception_handler(kind, _explain)
            launch(app, *rest)

        self._introduced.launch_mcp_on_sse = launch_beside_routes

    def queue(self, *args: Any, **options: Any) -> Page:
        super().queue(*args, **options)
        # gradio's queue polls for work a thousand times a second, for as long as the server runs.
        self._queue.sleep_when_free = QUEUE_POLL_SECONDS
        self._queue.progress_update_sleep_when_free = 10 * QUEUE_POLL_SECONDS
        return self

    def preview_tags(self, request: Request) -> str:
        """What the page's HTML says of it to those who show previews of links."""
        # The root as gradio finds it for the page itself.
        path = request.app.root_path or request.scope.get("root_path") or self.custom_mount_path
        root = get_root_url(request=request, route_path="/", root_path=path)
        language = request_language(request)
        address = f"{root}/?lang={language}" if "lang" in request.query_params else f"{root}/"
        return preview_tags(language, address, self.picture and f"{root}{ROOT}/file/{self.picture}")

    async def explain(self, request: Request, error: Exception) -> Response:
        """The answer to a call of the API that raised one of ``WRONG_CALLS``."""
        return await explain_wrong_call(request, error)

    async def preprocess_data(self, block_fn: Any, inputs: list, *args: Any, **options: Any) -> list:
        check_count(block_fn.api_name, inputs, len(block_fn.inputs))
        return await super().preprocess_data(block_fn, inputs, *args, **options)

    def block_thread(self) -> None:
        """Serve until Ctrl-C, or until a signal's handler raises SystemExit; then close at once.

        gradio's own waits five seconds for the pages that are open, and leaves their files where that is not enough.
        """
        with contextlib.suppress(KeyboardInterrupt):
            try:
                while self.server.thread.is_alive():
                    self.server.thread.join(0.5)  # on Windows, Ctrl-C does not interrupt a wait without end
            finally:
                self.close(verbose=False)


# What is added to an app stays there when the reloader of ``gradio app.py`` exchanges the page and all of its code. So
# these two, and ``LinkPreview``, ask the page that the app serves now.


class _PageRoutes:
    """An ASGI app of the page's own routes.

    It is the endpoint of a Route, since a Mount finds nothing where a root path is not part of the requests' paths.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["app"].get_blocks().routes(scope, receive, send)


async def _explain(request: Request, error: Exception) -> Response:
    return await request.app.get_blocks().explain(request, error)
