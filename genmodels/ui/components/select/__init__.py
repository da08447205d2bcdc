"""A choice of one option."""

from genmodels.ui.components.select.select import Select, select_value

__all__ = ["Select", "select_value"]
