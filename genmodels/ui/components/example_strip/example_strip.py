"""Example images in rows of ten: the one that is chosen goes to the sketchpad, in the page."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def ExampleStrip(examples: dict | None, elem_id: str = "gm-example-strip", is_piece: bool = False) -> gr.HTML:
    """The value is the images on offer: shape, pixels, words, and optionally a title; None where there are none.

    A click sends the document a ``gm-example`` event with {image, isPiece}: a canvas as large as the image, and
    ``is_piece``, whether the images are pieces of the visitor's own picture.
    """
    return html_component(__file__, examples, {"id": elem_id}, elem_id=elem_id, is_piece=is_piece)
