"""A checkpoint as a visitor chooses it."""

from __future__ import annotations

from dataclasses import dataclass

from genmodels.checkpoint import Card
from genmodels.ui.text import Text


@dataclass(frozen=True)
class ModelOption:
    """A checkpoint as an option on screen.

    ``error`` says why it cannot be used, None where it can; ``weights``: their SHA-256, empty where it cannot;
    ``ink``: whether its images are digits, which may as well be dark on white.
    """

    name: str
    title: Text
    error: Text | None
    weights: str
    ink: bool

    @classmethod
    def of(cls, name: str, title: Text, error: Text | None, card: Card | None) -> ModelOption:
        """The option of a checkpoint; ``card``: None for a broken one."""
        if error or card is None:
            return cls(name, title, error, "", ink=True)
        classes = "".join(card.dataset["classes"])
        return cls(name, title, None, card.weights_sha256, ink=classes.isdecimal() and classes.isascii())
