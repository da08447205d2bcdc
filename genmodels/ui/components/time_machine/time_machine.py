"""The images of fixed latents over the steps of a training, and its losses; of one run, or of two under one slider."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def TimeMachine(value: dict) -> gr.HTML:
    """It has no event, and its value does not change: what the slider shows is in files that it fetches once.

    The run is bound to ``model`` of the page's state, the one beside it to ``rival``, the step to ``trained``. News of
    the run that is watched are fetched at gm/watch while it trains and the component is in sight.

    Args:
        value: runs, each {name, title, error (words, where it cannot be shown), ink (whether its images are), file (its
            ``histories.curves``), sheet (of its images, where it has some)}, without files for the one that is
            ``watched``, the name of which that is; first, the name of the one to begin with; pair, the names of two
            to be seen beside each other, or nothing.
    """
    return html_component(__file__, value, elem_id="gm-time-machine")
