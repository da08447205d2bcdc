"""What the tests of the command line share: small checkpoints, and reading what was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from conftest import build, save_checkpoint, tiny_config

MODELS = ("cnn", "gan", "dcgan", "cgan", "infogan", "vae", "cvae")


def save_small_checkpoints(root: Path) -> Path:
    """Small untrained checkpoints of all models; vae2d is missing."""
    for name in MODELS:
        save_checkpoint(build(name, **tiny_config(name)), name, root / name)
    return root


def read_npz(path: str) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)
