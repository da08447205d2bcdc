"""The data sets: what they are, where they come from, and their three splits.

MNIST and Fashion-MNIST come through torchvision, which downloads them unless they are there. ``strokes`` are digits
that ``genmodels.strokes`` draws itself: no download, for tests and offline trials.

Every set has the same splits: ``train`` to learn from, ``validation`` to choose on, ``test`` for the figures alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genmodels.images import from_unit

SPLITS = ("train", "validation", "test")
VALIDATION = 10_000  # the last so many of the 60,000 training pictures


class DataError(Exception):
    """The data is not to be had; the message says what to do."""


@dataclass(frozen=True)
class Pictures:
    """A split in memory: ``images`` uint8 [N, 28, 28], ``labels`` int64 [N]."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def batch(self, rows: Tensor, device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
        """Rows as a model wants them: x float32 [n, 1, 28, 28] in [-1, 1], y int64 [n]."""
        x = self.images[rows].to(device).unsqueeze(1).float() / 255
        return from_unit(x), self.labels[rows].to(device)


@dataclass(frozen=True)
class Dataset:
    """Facts that travel with every model trained on the set."""

    title: str
    classes: tuple[str, ...]
    licence: str
    source: str
    load: Callable[[Path | None, str, bool], Pictures]


def _torchvision(name: str) -> Callable[[Path | None, str, bool], Pictures]:
    def load(root: Path | None, split: str, download: bool) -> Pictures:
        from torchvision import datasets  # here: importing it takes over a second, which the app must not pay

        kind = getattr(datasets, name)
        try:
            found = kind(str(root), train=split != "test", download=download)
        except (OSError, RuntimeError, ValueError) as error:  # no file, no network, a damaged file
            raise DataError(
                f"{name} is not in {root}" + (f" and could not be downloaded ({error})" if download else "")
                + f"; give --data DIR with {name}/raw in it, or use --dataset strokes, which needs no download"
            ) from error
        images, labels = found.data, found.targets.to(torch.int64)
        if split == "train":
            images, labels = images[:-VALIDATION], labels[:-VALIDATION]
        elif split == "validation":
            images, labels = images[-VALIDATION:], labels[-VALIDATION:]
        return Pictures(images, labels)

    return load


def _strokes(root: Path | None, split: str, download: bool) -> Pictures:
    from genmodels import strokes

    start, count = {"train": (0, 4_000), "validation": (4_000, 500), "test": (4_500, 500)}[split]
    labels = np.arange(start, start + count) % 10
    images = np.stack([strokes.draw_digit(int(y), seed) for seed, y in enumerate(labels, start)])
    return Pictures(torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64)))


DIGITS = tuple("0123456789")

DATASETS: dict[str, Dataset] = {
    "mnist": Dataset("MNIST", DIGITS, "CC BY-SA 3.0", "http://yann.lecun.com/exdb/mnist/ (LeCun, Cortes, Burges)",
                     _torchvision("MNIST")),
    "fashion": Dataset(
        "Fashion-MNIST",
        ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
        "MIT", "https://github.com/zalandoresearch/fashion-mnist (Xiao, Rasul, Vollgraf 2017)",
        _torchvision("FashionMNIST"),
    ),
    "strokes": Dataset("Strokes", DIGITS, "same as this project", "drawn by genmodels/strokes.py", _strokes),
}


def load(name: str, split: str, root: str | Path | None = "data", download: bool = True) -> Pictures:
    """A split of a data set, downloaded where it is missing and ``download`` allows it.

    DataError, with what to do, where it is not to be had.
    """
    if name not in DATASETS:
        raise DataError(f"unknown data set {name!r}; there are: {', '.join(DATASETS)}")
    if split not in SPLITS:
        raise DataError(f"unknown split {split!r}; there are: {', '.join(SPLITS)}")
    return DATASETS[name].load(None if root is None else Path(root), split, download)


def batch_rows(n: int, batch_size: int, step: int, seed: int) -> Tensor:
    """The rows of training step ``step``: epochs of ``n`` rows, each shuffled by (seed, epoch), cut in order.

    A function of its arguments alone, so that a run can go on at any step as if it had never stopped. The rows left
    over at the end of an epoch wait for another one.
    """
    size = min(batch_size, n)
    per_epoch = n // size
    epoch, place = divmod(step, per_epoch)
    order = _epoch_order(n, seed, epoch)
    return order[place * size : (place + 1) * size]


_last_order: tuple[tuple[int, int, int], Tensor] | None = None


def _epoch_order(n: int, seed: int, epoch: int) -> Tensor:
    global _last_order  # one epoch's order is asked for thousands of times in a row
    key = (n, seed, epoch)
    if _last_order is None or _last_order[0] != key:
        rng = np.random.Generator(np.random.Philox(key=np.array([seed, epoch], dtype=np.uint64)))
        _last_order = key, torch.from_numpy(rng.permutation(n))
    return _last_order[1]
