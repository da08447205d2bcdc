"""The interface: ``build_demo()`` is the whole page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from genmodels import checkpoint
from genmodels.ui.api import public_endpoints
from genmodels.ui.api.signature import with_signature
from genmodels.ui.components import LanguageSwitch
from genmodels.ui.serving import Page
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs import latents, reconstruct, sample, write
from genmodels.ui.text import Text, element
from genmodels.ui.translation import label

TABS = [("tab.sample", sample.build), ("tab.latents", latents.build), ("tab.write", write.build),
        ("tab.reconstruct", reconstruct.build)]
PRELOADED = "dcgan"  # the Sample tab's first model


def build_demo(root: Path = checkpoint.ROOT) -> Page:
    """The page over the checkpoints of a folder; ``launch()`` serves it, and so does ``gr.mount_gradio_app``."""
    return build_page(TABS, root)


def build_page(tabs: list[tuple[str, Callable]], root: Path = checkpoint.ROOT) -> Page:
    """A page with these tabs: the keys of their titles, and functions that lay them out."""
    store = ModelStore(root)
    with Page(title=str(Text("page.title")), analytics_enabled=False, delete_cache=(600, 600)) as demo:
        demo.store = store
        # Before the tabs: an event of the page registers under its function's name, and gradio appends a number to an
        # endpoint's name that is taken.
        for name, endpoint in public_endpoints(store).items():
            gr.api(with_signature(name, endpoint), api_name=name, queue=False, concurrency_limit=None)
        switch = LanguageSwitch()
        gr.HTML(element("h1", Text("page.title")) + element("p", Text("page.tagline")), elem_classes=["gm-head"],
                apply_default_css=False)
        built = []
        with gr.Tabs():
            for key, build in tabs:
                with gr.Tab(label(key)) as tab:
                    built.append((tab, build(store)))
        # Importing torch blocks a core for more than a second, so it waits until a second after the page has loaded.
        # gm.listening says that gradio listens to events from now on.
        demo.load(lambda: store.preload(PRELOADED), queue=False, api_visibility="private",
                  js="() => { gm.listening = true; return new Promise((done) => setTimeout(() => done([]), 1000)); }")
        titles = json.dumps([key for key, _ in tabs])
        for event in (demo.load, switch.input):  # gradio does not change the titles of tabs that were never opened
            event(None, None, [tab for tab, _ in built], js=f"() => gm.tabTitles({titles})", api_visibility="private")
        # Wired here, not in the loop: a State made between two tabs counts as one of them and shifts their titles.
        for tab, fill in built:
            if fill:
                load_on_first_select(demo, tab, tab is built[0][0], *fill)
    return demo


def load_on_first_select(demo: gr.Blocks, tab: gr.Tab, opening: bool, function: Callable, inputs, outputs) -> None:
    """Fill a tab when it is first opened, so that a visitor does not wait for tabs that are not on screen."""
    options = {"concurrency_limit": None, "show_progress": "hidden", "api_visibility": "private"}
    if opening:
        demo.load(function, inputs, outputs, **options)
        return
    seen = gr.State(False)

    def once(seen: bool, *values: object):
        if seen:
            return (True, *(gr.skip() for _ in _as_list(outputs)))
        result = function(*values)
        return (True, *(result if isinstance(result, tuple) else (result,)))

    tab.select(once, [seen, *_as_list(inputs)], [seen, *_as_list(outputs)], **options)


def _as_list(components) -> list:
    return components if isinstance(components, list) else [components]
