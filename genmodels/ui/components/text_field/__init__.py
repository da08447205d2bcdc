"""A line of text that is checked while it is typed."""

from genmodels.ui.components.text_field.text_field import TextField

__all__ = ["TextField"]
