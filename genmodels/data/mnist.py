"""MNIST and Fashion-MNIST, read by torchvision, which downloads them unless they are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from genmodels.data.splits import DataError, Dataset, ImageSplit
from genmodels.lazy_import import torch

VALIDATION_SIZE = 10_000  # the last so many of the 60,000 training images


def _reader(name: str) -> Callable[[Path, str, bool], ImageSplit]:
    def read(root: Path, split: str, download: bool) -> ImageSplit:
        from torchvision import datasets  # here: importing it takes over a second, which the app must not pay

        torchvision_set = getattr(datasets, name)
        try:
            found = torchvision_set(str(root), train=split != "test", download=download)
        except (OSError, RuntimeError, ValueError) as error:  # no file, no network, a damaged file
            raise DataError(
                f"{name} is not in {root}" + (f" and could not be downloaded ({error})" if download else "")
                + f"; give --data DIR with {name}/raw in it, or use --dataset synthetic, which needs no download"
            ) from error
        images, labels = found.data, found.targets.to(torch.int64)
        if split == "train":
            images, labels = images[:-VALIDATION_SIZE], labels[:-VALIDATION_SIZE]
        elif split == "validation":
            images, labels = images[-VALIDATION_SIZE:], labels[-VALIDATION_SIZE:]
        return ImageSplit(images, labels)

    return read


MNIST = Dataset("MNIST", "CC BY-SA 3.0", "http://yann.lecun.com/exdb/mnist/ (LeCun, Cortes, Burges)",
                _reader("MNIST"), classes=tuple("0123456789"))
FASHION = Dataset(
    "Fashion-MNIST", "MIT", "https://github.com/zalandoresearch/fashion-mnist (Xiao, Rasul, Vollgraf 2017)",
    _reader("FashionMNIST"),
    classes=("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
)
