"""The same digit by several models, one below the other, each beside its figures."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from genmodels.ui.components.base import html_component


def Comparison(value: dict, read_typed: Callable[[dict], dict]) -> gr.HTML:
    """The value is {"seed", "rows"}; a row is what ``CompareEndpoints.figures`` knows of a checkpoint.

    The digit is bound to the page's ``digit``, and the models to its ``models``. The element's ``data-drawn`` names the
    models whose images are shown, by commas, once all are there.

    Args:
        value: the seed, and all models.
        read_typed: {"model", "digit", "seed"}, with "" for real digits -> {"value": {shape, pixels, tried, read}}, or
            {"error", "words"}.
    """
    return html_component(__file__, value, elem_id="gm-comparison", server_functions=[read_typed])
