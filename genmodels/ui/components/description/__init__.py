"""A caption and what a model draws of it."""

from genmodels.ui.components.description.description import Description

__all__ = ["Description"]
