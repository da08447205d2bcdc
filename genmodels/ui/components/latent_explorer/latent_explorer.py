"""The latent explorer: one image, and controls for every part of the latent that it is decoded from.

A pad for two latents, a slider for each continuous one, a button for each value of a categorical one; which of them
are there follows from the model's latent.
"""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from genmodels.ui.components.base import html_component


def LatentExplorer(draw: Callable[[dict], dict]) -> gr.HTML:
    """The value is what ``LatentEndpoints.describe_latents`` returns, with ``model`` and, for a map, ``extent``.

    The page decodes by itself if its engine can (``data-engine`` is then "page"), else the server does ("server").

    The page sets ``z`` and ``category`` in the value; event: input, once a control has been moved and come to rest.

    Args:
        draw: {model, seed} -> a new latent, or {"error": message}.
    """
    return html_component(__file__, elem_id="gm-latent-explorer", server_functions=[draw])
