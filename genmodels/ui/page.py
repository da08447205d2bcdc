"""The interface: ``build_demo()`` is the whole page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from genmodels import checkpoint
from genmodels.ui.api import public_endpoints
from genmodels.ui.api.signature import with_signature
from genmodels.ui.components import InkSwitch, LanguageSwitch, Share
from genmodels.ui.histories import WatchedRun
from genmodels.ui.link_preview import preview_picture
from genmodels.ui.serving import Page
from genmodels.ui.store import ModelStore
from genmodels.ui.story import story_script
from genmodels.ui.tabs import (
    boards,
    classify,
    collapse,
    compare,
    describe,
    history,
    labels,
    latents,
    lesson,
    live,
    mesh,
    noise,
    pixels,
    posterior,
    quiz,
    reconstruct,
    sample,
    start,
    write,
)
from genmodels.ui.text import Text, element
from genmodels.ui.translation import label

Build = Callable[[ModelStore], object]
Group = tuple[str, list[tuple[str, Build]]]
# Activities in groups, which are named by what one does; a group of one activity is a tab by itself. Names are those of
# the catalogs (group.NAME, tab.NAME) and of the page's address.
GROUPS: list[Group] = [
    ("start", [("start", start.build)]),
    ("lesson", [("lesson", lesson.build)]),
    ("classify", [("classify", classify.build), ("labels", labels.build), ("quiz", quiz.build)]),
    ("generate", [("sample", sample.build), ("write", write.build), ("describe", describe.build),
                  ("pixels", pixels.build), ("noise", noise.build), ("collapse", collapse.build)]),
    ("explore", [("latents", latents.build), ("reconstruct", reconstruct.build), ("mesh", mesh.build),
                 ("boards", boards.build), ("posterior", posterior.build), ("compare", compare.build)]),
    ("live", [("live", live.build), ("history", history.build)]),
]
PRELOADED = "dcgan"  # the Sample tab's first model


def build_demo(root: Path = checkpoint.ROOT, watched: Path | None = None) -> Page:
    """The page over the checkpoints of a folder; ``launch()`` serves it, and so does ``gr.mount_gradio_app``.

    ``watched``: the folder of a run, with which the page opens.
    """
    return build_page(GROUPS, root, watched)


def build_page(groups: list[Group], root: Path = checkpoint.ROOT, watched: Path | None = None) -> Page:
    """A page with these activities: by their names, functions that lay them out."""
    store = ModelStore(root)
    store.watched = WatchedRun(watched) if watched else None
    with Page(title=str(Text("page.title")), analytics_enabled=False, delete_cache=(600, 600)) as demo:
        demo.store = store
        picture = preview_picture(store)
        demo.picture = picture and demo.files.add(picture, ".png")
        demo.opens_on = "history" if watched else None
        demo.groups = {name: [activity for activity, _ in activities] for name, activities in groups}
        activities = {name for names in demo.groups.values() for name in names}
        demo.story = demo.files.add(story_script(activities, store), ".js")
        # Before the tabs: an event of the page registers under its function's name, and gradio appends a number to an
        # endpoint's name that is taken.
        for name, endpoint in public_endpoints(store).items():
            gr.api(with_signature(name, endpoint), api_name=name, queue=False, concurrency_limit=None)
        with gr.Row(elem_id="gm-tools"):
            Share()
            InkSwitch()
            switch = LanguageSwitch()
        notice = element("p", element("span") + element("button", "\u00d7", type="button", data_dismiss="",
                                                        aria_label=Text("notice.dismiss")),
                         class_="gm-notice", role="status", hidden="")
        scene = element("section", class_="gm-scene", tabindex=-1, hidden="")
        gr.HTML(element("h1", Text("page.title")) + notice + scene, elem_classes=["gm-head"], apply_default_css=False)
        tabs: dict[str, gr.Tab] = {}  # by the key of its title
        lay_out(groups, tabs, store)
        # Importing torch blocks a core for more than a second, so it waits until a second after the page has loaded.
        # gm.listen() says that gradio listens to events from now on.
        demo.load(lambda: store.preload(PRELOADED), queue=False, api_visibility="private",
                  js="async () => { await gm.ready; gm.listen(); "
                     "await new Promise((resolve) => setTimeout(resolve, 1000)); return []; }")
        titles = json.dumps(list(tabs))
        for event in (demo.load, switch.input):  # gradio does not change the titles of tabs that were never opened
            event(None, None, list(tabs.values()), api_visibility="private",
                  js=f"() => gm.ready.then(() => gm.tabTitles({titles}))")
    return demo


def lay_out(groups: list[Group], tabs: dict[str, gr.Tab], store: ModelStore) -> None:
    """Two levels of tabs, which are added to ``tabs``."""

    def activity(name: str, build: Build) -> None:
        with gr.Tab(label(f"tab.{name}"), elem_id=f"gm-tab-{name}") as tab:
            tabs[f"tab.{name}"] = tab
            build(store)

    with gr.Tabs(elem_id="gm-groups"):
        for name, activities in groups:
            if len(activities) == 1:
                activity(*activities[0])
                continue
            with gr.Tab(label(f"group.{name}"), elem_id=f"gm-group-{name}") as group, gr.Tabs():
                tabs[f"group.{name}"] = group
                for one in activities:
                    activity(*one)
