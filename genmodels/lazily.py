"""torch, loaded when it is first used: that takes a second, and a page that is only laid out needs none of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


class Lazy:
    """A module that is imported when one of its names is first asked for, by whichever thread comes first."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)


if TYPE_CHECKING:
    import torch
else:
    torch = Lazy("torch")
