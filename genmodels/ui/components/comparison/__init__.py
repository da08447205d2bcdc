"""The same digit by several models."""

from genmodels.ui.components.comparison.comparison import Comparison

__all__ = ["Comparison"]
