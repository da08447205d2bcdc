"""Parzen-window log-likelihood, the measure of the first GAN paper: Goodfellow et al. 2014, section 5.

Kept as a replay, not as a ranking: it rewards blur, and ranks models against their likelihood (Theis et al. 2016,
arXiv:1511.01844). Real training digits, blurred, beat the same digits sharp.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from torch import Tensor

SAME = 1e-3  # squared distance below which, but for rounding, two pictures are one
WIDTHS = np.logspace(-1, 0, 10)  # from which the validation digits choose


def log_likelihoods(points: Tensor, centres: Tensor, widths: Sequence[float], rows: int = 500) -> list[float]:
    """Mean log density in nats of ``points`` [N, d] under Gaussians at ``centres`` [M, d], for each deviation.

    A point is no centre of its own: where one of them is the very same, it is left out.
    """
    lengths, totals = centres.square().sum(1), [0.0 for _ in widths]
    for part in points.split(rows):
        squared = part.square().sum(1, keepdim=True) + lengths - 2 * part @ centres.T
        squared[squared < SAME] = math.inf
        for i, width in enumerate(widths):
            totals[i] += (-squared / (2 * width**2)).logsumexp(1).double().sum().item()
    return [total / len(points) - math.log(len(centres)) - points.shape[1] * math.log(width * math.sqrt(2 * math.pi))
            for total, width in zip(totals, widths, strict=True)]


def score(test: Tensor, validation: Tensor, centres: Tensor) -> tuple[float, float]:
    """Mean log density of ``test``, and the width that ``validation`` chose; all [*, 784] in [0, 1]."""
    width = WIDTHS[np.argmax(log_likelihoods(validation, centres, WIDTHS.tolist()))].item()
    return log_likelihoods(test, centres, [width])[0], width
