"""A grid of images with sharp pixels: select one by click or arrow keys, download all as one PNG."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def ImageGrid(name: str, label: str, selectable: bool = False, wrap: bool = False,
              value: dict | None = None) -> gr.HTML:
    """The value is what an endpoint returns: shape, pixels, words, and optionally columns, values (column headings),
    and the model that made them.

    With ``latents``, {action, call}, the call of our own routes that answers with what the images were decoded from,
    they are offered as a bundle too. With ``request``, the arguments of ``SampleEndpoints.sample`` behind them, they
    follow a LiveSlider called truncation while it is dragged.

    Args:
        name: the element's id is ``gm-{name}``; also the downloaded file's name, unless the value has ``file``.
        label: the key of the group's accessible name.
        selectable: images are buttons; which one is pressed is ``index`` of the page's state.
        wrap: images flow in lines that break on narrow pages, without gaps.
        value: the initial images.
    """
    fields = {"name": name, "label": label, "wrap": " gm-wrap" if wrap else "",
              "selectable": int(selectable)}
    return html_component(__file__, value, fields, elem_id=f"gm-{name}")
