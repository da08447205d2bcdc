"""See ``convolution_figure.py``."""

from genmodels.ui.components.convolution_figure.convolution_figure import ConvolutionFigure

__all__ = ["ConvolutionFigure"]
