"""The data sets: facts, splits, and what happens where there are none."""

from __future__ import annotations

import types
from urllib.error import URLError

import pytest
import torch
from torchvision import datasets

from genmodels import data


def test_every_set_says_where_it_is_from():
    for name, facts in data.DATASETS.items():
        assert facts.title and facts.licence and facts.source, name
        assert len(facts.classes) == len(set(facts.classes)) == 10


@pytest.fixture(scope="module")
def splits():
    return {split: data.load("strokes", split, None) for split in data.SPLITS}


def test_strokes_has_three_splits_that_share_no_picture(splits):
    assert {split: len(part) for split, part in splits.items()} == {"train": 4_000, "validation": 500, "test": 500}
    seen = set()
    for part in splits.values():
        assert part.images.shape[1:] == (28, 28) and part.images.dtype == torch.uint8
        assert part.labels.dtype == torch.int64 and (torch.bincount(part.labels) == len(part) // 10).all()
        pictures = {image.numpy().tobytes() for image in part.images}
        assert len(pictures) == len(part) and not seen & pictures
        seen |= pictures


def test_batch_is_what_a_model_wants(splits):
    part = splits["test"]
    x, y = part.batch(torch.tensor([5, 3]))
    assert x.shape == (2, 1, 28, 28) and x.dtype == torch.float32 and x.min() == -1 and x.max() == 1
    torch.testing.assert_close(x[0, 0], part.images[5] / 127.5 - 1)
    assert y.tolist() == [5, 3]


@pytest.mark.parametrize(("name", "split", "listed"), [("nosuch", "train", "mnist"), ("strokes", "dev", "validation")])
def test_unknown_names_are_refused_with_the_ones_there_are(name, split, listed):
    with pytest.raises(data.DataError, match=f"unknown.*{listed}"):
        data.load(name, split)


@pytest.mark.parametrize(("name", "kind"), [("mnist", "MNIST"), ("fashion", "FashionMNIST")])
def test_torchvisions_sets_are_cut_in_three(name, kind, monkeypatch, tmp_path):
    """The last 10,000 of the 60,000 training pictures are for validation, torchvision's test set for the figures."""
    asked = []

    def fake(root, train, download):
        asked.append((root, train, download))
        n = 60_000 if train else 10_000
        return types.SimpleNamespace(data=torch.arange(n).reshape(n, 1, 1), targets=torch.arange(n) % 10)

    monkeypatch.setattr(datasets, kind, fake)
    train, validation, test = (data.load(name, split, tmp_path).images.flatten().tolist() for split in data.SPLITS)
    assert (train, validation, test) == (list(range(50_000)), list(range(50_000, 60_000)), list(range(10_000)))
    assert asked == [(str(tmp_path), True, True)] * 2 + [(str(tmp_path), False, True)]


@pytest.mark.parametrize("trouble", [URLError("no route to host"), RuntimeError("Dataset not found"),
                                     PermissionError(13, "denied")], ids=["offline", "not-found", "denied"])
@pytest.mark.parametrize("name", ["mnist", "fashion"])
def test_a_missing_set_says_what_to_do(name, trouble, monkeypatch, tmp_path):
    def fail(*args, **kwargs):
        raise trouble

    monkeypatch.setattr(datasets, {"mnist": "MNIST", "fashion": "FashionMNIST"}[name], fail)
    with pytest.raises(data.DataError, match="--data DIR.*--dataset strokes") as caught:
        data.load(name, "train", tmp_path)
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


def test_nothing_is_downloaded_where_that_is_not_wanted(monkeypatch, tmp_path):
    """torchvision itself, on an empty folder: refused without a look at the network."""
    monkeypatch.setattr("socket.create_connection", lambda *a, **k: pytest.fail("went to the network"))
    with pytest.raises(data.DataError, match="is not in"):
        data.load("mnist", "test", tmp_path, download=False)
