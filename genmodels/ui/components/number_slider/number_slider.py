"""A whole number on a slider, which may also be typed; what is wrong with it stands below it."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from genmodels.ui.components.base import escape_template, html_component
from genmodels.ui.text import Text, element


def NumberSlider(name: str, label: str, minimum: int, maximum: int, value: int, read_typed: Callable[[dict], dict],
                 step: int = 1) -> gr.HTML:
    """The value is the last number that was right. Event: input, for a new number or on Enter.

    (Not gr.Slider, which sends a number out of its range as it is typed, and shows its own words for it.)

    Args:
        name: the element's id is ``gm-{name}``.
        label: the key of its name; a line of explanation has the same key with ``.info``, where there is one.
        minimum: the smallest number.
        maximum: the largest number.
        value: the number at first.
        read_typed: {text} -> {"value": the number}, or {"error", "words"} where it is wrong.
        step: of the slider; numbers between its steps may be typed.
    """
    info = Text.first_of(f"{label}.info")
    number = element("input", type="text", class_="gm-typed", inputmode="numeric", autocomplete="off",
                     aria_label=Text("slider.number", name=Text(label)), aria_describedby=f"gm-{name}-error")
    slider = element("input", type="range", class_="gm-range", min=minimum, max=maximum, step=step, value=value,
                     aria_label=Text("slider.range", name=Text(label)),
                     aria_describedby=f"gm-{name}-info" if info else None)
    fields = {"name": name, "label": label, "number": escape_template(number), "range": escape_template(slider),
              "info": escape_template(element("small", info, id=f"gm-{name}-info")) if info else ""}
    return html_component(__file__, value, fields, elem_id=f"gm-{name}", server_functions=[read_typed])
