"""What the ELBO prefers, on four Gaussians that the visitor moves: ``evaluation/factorized.py``, to touch."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def MixturePosterior() -> gr.HTML:
    """Four handles over a plane, and the two models that are fitted to them; it needs no server.

    When a fit is done the element's ``data-fitted`` holds it, as JSON: {centers, std, likelihood, elbo}, the last two
    with their centers, std, logLikelihood, elbo and gap.
    """
    return html_component(__file__, elem_id="gm-mixture-posterior")
