"""The modes that models draw, as lights in a cube, over the course of their training."""

from genmodels.ui.components.mode_cubes.mode_cubes import ModeCubes

__all__ = ["ModeCubes"]
