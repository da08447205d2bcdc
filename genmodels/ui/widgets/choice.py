"""A choice of models, with the broken ones shown, disabled, and explained."""

from __future__ import annotations

from html import escape

import gradio as gr

from genmodels.ui.store import ModelOption
from genmodels.ui.widgets.base import widget


def model_choice(choices: list[ModelOption], preferred: str, label: str, key: str) -> gr.HTML:
    """Radio buttons, one a checkpoint; the value is the checkpoint's name, None where all are broken. Event: input."""
    sound = [c.name for c in choices if not c.error]
    chosen = preferred if preferred in sound else next(iter(sound), None)
    options = "".join(
        f'<label class="gm-option"><input type="radio" name="gm-{key}" value="{escape(c.name, True)}"'
        f'{" disabled" if c.error else ""}{" checked" if c.name == chosen else ""}>'
        f"<span>{escape(c.title)}</span></label>"
        for c in choices
    )
    troubles = "".join(f'<p class="gm-trouble">{_text(c.error)}</p>' for c in choices if c.error)
    template = f'<fieldset class="gm-choice"><legend>{escape(label)}</legend>{options}</fieldset>{troubles}'
    return widget("choice", template, chosen, elem_id=f"gm-{key}")


def _text(message: str) -> str:
    """A message as text of a template: its special characters taken out of their meaning."""
    message = message[0].upper() + message[1:]
    return escape(message).replace("`", "&#96;").replace("$", "&#36;").replace("{", "&#123;").replace("\\", "&#92;")
