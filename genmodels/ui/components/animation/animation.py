"""An animation that loops: play, pause, scrub, download as GIF."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def Animation() -> gr.HTML:
    """The value is what ``SampleEndpoints.walk`` returns: shape, pixels (frame after frame), gif."""
    return html_component(__file__, elem_id="gm-animation")
