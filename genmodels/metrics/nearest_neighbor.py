"""Test error of a nearest-neighbor classifier on samples: DCGAN (Radford et al. 2016, appendix A)."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from genmodels.data import ImageSplit
from genmodels.metrics.memorization import flatten, nearest


def nn_test_error(samples: Tensor | np.ndarray, labels: Tensor, real: ImageSplit) -> float:
    """Share of real images whose nearest sample (Euclidean) was conditioned on another label.

    ``samples`` uint8 [N, H, W], ``labels`` int64 [N].
    """
    predicted = labels[nearest(flatten(real.images), flatten(samples))[1]]
    return (predicted != real.labels).double().mean().item()
