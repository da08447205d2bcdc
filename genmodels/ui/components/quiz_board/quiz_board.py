"""Real or generated? A digit, two buttons, what networks make of it, and the score."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from genmodels.ui.components.base import html_component


def QuizBoard(read_typed: Callable[[dict], dict]) -> gr.HTML:
    """The round is bound to the page's ``round``; the element's ``data-question`` is the number of the one that is
    asked, from 0, or ``end``.

    Args:
        read_typed: {"number"} -> {"value": a round as ``QuizEndpoints.quiz`` answers it}, or {"error", "words"}.
    """
    return html_component(__file__, elem_id="gm-quiz", server_functions=[read_typed])
