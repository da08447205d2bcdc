"""The data sets: what they are, where they come from, and their three splits.

Every set has the same splits: ``train`` to learn from, ``validation`` to choose on, ``test`` only to measure on.
"""

from __future__ import annotations

from pathlib import Path

from genmodels import registry
from genmodels.data.files import check_root
from genmodels.data.splits import SPLITS, DataError, Dataset, ImageSplit, batch_indices

__all__ = ["SPLITS", "DataError", "Dataset", "ImageSplit", "batch_indices", "check_root", "find", "load"]


def find(name: str, root: str | Path = "data") -> Dataset:
    """The facts of a data set, without reading its images; DataError names those that there are.

    ``root``: the folder with the data sets, or the images themselves for a set made of the user's own.
    """
    if name not in registry.DATASETS:
        raise DataError(f"unknown data set {name!r}; there are: {', '.join(registry.DATASETS)}")
    found = registry.resolve(registry.DATASETS[name])
    return found if isinstance(found, Dataset) else found(Path(root))


def load(name: str, split: str, root: str | Path = "data", download: bool = True) -> ImageSplit:
    """A split of a data set, downloaded where it is missing and ``download`` allows it.

    DataError, with what to do, where it is not to be had.
    """
    return find(name, root).load(split, Path(root), download)
