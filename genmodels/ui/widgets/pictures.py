"""A grid of pictures with crisp pixels: choose one by click or keys, download all as one PNG."""

from __future__ import annotations

from html import escape

import gradio as gr

from genmodels.ui.widgets.base import widget


def pictures(name: str, label: str, choosable: bool = False, wrap: bool = False) -> gr.HTML:
    """The value is what an action returns: shape, pixels, and optionally columns, alt, values (column headings).

    Event: select, with ``index``, where pictures can be chosen. ``wrap`` lets a line of writing break on narrow pages.
    """
    template = (
        f'<div class="gm-pictures{" gm-wrap" if wrap else ""}" role="group" aria-label="{escape(label, True)}"'
        f' data-name="{name}" data-choosable="{int(choosable)}"><div class="gm-grid"></div>'
        '<div class="gm-bar"><button type="button" class="gm-button gm-save" disabled>Download PNG</button></div></div>'
    )
    return widget("pictures", template, elem_id=f"gm-{name}")
