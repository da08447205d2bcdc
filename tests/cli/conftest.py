"""Fixtures of the tests of the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import synthetic_split

from cli.helpers import save_small_checkpoints
from genmodels import data
from genmodels.cli.main import main


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return save_small_checkpoints(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture
def run(root, tmp_path, monkeypatch, capsys):
    """Runs a command line in an empty folder; returns (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(line: str, root: Path = root) -> tuple[int, str, str]:
        status = main([*line.split(), "--checkpoints", str(root)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def digits() -> np.ndarray:
    """Synthetic digits, uint8 [21, 28, 28], each class in turn."""
    return synthetic_split(21).images.numpy()


@pytest.fixture
def few_images(monkeypatch):
    """All splits of all data sets are the same few images."""
    few = synthetic_split(21)
    monkeypatch.setattr(data, "load", lambda name, split, root: few)
