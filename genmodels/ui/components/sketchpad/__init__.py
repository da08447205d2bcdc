"""A canvas to draw a digit on."""

from genmodels.ui.components.sketchpad.sketchpad import Sketchpad

__all__ = ["Sketchpad"]
