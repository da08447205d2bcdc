"""A picture as a decision for each pixel."""

from genmodels.ui.components.pixel_board.pixel_board import PixelBoard

__all__ = ["PixelBoard"]
