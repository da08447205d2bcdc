"""A slider that the page answers while it is dragged: what follows it listens in the page, and no request is queued."""

from __future__ import annotations

from html import escape

import gradio as gr

from genmodels.ui.widgets.base import widget


def dial(name: str, label: str, info: str, low: float, high: float, value: float, step: float = 0.01) -> gr.HTML:
    """The value is a number. Event: input, when the visitor has let go.

    At every move the document gets a ``gm-dial`` event with {name, value}. A double click goes back to ``value``.
    """
    # The name is the label alone, with the info as its description; the slider itself says the number.
    template = (
        f'<div class="gm-dial" data-name="{name}" data-start="{value:g}"><label><span>{escape(label)}</span>'
        f'<small id="gm-{name}-info">{escape(info)}</small><input type="range" class="gm-range" '
        f'aria-label="{escape(label, True)}" aria-describedby="gm-{name}-info" min="{low:g}" max="{high:g}" '
        f'step="{step:g}" value="{value:g}"></label><output aria-live="off">{value:.2f}</output></div>'
    )
    return widget("dial", template, value, elem_id=f"gm-{name}")
