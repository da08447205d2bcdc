"""A whole number, dragged or typed."""

from genmodels.ui.components.number_slider.number_slider import NumberSlider

__all__ = ["NumberSlider"]
