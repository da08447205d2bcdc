"""GANs and VAEs of points in the plane, trained by the page itself: two panels that may differ in one thing alone."""

from __future__ import annotations

import gradio as gr

from genmodels.ui import live
from genmodels.ui.components.base import html_component, page_file


def LiveTraining() -> gr.HTML:
    """It has no event: data set, drawing, set-ups, seed and step are of the page's state.

    The script of its Workers is a file of the page that is fetched when the component is first shown.
    """
    value = {"script": page_file(live.script(), ".js"), "presets": live.presets()}
    return html_component(__file__, value, elem_id="gm-live-training")
