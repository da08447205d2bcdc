"""The source of a visitor's image: drawn with finger or mouse, uploaded, pasted, dropped, or from an ``ExampleStrip``.

The page reads a picture itself and sends it as part of the value, so the server never writes it to a file. A picture
that is large, or of a format that only the browser reads (SVG, AVIF, HEIC), is sent as the browser shows it.
"""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def Sketchpad() -> gr.HTML:
    """The value is None or ``{"image": data URI, "center": bool, "picture": bool, "isPiece": bool}``.

    ``image`` is empty for a blank canvas. ``picture`` is true for an upload, ``isPiece`` for an image from a strip of
    pieces; else they may be missing.

    Event: input, after each stroke or choice.
    """
    return html_component(__file__, elem_id="gm-sketchpad")
