"""An animation that loops."""

from genmodels.ui.components.animation.animation import Animation

__all__ = ["Animation"]
