"""Noise on its way to images under a slider of time, computed by the page; or a drawing, noised back and finished."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import hidden_unless, html_component


def NoiseBoard(usable: bool) -> gr.HTML:
    """The value is {"model", "seed", "category"} as soon as a model is chosen; it has no event. Nothing is shown if not
    ``usable``.

    The noise is that of the seed's pictures, so that with the model's own settings they are those that Sample shows.
    Number of steps, guidance and time are of the page's state. A ``gm-example`` event brings a drawing.
    """
    return html_component(__file__, None, hidden_unless(usable), elem_id="gm-noise-board")
