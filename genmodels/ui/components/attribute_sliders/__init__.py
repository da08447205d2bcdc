"""Sliders for attributes of handwriting, such as thicker."""

from genmodels.ui.components.attribute_sliders.attribute_sliders import AttributeSliders

__all__ = ["AttributeSliders"]
