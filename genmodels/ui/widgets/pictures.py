"""A grid of pictures with crisp pixels: choose one by click or keys, download all as one PNG."""

from __future__ import annotations

from html import escape

from genmodels.ui.widgets.base import Widget


class Pictures(Widget):
    """The value is what an action returns: shape, pixels, and optionally columns, alt, values (column headings).

    Event: select, with ``index``, where pictures can be chosen. ``wrap`` lets a line of writing break on narrow pages.
    """

    def __init__(self, name: str, label: str, choosable: bool = False, wrap: bool = False) -> None:
        super().__init__(
            None, elem_id=f"gm-{name}",
            template=f'<div class="gm-pictures{" gm-wrap" if wrap else ""}" role="group" '
            f'aria-label="{escape(label, True)}"'
            f' data-name="{name}" data-choosable="{int(choosable)}"><div class="gm-grid"></div>'
            '<div class="gm-bar"><button type="button" class="gm-button gm-save" disabled>Download PNG</button></div></div>',
        )
