"""A picture as a decision for each pixel, computed by the page: the model draws, or goes on with a drawing."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import hidden_unless, html_component


def PixelBoard(usable: bool) -> gr.HTML:
    """The value is {"model", "seed"} as soon as a model is chosen; it has no event. Nothing is shown if not ``usable``.

    The dice are those of the seed's pictures, so that a picture is the one that Sample shows; which one is ``index`` of
    the page's state. A ``gm-example`` event brings a drawing to go on with.
    """
    return html_component(__file__, None, hidden_unless(usable), elem_id="gm-pixel-board")
