"""The opening: a map that draws itself under the hand."""

from genmodels.ui.components.opening.opening import Opening

__all__ = ["Opening"]
