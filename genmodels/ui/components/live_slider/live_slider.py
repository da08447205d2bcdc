"""A slider that updates images while it is dragged, by an event inside the page rather than through Gradio's queue."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def LiveSlider(name: str, label: str, minimum: float, maximum: float, value: float, step: float = 0.01) -> gr.HTML:
    """The value is a number. Event: input, on release. Bound to ``name`` of the page's state.

    ``label`` is the key of its name; that of its description ends in ``.info``.

    At every move the document gets a ``gm-slider-input`` event with {name, value}, and a ``gm-slider-touch`` event with
    {name} once the slider is touched or focused. A double click restores ``value``.
    """
    # In the template: the accessible name is the label alone, the info its description; aria-valuetext has the number.
    numbers = {"minimum": minimum, "maximum": maximum, "step": step, "value": value}
    fields = {key: f"{number:g}" for key, number in numbers.items()}
    fields |= {"name": name, "label": label}
    return html_component(__file__, value, fields, elem_id=f"gm-{name}")
