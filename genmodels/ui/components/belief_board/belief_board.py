"""A board of digits colored by what a model believes they are, and a drawing's class and sentence."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from genmodels.ui.components.base import html_component


def BeliefBoard(value: dict, pad: str, read_typed: Callable[[dict], dict]) -> gr.HTML:
    """The value is {"model", "told", "image", "stroke"}: a checkpoint, of how many ``images`` it was told the
    ``labels``, an image as ``encode_images`` has it, and the number of the Sketchpad's stroke that it is of, if it is
    of one. In the place of the last two there may be ``words``, why there is no image, or nothing. The first value has
    a ``board`` as well: the digits' shape, pixels, labels (class by class) and source, "drawn" or "test".

    The page classifies and describes by itself, while a stroke is drawn too. A tile that is chosen goes to the
    Sketchpad. The element's ``data-believed`` holds what is shown of the drawing as JSON: stroke, probabilities,
    and captions by language; ``data-board`` the board's source and the classes that are believed.

    Args:
        pad: the id of the Sketchpad.
        read_typed: what answers {"model"} with a board that takes the place of the first, or None.
    """
    return html_component(__file__, value, {"pad": pad}, elem_id="gm-belief-board", server_functions=[read_typed])
