"""Fixtures of the tests of the core."""

from __future__ import annotations

import pytest
import torch
from conftest import bodies_split

import train
from genmodels import data
from genmodels.training import history, loop


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test starts from the same state of torch's global generator, whichever ran before it."""
    torch.manual_seed(0)


@pytest.fixture
def call(monkeypatch, tmp_path, images, capsys):
    """``train.main`` in an empty folder, on forty images or bodies; returns its status, stderr and stdout.

    Few pictures are drawn of a run, since for some models that takes longer than to train them.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(history, "SNAPSHOTS", 2)
    monkeypatch.setattr(loop, "SAMPLES_SHOWN", 16)
    monkeypatch.setattr(data.Dataset, "load", lambda self, *arguments, **options: (
        images if self.kind == "images" else bodies_split(len(images))))

    def run(*words: object) -> tuple[int, str, str]:
        try:
            status = train.main([str(word) for word in words])
        except SystemExit as end:
            status = end.code
        printed = capsys.readouterr()
        return status, printed.err, printed.out

    return run
