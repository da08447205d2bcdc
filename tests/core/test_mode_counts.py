"""The modes that a training on stacked digits records."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import build, synthetic_split, tiny_config

from core.helpers import STEPS, interrupt, short_run
from genmodels import checkpoint, data
from genmodels.checkpoint import CheckpointError
from genmodels.data.stacked import stack
from genmodels.model import Batch
from genmodels.training import history, mode_counts
from genmodels.training.history import History
from genmodels.training.mode_counts import mode_reader
from genmodels.training.run import TrainingError


def test_modes_are_read_by_the_shipped_classifier_of_the_digits(monkeypatch):
    assert mode_reader(data.find("mnist")) is None and mode_reader(data.find("bodies")) is None
    split = stack(synthetic_split(40), 30, seed=0)
    counts = mode_reader(data.find("stacked"))(split.images.numpy())
    assert len(counts) == 1_000 and sum(counts) == 30
    seen = np.bincount(split.labels, minlength=1_000)
    assert np.minimum(seen, counts).sum() > 3  # as drawn; by chance it would be one in a thousand

    def missing(name: str) -> None:
        raise CheckpointError(name, "missing")

    monkeypatch.setattr(mode_counts.checkpoint, "load", missing)
    with pytest.raises(TrainingError, match="Stacked MNIST.*train.py cnn"):
        mode_reader(data.find("stacked"))


def test_steps_are_spaced_over_the_last_phase_and_noise_is_not_counted(monkeypatch, tmp_path):
    monkeypatch.setattr(history, "MODE_IMAGES", 6)
    model = build("gan", **tiny_config("gan", channels=3))
    kept = History(1_000, seed=0, last_phase=500, read_modes=lambda drawn: [len(drawn), drawn.shape[3]])
    assert min(kept.snapshot_steps) == 0 and min(kept.snapshot_steps - {0}) == 500 and max(kept.snapshot_steps) == 999
    for step in (0, 501, 600, 999):
        kept.snapshot(step + 1, model)
    assert kept.modes == {601: [6, 3], 1_000: [6, 3]} and sorted(kept.images) == [1, 502, 601, 1_000]
    kept.save(tmp_path)
    assert json.loads((tmp_path / checkpoint.HISTORY).read_text())["modes"] == {
        "images": 6, "first_step": 500, "steps": [601, 1_000], "counts": [[6, 3], [6, 3]]}


def test_a_resumed_run_keeps_the_counts(call, monkeypatch, images):
    colored = stack(images, 40, seed=0)
    monkeypatch.setattr(data.Dataset, "load", lambda *arguments, **options: type(colored)(colored.images))
    for name, value in (("MODE_IMAGES", 4), ("NOISE_STEPS", 0), ("SNAPSHOTS", 4)):
        monkeypatch.setattr(history, name, value)
    words = [*short_run("gan"), "--dataset", "stacked", "--out", "made"]
    with monkeypatch.context() as patch:
        interrupt(patch, "gan", step=5)
        assert call(*words)[0] == 130
    assert call(*words, "--resume")[0] == 0
    found = json.loads(Path("made", checkpoint.HISTORY).read_text())
    assert found["modes"]["steps"] == found["image_steps"] == [1, 2, 4, STEPS]
    assert all(sum(counts) == 4 for counts in found["modes"]["counts"])


def test_the_guide_of_mggan_learns_first_and_then_only_judges(images):
    """Its encoder stays as the autoencoder left it, and G learns from its verdict too."""
    model = build("stacked_mggan", **tiny_config("stacked_mggan", autoencoder_steps=1))
    optimizers, batch = model.optimizers(), images.batch(torch.arange(20))

    def step(number: int) -> dict[str, bool]:
        before = {name: value.clone() for name, value in model.state_dict().items()}
        model.train_step(Batch(*batch, number), optimizers)
        parts = {"G": "G.", "D": "D.", "encoder": "guide.backbone", "judge": "guide.layers"}
        return {part: any(name.startswith(prefix) and not torch.equal(value, before[name])
                          for name, value in model.state_dict().items()) for part, prefix in parts.items()}

    assert step(0) == {"G": False, "D": False, "encoder": True, "judge": False}
    assert step(1) == {"G": True, "D": True, "encoder": False, "judge": True}
    assert [model.phase(0), model.phase(1)] == [(0, 1), (1, model.config.steps)]
