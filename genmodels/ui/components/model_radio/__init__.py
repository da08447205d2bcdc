"""A choice of models."""

from genmodels.ui.components.model_radio.model_radio import ModelRadio

__all__ = ["ModelRadio"]
