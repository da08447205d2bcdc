"""Where a visitor's digit comes from: drawn with a finger or mouse, uploaded, or chosen among examples.

An upload is read in the page and travels inside the value, so the server never writes it to a file.
"""

from __future__ import annotations

import gradio as gr

from genmodels.ui.widgets.base import widget

TEMPLATE = """
<div class="gm-sketch">
  <canvas class="gm-paper" width="280" height="280" role="img" aria-label="Drawing area: draw a digit here"></canvas>
  <div class="gm-bar">
    <button type="button" class="gm-button gm-undo" disabled>Undo</button>
    <button type="button" class="gm-button gm-clear">Clear</button>
    <button type="button" class="gm-button gm-upload">Upload a picture</button>
    <input type="file" class="gm-file" accept="image/*" tabindex="-1" aria-label="Upload a picture" hidden>
  </div>
  <p class="gm-problem" role="alert"></p>
  <div class="gm-examples" role="group" aria-label="Examples"></div>
</div>"""


def sketch(examples: dict) -> gr.HTML:
    """The value is ``{"picture": data URI, "center": bool}`` or None. Event: input, at each stroke's end or choice.

    ``examples``: shape, pixels and alt of the drawings on offer.
    """
    return widget("sketch", TEMPLATE, elem_id="gm-sketch", examples=examples)
