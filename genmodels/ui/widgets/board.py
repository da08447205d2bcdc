"""The latent board: one picture, and everything its latent is made of under the visitor's fingers.

A pad for two latents, a slider for each continuous one, a button for each value of a categorical one; which of them
are there follows from the model's latent.
"""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from genmodels.ui.widgets.base import widget

TEMPLATE = """
<div class="gm-board">
  <div class="gm-stage">
    <div class="gm-pad gm-hidden" tabindex="0" role="application" aria-roledescription="two-dimensional slider"
      aria-label="Map of the two latents: arrow keys move, Shift moves further, Home returns to the middle">
      <canvas class="gm-map"></canvas><span class="gm-cross"></span></div>
    <figure class="gm-figure"><canvas class="gm-picture" role="img" aria-label="The decoded picture" width="28"
      height="28"></canvas><figcaption class="gm-caption" aria-live="polite"></figcaption></figure>
  </div>
  <div class="gm-controls">
    <fieldset class="gm-choice gm-categories gm-hidden"><legend></legend></fieldset>
    <div class="gm-sliders"></div>
    <div class="gm-bar">
      <button type="button" class="gm-button gm-more gm-hidden">Show all</button>
      <button type="button" class="gm-button gm-reset">Reset</button>
      <button type="button" class="gm-button gm-random">Randomise</button>
      <button type="button" class="gm-button gm-noise gm-hidden">New noise</button>
      <button type="button" class="gm-button gm-save">Download PNG</button>
    </div>
    <p class="gm-problem" role="alert"></p>
  </div>
</div>"""


def board(draw: Callable[[dict], dict]) -> gr.HTML:
    """The value is what ``LatentEndpoints.describe_latents`` returns, with ``model`` and, for a map, ``extent``.

    The page draws by itself where its engine can (``data-engine`` says "page"), else the server does.

    The page sets ``z`` and ``category`` in it; event: input, when the visitor has moved something and come to rest.

    Args:
        draw: {model, seed} -> a fresh latent, or {"error": message}.
    """
    return widget("board", TEMPLATE, elem_id="gm-board", server_functions=[draw])
