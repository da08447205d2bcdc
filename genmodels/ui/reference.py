"""Real images to compare with: the training image nearest to a sample, and test images as examples.

They are read from disk and never downloaded. MNIST is read here and not by torchvision, whose import would make a
visitor wait for more than a second.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from genmodels import data
from genmodels.lazy_import import torch

TRAINING_IMAGES = 50_000  # MNIST's first, which the shipped models were trained on
TEST_IMAGES = 1000  # enough to find every class among them
EXAMPLES = 10
BLOCKS = 10  # distances are computed block by block: all training images as floats would take 150 MB


class ReferenceImages:
    """The images in a data folder; by default the one that ``GENMODELS_DATA`` names, else ``data``."""

    def __init__(self, data_root: Path | None = None) -> None:
        self.data_root = data_root or Path(os.environ.get("GENMODELS_DATA", "data"))
        self._training: dict[str, np.ndarray | None] = {}

    def training_images(self, dataset: str) -> np.ndarray | None:
        """The training images of a data set, uint8 [N, H, W]; None where they are not on disk."""
        if dataset not in self._training:
            self._training[dataset] = (self._read_idx("train-images-idx3-ubyte", TRAINING_IMAGES)
                                       if dataset == "mnist" else self._load(dataset, "train"))
        return self._training[dataset]

    def test_examples(self, dataset: str) -> np.ndarray | None:
        """Test images, one per class where there are classes, uint8 [10, H, W]; None where they are not on disk."""
        if dataset != "mnist":
            images = self._load(dataset, "test")
            return None if images is None else images[np.linspace(0, len(images) - 1, EXAMPLES).astype(int)]
        images = self._read_idx("t10k-images-idx3-ubyte", TEST_IMAGES)
        labels = self._read_idx("t10k-labels-idx1-ubyte", TEST_IMAGES)
        if images is None or labels is None:
            return None
        return images[[int(np.flatnonzero(labels == y)[0]) for y in range(10)]]

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

    def _load(self, dataset: str, split: str) -> np.ndarray | None:
        """A split of a data set other than MNIST; None where it is not on disk."""
        try:
            found = data.find(dataset, self.data_root)
            return found.load(split, self.data_root, download=False).images.numpy() if found.in_data_folder else None
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
