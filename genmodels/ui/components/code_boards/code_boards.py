"""Boards of codes beside their picture, computed by the page: priors or a drawing fill them, tiles can be changed."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import hidden_unless, html_component


def CodeBoards(samples: dict[str, dict]) -> gr.HTML:
    """The value is {"model", "seed", "category"} as soon as a model is chosen; no event.

    The dice are those of the seed's pictures, so that a picture is the one that Sample shows; which one is ``index`` of
    the page's state, whose ``codes`` are the boards where the visitor has made them. A ``gm-example`` event brings a
    drawing to encode. ``data-boards`` holds the codes that are shown, the coarse board's first, -1 for empty tiles.

    Args:
        samples: for each model the images, as from ``encode_images``, whose patches show what its codes stand for.
            Without a model nothing is shown.
    """
    return html_component(__file__, {"samples": samples}, hidden_unless(samples), elem_id="gm-code-boards")
