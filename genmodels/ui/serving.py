"""``Page``: a gradio.Blocks that is the same page however it is served.

Launched, mounted into another app, run by ``gradio app.py``, shown in a notebook, several times in one process: style,
script, routes and settings belong to the page and not to the call that serves it.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gradio as gr

from genmodels.ui.api.signature import check_count, explain_wrong_calls
from genmodels.ui.components.base import page_script, stylesheet
from genmodels.ui.routes import routes
from genmodels.ui.store import ModelStore
from genmodels.ui.theme import CSS, theme
from genmodels.ui.translation import translations

M_ARENA_MAX, MAX_ARENAS = -8, 2  # the first from malloc.h
QUEUE_POLL_SECONDS = 0.02  # between two polls of an idle queue
GRADIO_LINKS = ["api", "gradio", "settings", "runs"]  # in its footer; launch leaves the last out without run history


class Preset:
    """An attribute of the page that has a value of ours where gradio, while it serves the page, sets its own default.

    ``launch``, ``mount_gradio_app`` and the reloader each set these attributes anew, in different places; what a
    caller of theirs asks for is kept.
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


class Page(gr.Blocks):
    """Blocks whose look and behavior do not depend on how it is served."""

    store: ModelStore  # the models behind its routes

    theme = Preset(functools.cache(theme), lambda value: isinstance(value, gr.themes.Default))
    i18n_instance = Preset(translations)
    max_file_size = Preset(lambda: 10 * gr.FileSize.MB)
    footer_links = Preset(lambda: ["api", "settings"], lambda value: value in (GRADIO_LINKS, GRADIO_LINKS[:-1]))
    # No run history: it would write every slider move to the browser's storage. No server-side rendering: it needs Node
    # and is slower.
    run_history = Preset(lambda: False, bool)
    ssr_mode = Preset(lambda: False, bool)

    @property
    def head(self) -> str:
        """Style and script, then what the caller adds.

        The style is part of the head, since css= rewrites selectors and loses what stands inside @media.
        """
        return _head() + self.__dict__.get("head", "")

    @head.setter
    def head(self, added: str | None) -> None:
        self.__dict__["head"] = (added or "").removeprefix(_head())

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
            app.router.routes.extend(routes())
            explain_wrong_calls(app)
            launch(app, *rest)

        self._introduced.launch_mcp_on_sse = launch_beside_routes

    def queue(self, *args: Any, **options: Any) -> Page:
        super().queue(*args, **options)
        # gradio's queue polls for work a thousand times a second, for as long as the server runs.
        self._queue.sleep_when_free = QUEUE_POLL_SECONDS
        self._queue.progress_update_sleep_when_free = 10 * QUEUE_POLL_SECONDS
        return self

    def run_startup_events(self) -> None:
        limit_malloc_arenas()
        super().run_startup_events()

    async def preprocess_data(self, block_fn: Any, inputs: list, *args: Any, **options: Any) -> list:
        check_count(block_fn.api_name, inputs, len(block_fn.inputs))
        return await super().preprocess_data(block_fn, inputs, *args, **options)

    def block_thread(self) -> None:
        """Serve until Ctrl-C, or until a signal's handler raises SystemExit; then close at once.

        gradio's own waits five seconds for the pages that are open, and leaves their files where that is not enough.
        """
        with contextlib.suppress(KeyboardInterrupt):
            try:
                self.server.thread.join()
            finally:
                self.close(verbose=False)


def limit_malloc_arenas() -> None:
    """Make all threads share two malloc arenas, where the C library has such a setting (glibc).

    By default each of forty threads may keep its own fragmented arena; ``python -m tests.benchmarks --only api``
    measures how memory grows.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, MAX_ARENAS)


@functools.cache
def _head() -> str:
    return f"<style>{CSS}{stylesheet()}</style>{page_script()}"
