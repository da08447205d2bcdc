"""What classifiers make of a drawing, side by side: their answers, what speaks for those, and what each model knows."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def Classifiers(models: list[dict], pad: str, first: dict | None = None) -> gr.HTML:
    """The value is {"image", "stroke"}: an image as ``encode_images`` has it, and the number of the Sketchpad's stroke
    that it is of, if it is of one; or {"words"}, why there is none; None where nothing is drawn.

    Event: select, once, when the component is first shown.

    While a stroke is drawn the page classifies by itself, once a frame of the screen, with the models that it can run.
    The others, and those that classify by a bound, are asked by the server once the pen rests. The element's
    ``data-answered`` holds what is shown as JSON: ``stroke``, and probabilities by model.

    Args:
        models: for each its name, title, error (why it cannot be used, or None), classes (their names), by ("classify"
            or "bound"), is_generative (so that it can be asked for a class), parameters, accuracy ({"value", "n"} on
            test images, or None) and, where it has any, likelihoods (``log_prob_quantiles`` of its card).
        pad: the id of the Sketchpad.
        first: the value at first.
    """
    return html_component(__file__, first, {"pad": pad}, elem_id="gm-classifiers", models=models)
