"""The modes that models draw, as lights in a cube, over the course of their training, under one slider."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def ModeCubes(value: dict) -> gr.HTML:
    """Cubes of 10 x 10 x 10 modes that a drag turns, or their ten layers, and images of each model.

    The page computes the images at the end of the training; before, they are those of the history. Of a later value
    only ``seed`` counts. The place of the slider is bound to ``training`` of the page's state, the view to ``view``.

    Args:
        value: seed, of the images, as text; models, each {name, title, lesson, error} (words; error where it cannot be
            used) and, where it can, of its history ``steps`` of the last phase, ``counts`` of the modes at each step
            among so many ``images``, the file ``sheet`` and its ``rows`` at these steps;
            ``shape``, the height and width of an image; and what was ``measured``: a list of words; floor: what is
            to be known of the measures, words.
    """
    return html_component(__file__, value, elem_id="gm-mode-cubes")
