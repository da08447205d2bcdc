"""Real or generated? A round of digits to guess."""

from genmodels.ui.components.quiz_board.quiz_board import QuizBoard

__all__ = ["QuizBoard"]
