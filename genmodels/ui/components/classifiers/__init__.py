"""What classifiers make of a drawing, side by side."""

from genmodels.ui.components.classifiers.classifiers import Classifiers

__all__ = ["Classifiers"]
