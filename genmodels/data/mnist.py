"""MNIST and Fashion-MNIST: IDX files, where torchvision stores them, downloaded unless they are there."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from genmodels.data import files
from genmodels.data.splits import DataError, Dataset, ImageSplit
from genmodels.lazy_import import torch

VALIDATION_SIZE = 10_000  # the last so many of the 60,000 training images
ROWS = {"train": 60_000, "t10k": 10_000}  # of the two parts that were published
CLASSES = 10
GZIP = b"\x1f\x8b"  # how a compressed file begins


def read_split(name: str, root: Path, split: str, download: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [N, 28, 28] and labels uint8 [N] of a split of ``name``, "MNIST" or "FashionMNIST".

    DataError where a file is missing and cannot be downloaded, or is damaged.
    """
    part, folder = "t10k" if split == "test" else "train", root / name / "raw"
    paths = folder / f"{part}-images-idx3-ubyte", folder / f"{part}-labels-idx1-ubyte"
    for path in paths:
        if not files.is_there(path):
            _fetch(name, root, path, download)
    images, labels = (_read_idx(path, ROWS[part], shape) for path, shape in zip(paths, ((28, 28), ()), strict=True))
    if labels.max() >= CLASSES:
        raise files.damaged(paths[1], f"it has the label {labels.max()}, and the last one is {CLASSES - 1}")
    rows = {"train": slice(None, -VALIDATION_SIZE), "validation": slice(-VALIDATION_SIZE, None), "test": slice(None)}
    return images[rows[split]], labels[rows[split]]


def _read_idx(path: Path, rows: int, shape: tuple[int, ...]) -> np.ndarray:
    """The content of an IDX file of bytes, uint8 [rows, *shape]; DataError unless it has just this shape.

    The header is the number 2048 + the number of dimensions, then each dimension, big-endian in four bytes.
    """
    data = files.read(path)
    if data.startswith(GZIP):
        raise files.damaged(path, "it is still compressed, without .gz in its name")
    dimensions = 1 + len(shape)
    start = 4 * (1 + dimensions)
    if len(data) < start:
        raise files.damaged(path, f"it is cut short, to {len(data)} bytes")
    magic, *found = np.frombuffer(data, ">u4", 1 + dimensions).tolist()
    if magic != 0x0800 + dimensions:
        raise files.damaged(path, "it is no IDX file of " + ("images" if shape else "labels"))
    if tuple(found) != (rows, *shape):
        raise files.damaged(path, f"it holds {_times(found)} values, not {_times((rows, *shape))}: another split's, or "
                            "of another data set")
    expected = start + int(np.prod(found))
    if len(data) != expected:
        raise files.damaged(path, f"it is {'cut short' if len(data) < expected else 'too long'}: {len(data):,} bytes "
                            f"instead of {expected:,}")
    return np.frombuffer(data, np.uint8, offset=start).reshape(found)


def _fetch(name: str, root: Path, path: Path, download: bool) -> None:
    """Download and unpack one file."""
    remedy = f"give --data DIR with {name}/raw in it, or use --dataset synthetic, which needs no download"
    if not download:
        raise DataError(f"{name} is not in {root}; {remedy}")
    files.check_root(root)
    from torchvision import datasets  # here: importing it takes over a second, which the app must not pay

    published = getattr(datasets, name)
    packed = path.with_name(f"{path.name}.gz")
    files.fetch(packed, [mirror + packed.name for mirror in published.mirrors], dict(published.resources)[packed.name],
                remedy)
    # Beside, and then renamed: whoever stops this must not leave half a file, which would pass for one next time.
    unpacked = path.with_name(f"{path.name}.tmp")
    try:
        unpacked.write_bytes(gzip.decompress(packed.read_bytes()))
        os.replace(unpacked, path)
    except OSError as error:
        raise DataError(f"{packed} cannot be unpacked ({error.strerror or error})") from None
    finally:
        unpacked.unlink(missing_ok=True)


def _times(shape: object) -> str:
    return " x ".join(f"{size:,}" for size in shape)


def _reader(name: str) -> Callable[[Path, str, bool], ImageSplit]:
    def read(root: Path, split: str, download: bool) -> ImageSplit:
        images, labels = map(torch.from_numpy, read_split(name, root, split, download))
        return ImageSplit(images, labels.to(torch.int64))

    return read


MNIST = Dataset("MNIST", "CC BY-SA 3.0", "http://yann.lecun.com/exdb/mnist/ (LeCun, Cortes, Burges)",
                _reader("MNIST"), classes=tuple("0123456789"))
FASHION = Dataset(
    "Fashion-MNIST", "MIT", "https://github.com/zalandoresearch/fashion-mnist (Xiao, Rasul, Vollgraf 2017)",
    _reader("FashionMNIST"),
    classes=("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
)
