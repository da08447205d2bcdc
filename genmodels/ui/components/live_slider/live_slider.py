"""A slider that updates images while it is dragged, by an event inside the page rather than through Gradio's queue."""

from __future__ import annotations

from html import escape

import gradio as gr

from genmodels.ui.components.base import html_component


def LiveSlider(name: str, label: str, info: str, minimum: float, maximum: float, value: float,
               step: float = 0.01) -> gr.HTML:
    """The value is a number. Event: input, on release.

    At every move the document gets a ``gm-slider-input`` event with {name, value}. A double click restores ``value``.
    """
    # In the template: the accessible name is the label alone, the info its description; aria-valuetext has the number.
    numbers = {"minimum": minimum, "maximum": maximum, "step": step, "value": value}
    fields = {key: f"{number:g}" for key, number in numbers.items()}
    fields |= {"name": name, "label": escape(label, True), "info": escape(info), "shown": f"{value:.2f}"}
    return html_component(__file__, value, fields, elem_id=f"gm-{name}")
