"""Training on few labels, and the table of what it reaches."""

from __future__ import annotations

import pytest
import torch
from conftest import synthetic_split, tiny_config

from genmodels.evaluation import few_labels
from genmodels.evaluation.report import few_label_rows
from genmodels.models.cnn import CNN


@pytest.fixture
def splits():
    return {"train": synthetic_split(40), "test": synthetic_split(20, first_seed=40)}


def test_a_short_training_fits_its_images_and_repeats_itself(splits):
    def train():
        config = CNN.Config(**tiny_config("cnn", base_channels=8, dropout=0.0, lr=1e-2))
        return few_labels.train_model(lambda: CNN(config), splits["train"], 30, seed=3)

    torch.manual_seed(5)
    expected, model = torch.rand(3), train()
    torch.manual_seed(5)
    again = train()
    assert torch.rand(3).equal(expected)  # the global generator is as it was
    assert all(a.equal(b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
    found = few_labels.predict(model, splits["train"].images)
    assert few_labels.accuracy(found, splits["train"].labels) > 0.5  # chance is 0.1


@pytest.mark.parametrize("method", few_labels.METHODS)
def test_each_draw_is_of_its_own_labels_and_the_mean_is_printed(method, splits, monkeypatch):
    built = []

    def train(build, split, steps, seed):
        built.append((build().config, split))
        return "model"

    scores = iter([0.5, 0.75, 0.9, 1.0])
    monkeypatch.setattr(few_labels, "COUNTS", (10, 20))
    monkeypatch.setattr(few_labels, "PAPER", {10: 0.8, 20: 0.9})
    monkeypatch.setattr(few_labels, "train_model", train)
    monkeypatch.setattr(few_labels, "predict", lambda model, images: images)
    monkeypatch.setattr(few_labels, "accuracy", lambda predicted, labels: next(scores))
    found = few_labels.few_labels(method, splits.__getitem__, 2, 7)
    assert [(p["labels"], p["accuracy"], p["mean"]) for p in found["points"]] == [
        (10, [0.5, 0.75], 0.625), (20, [0.9, 1.0], 0.95)]
    assert [p.get("paper") for p in found["points"]] == ([0.8, 0.9] if method == "ssvae_paper" else [None, None])
    rows = few_label_rows({method: found})
    assert rows[1][1:] == ("10", "0.6250", "0.5000, 0.7500", "7", "0.8000" if method == "ssvae_paper" else "")
    if method == "cnn":
        assert [len(split) for _, split in built] == [10, 10, 20, 20]
        assert not built[0][1].images.equal(built[1][1].images)
    else:
        assert [(config.labels, config.label_draw) for config, _ in built] == [(10, 0), (10, 1), (20, 0), (20, 1)]
        assert (built[0][0].agreement > 0) == (method == "ssvae")
