"""Stacked MNIST: three digits as the red, green and blue of one image, 1,000 equally frequent combinations.

The data set on which the forgetting of modes is counted (Srivastava et al. 2017, arXiv:1705.07761, VEEGAN): a digit
more or less is hard to see among ten, and a combination that is missing among a thousand is not, once a classifier has
read the three channels.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from genmodels.data.mnist import MNIST
from genmodels.data.splits import Dataset, ImageSplit
from genmodels.lazy_import import torch

SIZES = {"train": 128_000, "validation": 26_000, "test": 26_000}  # Lin et al. 2018 (arXiv:1712.04086), PacGAN
SEEDS = {split: number for number, split in enumerate(SIZES)}


def stack(digits: ImageSplit, n: int, seed: int) -> ImageSplit:
    """``n`` images uint8 [n, H, W, 3] whose channels are digits drawn at random, the same for the same seed.

    ``labels`` are the numbers that the three digits make, red first: 0 to 999.
    """
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, 0x57AC], dtype=np.uint64)))
    rows = torch.from_numpy(rng.integers(len(digits), size=(n, 3)))
    images = torch.stack([digits.images[rows[:, channel]] for channel in range(3)], -1)
    return ImageSplit(images, digits.labels[rows] @ torch.tensor([100, 10, 1]))


def _read(root: Path, split: str, download: bool) -> ImageSplit:
    stacked = stack(MNIST.load(split, root, download), SIZES[split], SEEDS[split])
    return ImageSplit(stacked.images)  # of the labels nothing is learned


STACKED = Dataset("Stacked MNIST", MNIST.license, MNIST.source, _read, channels=3, stack_of="mnist")
