"""Parzen-window log-likelihood, the measure of the first GAN paper: Goodfellow et al. 2014, section 5.

Kept as a replay, not as a ranking: it rewards blur, and ranks models against their likelihood (Theis et al. 2016,
arXiv:1511.01844). Real training digits, blurred, beat the same digits sharp.
"""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

SAME = 1e-3  # squared distance below which, but for rounding, two pictures are one
WIDTHS = np.logspace(-1, 0, 10)  # from which the validation digits choose


def log_likelihood(points: Tensor, centres: Tensor, width: float, rows: int = 500) -> float:
    """Mean log density in nats of ``points`` [N, d] under Gaussians of deviation ``width`` at ``centres`` [M, d].

    A point is no centre of its own: where one of them is the very same, it is left out.
    """
    lengths, total = centres.square().sum(1), 0.0
    for part in points.split(rows):
        squared = part.square().sum(1, keepdim=True) + lengths - 2 * part @ centres.T
        squared[squared < SAME] = math.inf
        total += (-squared.double() / (2 * width**2)).logsumexp(1).sum().item()
    constant = math.log(len(centres)) + points.shape[1] * math.log(width * math.sqrt(2 * math.pi))
    return total / len(points) - constant


def score(test: Tensor, validation: Tensor, centres: Tensor) -> tuple[float, float]:
    """Mean log density of ``test``, and the width that ``validation`` chose; all [*, 784] in [0, 1]."""
    width = max(WIDTHS.tolist(), key=lambda width: log_likelihood(validation, centres, width))
    return log_likelihood(test, centres, width), width
