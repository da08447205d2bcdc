"""Where a visitor's digit comes from: drawn with finger or mouse, uploaded, or picked from examples.

The page reads an upload itself and sends it as part of the value, so the server never writes it to a file.
"""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def Sketchpad(examples: dict) -> gr.HTML:
    """The value is ``{"picture": data URI, "center": bool}`` or None. Event: input, after each stroke or choice.

    Args:
        examples: shape, pixels and alt of the images on offer.
    """
    return html_component(__file__, elem_id="gm-sketchpad", examples=examples)
