"""Where in latent space a drawing can come from, exactly and as an encoder guesses it, for models of two latents."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def PosteriorMap() -> gr.HTML:
    """The value is {"model", "examples", "importance_samples"}, None at first; it does not change by itself.

    ``examples``: images to choose from, as an ``ExampleStrip`` has them, or None; ``importance_samples``: of the bound
    that the model was trained on. Shows the page's ``picture``, like the Sketchpad, in the place of the first example.

    All is computed in the page. When it is done the element's ``data-studied`` holds the numbers shown, as JSON.
    """
    return html_component(__file__, elem_id="gm-posterior-map")
