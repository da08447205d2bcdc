"""The opening: a map of a two-dimensional latent, and a lens that shows the picture at any of its points."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def Opening(value: dict) -> gr.HTML:
    """The lens wanders until it is touched, then it follows mouse, finger and arrow keys; a press opens its point.

    The page decodes by itself (``data-engine`` is then "page"). Until it can, and where it cannot, each point shows the
    stored picture whose latent is nearest.

    Args:
        value: model; activity, which is opened at a point; extent, to which the map reaches on either side; z, of the
            stored pictures; their shape and pixels as from ``encode_images``.
    """
    return html_component(__file__, value, elem_id="gm-opening")
