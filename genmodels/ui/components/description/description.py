"""A caption, typed or put together from words, and what a model draws of it, stage by stage."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from genmodels.captions import PROPERTIES, value_name
from genmodels.ui.components.base import html_component

CHOICES = {name: [str(value) if name == "digit" else value_name(index, value) for value in range(count)]
           for index, (name, count) in enumerate(PROPERTIES.items())}


def Description(value: dict | None, read_typed: Callable[[dict], dict]) -> gr.HTML:
    """The value is {"model", "seed"}, None where there is no model; it has no event.

    The caption is ``caption`` of the page's state, which of its images is shown in full is ``index``.

    Args:
        value: the first value.
        read_typed: {model, seed, text, index, rows, columns, edits, language} -> {"value"}, what ``page_answer`` of the
            tab gives, or {"error", "words"}.
    """
    return html_component(__file__, value, elem_id="gm-description", server_functions=[read_typed], choices=CHOICES)
