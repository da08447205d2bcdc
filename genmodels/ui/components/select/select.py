"""A choice of one option, whose options may change with the model and follow the language."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from genmodels.ui.components.base import html_component
from genmodels.ui.text import Text, to_json


def Select(name: str, value: dict, state: str | None = None) -> gr.HTML:
    """The value is what ``select_value`` returns; the page sets ``value`` in it. Event: input.

    The element's id is ``gm-{name}``; ``state``: the key of the page's state to which it is bound.
    (Not gr.Dropdown, whose options can hold no sentence with placeholders.)
    """
    return html_component(__file__, value, elem_id=f"gm-{name}", state=state)


def select_value(label: Text | str, options: Sequence[tuple[Text | str | dict, int | str]], value: int | str) -> dict:
    """``options``: sentences, or names that are the same in every language, and their values.

    Where there are none the component is hidden.
    """
    return {"label": to_json(label), "options": [[to_json(words), of] for words, of in options], "value": value}
