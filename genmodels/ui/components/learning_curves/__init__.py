"""Accuracy against the number of examples, of two classifiers on several tasks."""

from genmodels.ui.components.learning_curves.learning_curves import LearningCurves

__all__ = ["LearningCurves"]
