"""What a model keeps of a drawing, while it is drawn: reconstructed by the page itself, once a frame of the screen."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def PenPreview(pad: str, model: str, label: str, result: str) -> gr.HTML:
    """Shown from the first move of a Sketchpad's pen until the value is that stroke's number: its result has come.

    Nothing is shown for a model that the page cannot run, that takes no drawings (of digits), or whose label is left to
    the classifier.

    Args:
        pad: the id of the Sketchpad.
        model: the name of the ModelRadio with the model.
        label: the name of the Select with the label for models that take one; its first option is the classifier.
        result: the id of the element with the result, which the preview hides in part while it is shown.
    """
    fields = {"pad": pad, "model": model, "label": label, "result": result}
    return html_component(__file__, fields=fields, elem_id="gm-pen-preview")
