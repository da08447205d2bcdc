"""Real images to compare with: the training image nearest to a sample, and test images as examples.

They are read from disk and never downloaded. MNIST is read here and not by torchvision, whose import would make a
visitor wait for more than a second.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from genmodels import data, registry
from genmodels.data import ImageSplit
from genmodels.lazy_import import torch

PROJECT = Path(__file__).resolve().parents[2]
TRAINING_IMAGES = 50_000  # MNIST's first, which the shipped models were trained on
TEST_IMAGES = 1000  # MNIST's first, enough to find every class among them
BLOCKS = 10  # distances are computed block by block: all training images as floats would take 150 MB


def data_places() -> list[Path]:
    """Where the data sets may lie: where ``GENMODELS_DATA`` says, else in ``data`` in the project or here."""
    named = os.environ.get("GENMODELS_DATA")
    return [Path(named)] if named else list(dict.fromkeys([PROJECT / "data", Path("data").absolute()]))


class ReferenceImages:
    """The images in a data folder; by default the first of ``data_places`` that exists."""

    def __init__(self, data_root: Path | None = None) -> None:
        places = data_places()
        self.data_root = data_root or next((place for place in places if place.is_dir()), places[-1])
        self._training: dict[str, np.ndarray | None] = {}

    def training_images(self, dataset: str) -> np.ndarray | None:
        """The training images of a data set, uint8 [N, H, W]; None where they are not on disk."""
        if dataset not in self._training:
            if dataset == "mnist":
                self._training[dataset] = self._read_idx("train-images-idx3-ubyte", TRAINING_IMAGES)
            else:
                split = self._load(dataset, "train")
                self._training[dataset] = None if split is None else split.images.numpy()
        return self._training[dataset]

    def test_examples(self, dataset: str, count: int) -> np.ndarray | None:
        """At most ``count`` test images, uint8 [n, H, W]; None where they are not on disk.

        The first of each class, or, where there are no labels, images from all parts of the split.
        """
        if dataset == "mnist":
            images = self._read_idx("t10k-images-idx3-ubyte", TEST_IMAGES)
            labels = self._read_idx("t10k-labels-idx1-ubyte", TEST_IMAGES)
            if images is None or labels is None:
                return None
        else:
            split = self._load(dataset, "test")
            if split is None:
                return None
            images, labels = split.images.numpy(), None if split.labels is None else split.labels.numpy()
        if labels is None:
            rows = np.linspace(0, len(images) - 1, min(count, len(images))).astype(int)
        else:
            rows = np.unique(labels, return_index=True)[1][:count]
        return images[rows]

    def nearest_training_image(self, image: np.ndarray, dataset: str) -> np.ndarray | None:
        """The training image nearest to ``image``, uint8 [H, W], by Euclidean distance.

        None where the data is not on disk or its images are of another size.
        """
        known = self.training_images(dataset)
        if known is None or known.shape[1:] != image.shape:
            return None
        query = torch.from_numpy(image).flatten().float()
        with torch.inference_mode():
            distances = torch.cat([
                (torch.from_numpy(block).flatten(1).float() - query).square().sum(1)
                for block in np.array_split(known, BLOCKS)
            ])
        return known[int(distances.argmin())]

    def _load(self, dataset: str, split: str) -> ImageSplit | None:
        """A split of a data set other than MNIST; None where it is not on disk."""
        known = registry.resolve(registry.DATASETS[dataset]) if dataset in registry.DATASETS else None
        if not isinstance(known, data.Dataset) or not known.in_data_folder:  # the user's own images lie elsewhere
            return None
        try:
            return known.load(split, self.data_root, download=False)
        except data.DataError:
            return None

    def _read_idx(self, name: str, count: int) -> np.ndarray | None:
        """The first ``count`` rows of one of MNIST's files; None where it is missing or too short."""
        header, shape = (8, (count,)) if "labels" in name else (16, (count, 28, 28))
        try:
            rows = np.fromfile(self.data_root / "MNIST" / "raw" / name, np.uint8, int(np.prod(shape)), offset=header)
            return rows.reshape(shape)
        except (OSError, ValueError):
            return None
