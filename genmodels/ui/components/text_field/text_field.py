"""A line of text that is checked while it is typed; what is wrong with it stands below it."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from genmodels.ui.components.base import escape_template, html_component
from genmodels.ui.text import Text, element


def TextField(name: str, label: str, info: Text, value: dict, read_typed: Callable[[dict], dict],
              seeds: bool = False, state: str | None = None) -> gr.HTML:
    """The value is {"text", "context"}: the last text that was right, as ``read_typed`` returned it.

    While the text is wrong the value stays, and a message says why. Event: input, for a new text or on Enter.
    (Not gr.Textbox, which has no place for a message.)

    Args:
        name: the element's id is ``gm-{name}``.
        label: the key of its name.
        info: a line of explanation.
        value: ``text`` at first, and a ``context`` on which its reading depends, such as the name of a model.
        read_typed: {text, context} -> {"value": the text as it is read}, or {"error", "words"} where it is wrong.
        seeds: offer a button that types a random seed.
        state: the key of the page's state to which ``text`` is bound.
    """
    fields = {"name": name, "label": label, "info": escape_template(element("small", info, id=f"gm-{name}-info")),
              "mode": "numeric" if seeds else "text", "hidden": "" if seeds else "hidden"}
    return html_component(__file__, value, fields, elem_id=f"gm-{name}", server_functions=[read_typed], state=state)
