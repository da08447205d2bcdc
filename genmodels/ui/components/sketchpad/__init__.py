"""A canvas to draw on."""

from genmodels.ui.components.sketchpad.sketchpad import Sketchpad

__all__ = ["Sketchpad"]
