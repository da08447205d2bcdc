"""The interface: ``build_demo()`` is the whole page."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from genmodels import checkpoint
from genmodels.ui.actions import Actions
from genmodels.ui.routes import routes
from genmodels.ui.studio import Studio
from genmodels.ui.tabs import latents, reconstruct, sample, write
from genmodels.ui.theme import CSS, theme
from genmodels.ui.widgets.base import page_script, stylesheet

TITLE = "Generative models, hands on"
TAGLINE = ("GANs and VAEs, each trained on handwritten digits by this project's own code. Everything is computed here; "
           "nothing is fetched from elsewhere.")
TABS = [("Sample", sample.build), ("Latents", latents.build), ("Write", write.build),
        ("Reconstruct", reconstruct.build)]
M_ARENA_MAX, HEAPS = -8, 2  # malloc.h
PACE = 0.02  # seconds between two looks of an idle queue
ENDPOINTS = ("sample", "inspect", "walk", "describe_latents", "decode", "latent_grid", "traverse", "write",
             "style_grid", "reconstruct")


class Page(gr.Blocks):
    """Blocks whose look and behaviour are fixed, however it is launched."""

    actions: Actions  # what its own routes answer with

    def launch(self, **options: object):
        # No run history: it would write every slider tick to the browser's storage. No server-side rendering: it
        # needs Node and is slower.
        # The style goes into the head, since css= rewrites selectors and loses what stands inside @media.
        head = f"<style>{CSS}{stylesheet()}</style>{page_script()}"
        wire = {**options.pop("app_kwargs", {})}
        wire["routes"] = [*routes(self.actions), *wire.get("routes", [])]
        fixed = {"app_kwargs": wire, "theme": theme(), "head": head, "run_history": False, "ssr_mode": False,
                 "footer_links": ["api", "settings"], "max_file_size": "10mb", "strict_cors": True}
        # gradio's queue looks for work a thousand times a second, for as long as the server runs.
        self._queue.sleep_when_free = PACE
        self._queue.progress_update_sleep_when_free = 10 * PACE
        _share_memory()
        return super().launch(**(fixed | options))


def _share_memory() -> None:
    """Let all threads take memory from two heaps, where the C library is one that has such a setting.

    By default each of forty threads may keep a heap of its own, full of holes: see the memory growth of
    ``python -m tests.bench --only api``.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS)


def build_demo(root: Path = checkpoint.ROOT) -> Page:
    """The page over the checkpoints of a folder; ``launch()`` serves it."""
    return page(TABS, root)


def page(tabs: list[tuple[str, Callable]], root: Path = checkpoint.ROOT) -> Page:
    """A page with these tabs."""
    actions = Actions(Studio(root))
    with Page(title=TITLE, analytics_enabled=False, delete_cache=(600, 600)) as demo:
        demo.actions = actions
        # First, since an event of the page takes its function's name, and a name taken gives the endpoint a number.
        for name in ENDPOINTS:
            gr.api(getattr(actions, name), api_name=name, queue=False, concurrency_limit=None)
        gr.HTML(f"<h1>{TITLE}</h1><p>{TAGLINE}</p>", elem_classes=["gm-head"], apply_default_css=False)
        built = []
        with gr.Tabs():
            for name, build in tabs:
                with gr.Tab(name) as tab:
                    built.append((tab, build(actions)))
        # When the page is there: torch's import takes a core for over a second.
        demo.load(lambda: actions.studio.warm("dcgan"), queue=False, api_visibility="private",
                  js="() => new Promise((done) => setTimeout(() => done([]), 1000))")
        # Wired here, not in the loop: a State made between two tabs counts as one of them and shifts their titles.
        for tab, first in built:
            if first:
                _when_first_seen(demo, tab, tab is built[0][0], *first)
    return demo


def _when_first_seen(demo: gr.Blocks, tab: gr.Tab, opening: bool, function: Callable, inputs, outputs) -> None:
    """Fill a tab when it is first opened, so that a visitor waits for no more than what is on screen."""
    options = {"concurrency_limit": None, "show_progress": "hidden", "api_visibility": "private"}
    if opening:
        demo.load(function, inputs, outputs, **options)
        return
    seen = gr.State(False)

    def once(seen: bool, *values: object):
        if seen:
            return (True, *(gr.skip() for _ in _listed(outputs)))
        result = function(*values)
        return (True, *(result if isinstance(result, tuple) else (result,)))

    tab.select(once, [seen, *_listed(inputs)], [seen, *_listed(outputs)], **options)


def _listed(components) -> list:
    return components if isinstance(components, list) else [components]
