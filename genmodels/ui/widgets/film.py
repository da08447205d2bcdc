"""An animation that loops: play, pause, scrub, download as GIF."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.widgets.base import widget

TEMPLATE = """
<div class="gm-film gm-hidden">
  <canvas role="img" aria-label="A walk through latent space" width="28" height="28"></canvas>
  <div class="gm-bar">
    <button type="button" class="gm-button gm-play">Pause</button>
    <input type="range" class="gm-range" min="0" max="0" value="0" aria-label="Frame">
    <button type="button" class="gm-button gm-save">Download GIF</button>
  </div>
</div>"""


def film() -> gr.HTML:
    """The value is what ``SampleEndpoints.walk`` returns: shape, pixels (frame after frame), gif."""
    return widget("film", TEMPLATE, elem_id="gm-film")
