"""Two models' reconstructions of one image under a divider, and where they err: in pixels, and in features."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def LikenessDivider() -> gr.HTML:
    """The value is None (nothing is shown), {"words"} of what there is to say instead, or a pair with an image.

    A pair is {"models", "pixels", "shape", "stroke"}. ``models``: name and title of the one to the left and of the one
    to the right; the right one judges likeness by its features. ``pixels``, ``shape``: the image as framed, or None;
    ``stroke``: the number of the pen's stroke that it is of, or None.

    All is computed in the page, and while the pen moves as well. When it is done the element's ``data-shown`` holds the
    numbers shown, as JSON.
    """
    return html_component(__file__, elem_id="gm-likeness")
