"""A switch by which the page shows digits as dark ink on white paper."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def InkSwitch() -> gr.HTML:
    """It changes the page's style alone, and lasts until the next visit; what is downloaded stays as it is."""
    return html_component(__file__, elem_id="gm-ink")
