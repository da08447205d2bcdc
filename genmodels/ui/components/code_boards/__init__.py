"""Two boards of codes and the picture that they make."""

from genmodels.ui.components.code_boards.code_boards import CodeBoards

__all__ = ["CodeBoards"]
