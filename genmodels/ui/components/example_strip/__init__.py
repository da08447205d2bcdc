"""Images that a visitor may choose as the sketchpad's image."""

from genmodels.ui.components.example_strip.example_strip import ExampleStrip

__all__ = ["ExampleStrip"]
