"""The source of a visitor's image: drawn with finger or mouse, uploaded, pasted, dropped, or from an ``ExampleStrip``.

The page reads a picture itself and sends it as part of the value, so the server never writes it to a file. A picture
that is large, or of a format that only the browser reads (SVG, AVIF, HEIC), is sent as the browser shows it.
"""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from genmodels.ui.components.base import html_component


def Sketchpad(max_bytes: int, media_types: Sequence[str], elem_id: str = "gm-sketchpad",
              first: dict | None = None) -> gr.HTML:
    """The value is None for a blank canvas, else ``{"image", "center", "picture", "isPiece", "stroke"}``.

    ``image`` is a data URI; ``center``, whether its ink is to be scaled and centered; ``picture``, whether it is an
    upload; ``isPiece``, whether it comes from a strip of pieces; ``stroke``, the number of the pen's last stroke. The
    last three may be missing.

    Event: input, after each stroke or choice. While a stroke is drawn the element sends ``gm-stroke`` events, which
    bubble, with {context, number}: of the canvas, and the stroke's number; and null when something else is shown.

    Args:
        max_bytes: of a file that is sent as it is.
        media_types: of the files that the server reads, such as image/png.
        first: a value that is shown at first, until the first stroke takes its place; no event tells of it.
    """
    return html_component(__file__, first, elem_id=elem_id, max_bytes=max_bytes, media_types=list(media_types))
