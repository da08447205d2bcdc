"""A picture whose patches say what they looked at while a model drew it, and the same noise through another model."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import hidden_unless, html_component


def AttentionMap(usable: bool) -> gr.HTML:
    """The value is {"models": [{"name", "title"}], "seed"} as soon as a model is chosen; it has no event. Nothing is
    shown if not ``usable``.

    The first of the models draws by attention; a second one, where there is one, draws other pictures of the same
    latents. What the patches of a picture look at is fetched with the picture; following the hand needs no request.
    """
    return html_component(__file__, None, hidden_unless(usable), elem_id="gm-attention-map")
