"""Generative models of small images: ``genmodels.load("cgan")`` gives a model, ``genmodels.available()`` the names.

Importing the package costs nothing; torch is loaded by the first call.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genmodels.model import Model

__all__ = ["available", "load"]

# Threads of torch that wait for the others hold their core meanwhile: by libgomp's own setting so long that beside
# another busy program a step takes several times its time (measure it: python -m tests.benchmarks --only neighbor).
# Read when torch is imported, which every program of ours does after this.
SPIN_COUNT = 3000
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", str(SPIN_COUNT))


def available(root: str | Path | None = None) -> list[str]:
    """Checkpoints of generative models whose card reads, in teaching order; ``root``: their folder, if not ours."""
    from genmodels import checkpoint
    from genmodels.model import GenerativeModel
    from genmodels.registry import model_class

    root, found = _root(root), []
    for name in checkpoint.list_checkpoints(root):
        try:
            card = checkpoint.read_card(name, root)
        except checkpoint.CheckpointError:
            continue
        if issubclass(model_class(card.model), GenerativeModel):
            found.append(name)
    return found


def load(name: str, root: str | Path | None = None) -> Model:
    """The model of a checkpoint, in eval mode on the CPU; checkpoint.CheckpointError where it is missing or damaged."""
    from genmodels import checkpoint

    return checkpoint.load(name, _root(root))[0]


def _root(root: str | Path | None) -> Path:
    from genmodels import checkpoint

    return checkpoint.ROOT if root is None else Path(root)
