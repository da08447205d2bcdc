"""Two reconstructions under one divider, with their errors in pixels and in features."""

from genmodels.ui.components.likeness_divider.likeness_divider import LikenessDivider

__all__ = ["LikenessDivider"]
