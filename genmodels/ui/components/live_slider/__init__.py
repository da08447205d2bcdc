"""A slider that updates images while it is dragged."""

from genmodels.ui.components.live_slider.live_slider import LiveSlider

__all__ = ["LiveSlider"]
