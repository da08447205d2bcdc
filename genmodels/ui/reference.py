"""Real images to compare with: the training image nearest to a sample, and test images as examples.

They are read from disk and never downloaded; damaged files are as good as none. MNIST is read as arrays, without torch,
whose import would make a visitor wait for more than a second.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from genmodels import data, registry
from genmodels.data import ImageSplit, frey, mnist
from genmodels.lazy_import import torch

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = ("MNIST", "FashionMNIST", frey.FOLDER)  # of the data sets, where they are stored
BLOCKS = 10  # distances are computed block by block: all training images as floats would take 150 MB


def data_places() -> list[Path]:
    """Where the data sets may lie: where ``GENMODELS_DATA`` says, else in ``data`` in the project or here."""
    named = os.environ.get("GENMODELS_DATA")
    return [Path(named)] if named else list(dict.fromkeys([PROJECT / "data", Path("data").absolute()]))


class ReferenceImages:
    """The images in a data folder; by default each data set is read from the first of ``data_places`` that has it."""

    def __init__(self, data_root: Path | None = None) -> None:
        self.places = [data_root] if data_root else data_places()
        self._training: dict[str, np.ndarray | None] = {}

    def training_images(self, dataset: str) -> np.ndarray | None:
        """The training images of a data set, uint8 [N, H, W]; None where they are not on disk."""
        if dataset not in self._training:
            found = self._arrays(dataset, "train")
            self._training[dataset] = None if found is None else found[0]
        return self._training[dataset]

    def test_examples(self, dataset: str, count: int) -> np.ndarray | None:
        """At most ``count`` test images, uint8 [n, H, W]; None where they are not on disk.

        The first of each class, or, where there are no labels, images from all parts of the split.
        """
        found = self._arrays(dataset, "test")
        if found is None:
            return None
        images, labels = found
        if labels is None:
            rows = np.linspace(0, len(images) - 1, min(count, len(images))).astype(int)
        else:
            rows = np.unique(labels, return_index=True)[1][:count]
        return images[rows]

    def test_images_of_each(self, dataset: str, each: int) -> tuple[np.ndarray, np.ndarray] | None:
        """The first ``each`` test images of every class, class by class, uint8 [n, H, W], and their labels [n].

        None where they are not on disk, or have no labels.
        """
        found = self._arrays(dataset, "test")
        if found is None or found[1] is None:
            return None
        images, labels = found
        rows = np.concatenate([np.flatnonzero(labels == label)[:each] for label in np.unique(labels)])
        return images[rows], labels[rows]

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

    def _arrays(self, dataset: str, split: str) -> tuple[np.ndarray, np.ndarray | None] | None:
        """Images uint8 [N, H, W] and labels [N], if it has any, of a split; None where it cannot be read."""
        for place in self.places:
            try:
                if dataset == "mnist":
                    return mnist.read_split("MNIST", place, split)
                if found := self._load(dataset, split, place):
                    return found.images.numpy(), None if found.labels is None else found.labels.numpy()
            except data.DataError:
                pass
        return None

    def _load(self, dataset: str, split: str, place: Path) -> ImageSplit | None:
        """A split of a data set; None where it lies in no data folder."""
        known = registry.resolve(registry.DATASETS[dataset]) if dataset in registry.DATASETS else None
        if not isinstance(known, data.Dataset) or not known.in_data_folder:  # the user's own images lie elsewhere
            return None
        return known.load(split, place, download=False)
