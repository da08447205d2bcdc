"""A choice of models: broken ones are disabled and explained."""

from __future__ import annotations

from html import escape

import gradio as gr

from genmodels.ui.components.base import escape_template, html_component
from genmodels.ui.model_option import ModelOption
from genmodels.ui.text import element


def ModelRadio(choices: list[ModelOption], preferred: str, key: str, announce: bool = False) -> gr.HTML:
    """Radio buttons, one per checkpoint; the value is the checkpoint's name, None if all are broken. Event: input.

    Bound to the page's ``model``. The value changes at once; the button follows when the activity shows what the model
    made: an element with its name as ``data-shown-model``. Where the server does not answer, the value is the old one
    again.

    Args:
        choices: the checkpoints to choose from, in this order.
        preferred: name of the checkpoint selected at first, if it is not broken; else the first that is not.
        key: names the group of buttons; the element's id is ``gm-{key}``.
        announce: trigger input also when the component is first shown, which fills what depends on it.
    """
    usable = [c.name for c in choices if not c.error]
    selected = preferred if preferred in usable else next(iter(usable), None)
    options = "".join(
        f'<label class="gm-option"><input type="radio" name="gm-{key}" value="{escape(c.name, True)}"'
        f' data-weights="{c.weights}"{"" if c.ink else " data-photo"}'
        f'{" disabled" if c.error else ""}{" checked" if c.name == selected else ""}>'
        f'{element("span", c.title)}</label>'
        for c in choices
    )
    warnings = "".join(element("p", c.error, class_="gm-warning") for c in choices if c.error)
    fields = {"options": escape_template(options), "warnings": escape_template(warnings)}
    return html_component(__file__, selected, fields, elem_id=f"gm-{key}", announce=announce)
