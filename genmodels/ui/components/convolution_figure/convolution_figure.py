"""How convolutions make sizes, step by step, after Dumoulin & Visin 2016 (arXiv:1603.07285)."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def ConvolutionFigure() -> gr.HTML:
    """Input, kernel and output of a convolution or transposed convolution, whose sizes are sliders.

    A step of a convolution reads a window of the input into one place of the output; one of a transposed convolution
    adds a copy of the kernel, times one place of the input, to a window of the output.
    """
    return html_component(__file__, elem_id="gm-convolution")
