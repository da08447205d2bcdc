"""A value of the page's state, as an input of events: nothing to be seen."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def StateValue(key: str, value: object) -> gr.HTML:
    """The value is that of ``key``; ``value`` while the state has none. Event: input, also when it is first in sight.

    (Not the data of another component's event: gradio sends that of the first event again where it puts off a second.)
    """
    return html_component(__file__, None, elem_id=f"gm-state-{key}", state=key, first=value)
