"""A grid of pictures with crisp pixels: choose one by click or keys, download all as one PNG."""

from __future__ import annotations

from html import escape

import gradio as gr

from genmodels.ui.widgets.base import widget


def pictures(name: str, label: str, choosable: bool = False, wrap: bool = False,
             value: dict | None = None) -> gr.HTML:
    """The value is what an endpoint returns: shape, pixels, and optionally columns, alt, values (column headings).

    Where it also says what it was ``asked`` with, arguments of ``SampleEndpoints.sample`` by name, a dial named like
    one of them redraws the pictures while it moves.

    Event: select, with ``index``, where pictures can be chosen. ``wrap`` lets a line of writing break on narrow pages.
    """
    template = (
        f'<div class="gm-pictures{" gm-wrap" if wrap else ""}" role="group" aria-label="{escape(label, True)}"'
        f' data-name="{name}" data-choosable="{int(choosable)}"><div class="gm-grid"></div>'
        '<div class="gm-bar"><button type="button" class="gm-button gm-save" disabled>Download PNG</button></div>'
        '<p class="gm-problem" role="alert"></p></div>'
    )
    return widget("pictures", template, value, elem_id=f"gm-{name}")
