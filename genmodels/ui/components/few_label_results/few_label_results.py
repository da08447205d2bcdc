"""How many test digits are read wrongly after few labels, by several learners, as bars."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def FewLabelResults(few_labels: dict) -> gr.HTML:
    """The value is what ``evaluation.few_labels`` found, by learner; it does not change.

    A slider goes from one number of labels to the next; each bar is the mean of the draws, with a dot for each draw.
    """
    return html_component(__file__, few_labels, elem_id="gm-few-labels")
