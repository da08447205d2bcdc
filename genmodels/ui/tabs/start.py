"""Start: what there is to do here, at a glance."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import launch_tab
from genmodels.ui.text import Text, element

ACTIVITIES = ("sample", "latents", "write", "reconstruct")


def build(store: ModelStore):
    """Lay out the tab."""
    cards = "".join(
        element("button", element("strong", Text(f"tab.{name}")) + element("span", Text(f"card.{name}")), type="button",
                class_="gm-card", data_open=name)
        for name in ACTIVITIES)
    gr.HTML(element("div", cards, class_="gm-cards"), apply_default_css=False)


if __name__ == "__main__":
    launch_tab(build)
