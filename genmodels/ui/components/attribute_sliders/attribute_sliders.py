"""One's own image made thicker, or more slanted: steps in latent space, each along the direction of an attribute."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def AttributeSliders() -> gr.HTML:
    """The value is None (nothing is shown), {"words"} of what there is to say instead, or a model with an image.

    A model is {"model", "attributes", "category", "pixels", "shape", "stroke"}. ``attributes``: entries of
    ``latent_stats["attributes"]`` of its card; ``category``: the label to condition on, None where there is none;
    ``pixels``, ``shape``: the image as framed, or None; ``stroke``: the number of the pen's stroke that it is of, or
    None.

    All is computed in the page, and while the pen moves as well. The element's ``data-shown`` holds the measured
    properties before and after, as JSON.
    """
    return html_component(__file__, elem_id="gm-attributes")
