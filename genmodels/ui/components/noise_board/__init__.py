"""Noise on its way to images."""

from genmodels.ui.components.noise_board.noise_board import NoiseBoard

__all__ = ["NoiseBoard"]
