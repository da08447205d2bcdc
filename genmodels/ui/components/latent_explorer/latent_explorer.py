"""The latent explorer: one image, and controls for every part of the latent that it is decoded from.

A pad for two latents, a slider for each continuous one, a button for each value of a categorical one, as the model's
latent has them.
"""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from genmodels.ui.components.base import html_component


def LatentExplorer(sample_latents: Callable[[dict], dict]) -> gr.HTML:
    """The value is what ``LatentEndpoints.describe_latents`` returns, with ``model``, and for a model of two
    latents ``map`` (side, extent) and, where its images have them, ``classes`` (their names).

    The page decodes by itself if its engine can (``data-engine`` is then "page"), else the server does ("server").

    The page sets ``z`` and ``category`` in the value. Event: input, once the controls have not moved for a moment.

    Args:
        sample_latents: {model, seed} -> a new latent, or {"error": message}.
    """
    return html_component(__file__, elem_id="gm-latent-explorer", server_functions=[sample_latents])
