"""Lesson: the story's list of scenes, and what scenes have no other activity for."""

from __future__ import annotations

import gradio as gr
from gradio.context import Context

from genmodels.ui.components import ConvolutionFigure
from genmodels.ui.store import ModelStore
from genmodels.ui.story import Scene, scenes_of
from genmodels.ui.tabs.common import intro, launch_tab
from genmodels.ui.text import Text, element


def build(store: ModelStore):
    """Lay out the tab."""
    intro("lesson.intro")
    groups = getattr(Context.root_block, "groups", {})
    scenes = scenes_of({name for names in groups.values() for name in names})
    gr.HTML(element("div", contents(scenes), data_stage="") + element("div", sources(scenes), data_stage="sources"),
            apply_default_css=False)
    ConvolutionFigure()


def contents(scenes: list[Scene]) -> str:
    """The scenes to choose from, and how to begin, as HTML."""
    if not scenes:
        return ""
    first = scenes[0].name
    begin = element("button", Text("lesson.begin"), type="button", class_="gm-button gm-lesson-begin", data_scene=first)
    present = element("button", Text("lesson.present"), type="button", class_="gm-button", data_scene=first,
                      data_present="")
    keys = element("p", Text("lesson.keys"), class_="gm-note")
    items = (element("li", element("button", element("span", Text(f"story.{scene.name}.title"))
                                   + element("small", Text(f"tab.{scene.activity}")), type="button",
                                   data_scene=scene.name))
             for scene in scenes)
    toolbar = element("div", begin + present, class_="gm-toolbar")
    return toolbar + element("ol", "".join(items), class_="gm-lesson-list") + keys


def sources(scenes: list[Scene]) -> str:
    """The papers of the scenes, each once, as HTML."""
    papers = dict.fromkeys(scene.paper for scene in scenes if scene.paper)
    items = (element("li", element("a", authors, href=address, target="_blank", rel="noopener"))
             for authors, address in sorted(papers, key=lambda paper: paper[0].lower().removeprefix("van den ")))
    return element("ul", "".join(items), class_="gm-lesson-sources")


if __name__ == "__main__":
    launch_tab(build)
