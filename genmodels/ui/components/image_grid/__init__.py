"""A grid of images."""

from genmodels.ui.components.image_grid.image_grid import ImageGrid

__all__ = ["ImageGrid"]
