"""The source of a visitor's image: drawn with finger or mouse, uploaded, or chosen from an ``ExampleStrip``.

The page reads an upload itself and sends it as part of the value, so the server never writes it to a file.
"""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def Sketchpad() -> gr.HTML:
    """The value is ``{"image": data URI, "center": bool}`` or None; ``image`` is empty for a blank canvas.

    Event: input, after each stroke or choice.
    """
    return html_component(__file__, elem_id="gm-sketchpad")
