"""Accuracy against the number of examples, of two classifiers on several tasks, as plots with bands."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def LearningCurves(curves: dict) -> gr.HTML:
    """The value is what ``evaluation.learning_curves`` found, by task; it does not change.

    A slider goes from one number of examples to the next, and the values there stand below each plot.
    """
    return html_component(__file__, curves, elem_id="gm-learning-curves")
