"""The data sets: facts, splits, batches, and errors where the data is missing."""

from __future__ import annotations

import types
from urllib.error import URLError

import pytest
import torch
from PIL import Image
from torchvision import datasets

from genmodels import data, registry
from genmodels.data import batch_indices


def test_every_data_set_has_its_facts():
    for name in set(registry.DATASETS) - {"folder"}:
        facts = data.find(name)
        assert facts.title and facts.license and facts.source, name
        assert len(facts.classes) == len(set(facts.classes)) and facts.framing in ("digit", "photo")


@pytest.fixture(scope="module")
def splits():
    return {split: data.load("synthetic", split) for split in data.SPLITS}


def test_synthetic_digits_have_three_disjoint_splits(splits):
    assert {split: len(part) for split, part in splits.items()} == {"train": 4_000, "validation": 500, "test": 500}
    seen = set()
    for part in splits.values():
        assert part.images.shape[1:] == (28, 28) and part.images.dtype == torch.uint8
        assert part.labels.dtype == torch.int64 and (torch.bincount(part.labels) == len(part) // 10).all()
        distinct = {image.numpy().tobytes() for image in part.images}
        assert len(distinct) == len(part) and not seen & distinct
        seen |= distinct


def test_batch_converts_images_to_the_model_s_range(splits):
    part = splits["test"]
    x, y = part.batch(torch.tensor([5, 3]))
    assert x.shape == (2, 1, 28, 28) and x.dtype == torch.float32 and x.min() == -1 and x.max() == 1
    torch.testing.assert_close(x[0, 0], part.images[5] / 127.5 - 1)
    assert y.tolist() == [5, 3]


@pytest.mark.parametrize(("name", "split", "listed"), [
    ("nosuch", "train", "mnist"), ("synthetic", "dev", "validation"),
])
def test_unknown_names_are_refused_listing_the_known_ones(name, split, listed):
    with pytest.raises(data.DataError, match=f"unknown.*{listed}"):
        data.load(name, split)


@pytest.mark.parametrize(("name", "kind"), [("mnist", "MNIST"), ("fashion", "FashionMNIST")])
def test_torchvision_sets_are_split_in_three(name, kind, monkeypatch, tmp_path):
    """The last 10,000 of the 60,000 training images are the validation split."""
    calls = []

    def fake(root, train, download):
        calls.append((root, train, download))
        n = 60_000 if train else 10_000
        return types.SimpleNamespace(data=torch.arange(n).reshape(n, 1, 1), targets=torch.arange(n) % 10)

    monkeypatch.setattr(datasets, kind, fake)
    train, validation, test = (data.load(name, split, tmp_path).images.flatten().tolist() for split in data.SPLITS)
    assert (train, validation, test) == (list(range(50_000)), list(range(50_000, 60_000)), list(range(10_000)))
    assert calls == [(str(tmp_path), True, True)] * 2 + [(str(tmp_path), False, True)]


@pytest.mark.parametrize("error", [URLError("no route to host"), RuntimeError("Dataset not found"),
                                   PermissionError(13, "denied")], ids=["offline", "not-found", "denied"])
@pytest.mark.parametrize("name", ["mnist", "fashion"])
def test_a_missing_data_set_gives_a_remedy(name, error, monkeypatch, tmp_path):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(datasets, {"mnist": "MNIST", "fashion": "FashionMNIST"}[name], fail)
    with pytest.raises(data.DataError, match="--data DIR.*--dataset synthetic") as caught:
        data.load(name, "train", tmp_path)
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


def write_images(folder, count, size=(40, 30)):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.new("RGB", size, (10 * i, 0, 0)).save(folder / f"{i:02}.png")


def test_a_folder_with_subfolders_is_a_labeled_data_set(tmp_path):
    write_images(tmp_path / "cats", 20)
    write_images(tmp_path / "dogs", 12)
    (tmp_path / "dogs" / "notes.txt").write_text("no image")
    (tmp_path / "readme.md").write_text("no image")
    found = data.find("folder", tmp_path)
    assert found.classes == ("cats", "dogs") and found.config_fields == {
        "classes": 2, "channels": 1, "height": 28, "width": 28}
    splits = {split: data.load("folder", split, tmp_path) for split in data.SPLITS}
    assert {split: len(part) for split, part in splits.items()} == {"train": 25, "validation": 3, "test": 4}
    assert all(part.images.shape[1:] == (28, 28) and part.labels.unique().tolist() == [0, 1]
               for part in splits.values())
    assert found.notes[0] == f"read 32 images of 2 classes from {tmp_path.name}"
    assert "skipped 2 files" in found.notes[1] and "notes.txt" in found.notes[1]


def test_a_folder_without_subfolders_has_no_labels(tmp_path):
    write_images(tmp_path, 10)
    part = data.load("folder", "train", tmp_path)
    assert data.find("folder", tmp_path).classes == () and part.labels is None
    assert part.batch(torch.arange(2))[1] is None


@pytest.mark.parametrize(("count", "subfolder", "words"), [(3, "", "has 3 images"), (4, "few", "a class needs 10")])
def test_too_few_images_are_refused(count, subfolder, words, tmp_path):
    write_images(tmp_path / subfolder, count)
    with pytest.raises(data.DataError, match=words):
        data.find("folder", tmp_path)


def test_download_false_never_uses_the_network(monkeypatch, tmp_path):
    """With torchvision itself, on an empty folder."""
    monkeypatch.setattr("socket.create_connection", lambda *a, **k: pytest.fail("went to the network"))
    with pytest.raises(data.DataError, match="is not in"):
        data.load("mnist", "test", tmp_path, download=False)


# ---- Batches


@pytest.mark.parametrize(("n", "size"), [(40, 10), (43, 10), (7, 7), (5, 64), (12, 1)])
def test_each_epoch_visits_a_row_at_most_once(n, size):
    per_epoch = max(1, n // size)
    for epoch in range(3):
        rows = torch.cat([batch_indices(n, size, epoch * per_epoch + place, seed=1) for place in range(per_epoch)])
        assert len(rows) == per_epoch * min(size, n) > n - size
        assert len(rows.unique()) == len(rows) and rows.min() >= 0 and rows.max() < n


def test_the_order_depends_on_seed_and_epoch_alone():
    orders = {(seed, epoch): tuple(batch_indices(50, 50, epoch, seed).tolist())
              for seed in (0, 1) for epoch in (0, 1, 2)}
    assert len(set(orders.values())) == 6
    assert all(tuple(batch_indices(50, 50, epoch, seed).tolist()) == order for (seed, epoch), order in orders.items())
