"""Parzen-window log-likelihood, the metric of the first GAN paper: Goodfellow et al. 2014, section 5.

Kept for comparison with that paper, not for ranking: it rewards blur and disagrees with the likelihood (Theis et al.
2016, arXiv:1511.01844). Blurred training images beat the same images sharp.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from torch import Tensor

SAME = 1e-3  # squared distance below which two images are equal up to rounding
BANDWIDTHS = np.logspace(-1, 0, 10)  # the candidates


def mean_log_density(points: Tensor, centers: Tensor, bandwidths: Sequence[float], rows: int = 500) -> list[float]:
    """Mean log density in nats of ``points`` [N, d] under Gaussians at ``centers`` [M, d], for each bandwidth.

    A center that equals the point is left out: otherwise images that are also samples would favor the narrowest.
    """
    norms, totals = centers.square().sum(1), [0.0 for _ in bandwidths]
    for part in points.split(rows):
        squared = part.square().sum(1, keepdim=True) + norms - 2 * part @ centers.T
        squared[squared < SAME] = math.inf
        for i, bandwidth in enumerate(bandwidths):
            totals[i] += (-squared / (2 * bandwidth**2)).logsumexp(1).double().sum().item()
    return [total / len(points) - math.log(len(centers)) - points.shape[1] * math.log(sigma * math.sqrt(2 * math.pi))
            for total, sigma in zip(totals, bandwidths, strict=True)]


def parzen(test: Tensor, validation: Tensor, centers: Tensor) -> tuple[float, float]:
    """Mean log density of ``test``, and the bandwidth, chosen on ``validation``; all [*, 784] in [0, 1]."""
    bandwidth = BANDWIDTHS[np.argmax(mean_log_density(validation, centers, BANDWIDTHS.tolist()))].item()
    return mean_log_density(test, centers, [bandwidth])[0], bandwidth
