"""A picture as a decision for each pixel, computed by the page: the model draws, or goes on with a drawing."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def PixelBoard(value: dict | None) -> gr.HTML:
    """The value is {"model", "seed"}, None where there is no model; it has no event.

    The dice are those of the seed's pictures, so that a picture is the one that Sample shows; which one is ``index`` of
    the page's state. A ``gm-example`` event brings a drawing to go on with.
    """
    return html_component(__file__, value, elem_id="gm-pixel-board")
