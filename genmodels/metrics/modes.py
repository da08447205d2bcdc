"""Modes of stacked digits: which of the 1,000 combinations a model draws, and how evenly.

Srivastava et al. 2017 (arXiv:1705.07761), section 5.2, and most papers on mode collapse since: 26,000 samples, each
channel read by a classifier of single digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from genmodels.capabilities import CanClassify
from genmodels.metrics import predictions


@dataclass(frozen=True)
class ModeCount:
    """``modes``: combinations that occur. ``kl``: KL divergence from equal shares, in nats; at most ln K^3."""

    modes: int
    kl: float


def read_channels(classifier: CanClassify, images: np.ndarray | Tensor, classes: int = 10) -> Tensor:
    """uint8 [N, H, W, 3] -> the number that the classes of the three channels make, red first, int64 [N].

    ValueError for other images.
    """
    if images.ndim != 4 or images.shape[3] != 3:
        raise ValueError(f"three channels [N, H, W, 3] are read, not {list(images.shape)}")
    channels = torch.as_tensor(images).movedim(3, 0).flatten(0, 1)  # [3 N, H, W]
    red, green, blue = predictions.predict(classifier, channels).view(3, -1)
    return (red * classes + green) * classes + blue


def count_modes(read: Tensor, classes: int = 10) -> ModeCount:
    """Of what ``read_channels`` gave, int64 [N]."""
    histogram = predictions.class_histogram(read, classes**3)
    return ModeCount(sum(share > 0 for share in histogram), predictions.class_kl(histogram))
