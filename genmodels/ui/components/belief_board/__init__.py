"""What a model believes of digits that nobody labeled, and what it says of a drawing."""

from genmodels.ui.components.belief_board.belief_board import BeliefBoard

__all__ = ["BeliefBoard"]
