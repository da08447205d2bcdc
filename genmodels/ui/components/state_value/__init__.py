"""A value of the page's state, for Python."""

from genmodels.ui.components.state_value.state_value import StateValue

__all__ = ["StateValue"]
