"""Example images in rows of ten: the one that is chosen goes to the sketchpad, in the page."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def ExampleStrip(examples: dict | None) -> gr.HTML:
    """The value is the images on offer: shape, pixels and words; None where there are none.

    A click sends the document a ``gm-example`` event with {image}, a canvas as large as the image.
    """
    return html_component(__file__, examples, elem_id="gm-example-strip")
