"""The error of the nearest neighbour, with samples for its memory: the test of DCGAN (Radford et al. 2016, app. A)."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from genmodels.data import Pictures
from genmodels.metrics.copies import flat, nearest


def error(samples: Tensor | np.ndarray, labels: Tensor, real: Pictures) -> float:
    """Share of real digits whose nearest sample (uint8 [N, 28, 28], Euclidean) was asked to show another digit."""
    found = labels[nearest(flat(real.images), flat(samples))[1]]
    return (found != real.labels).double().mean().item()
