"""A conditional generative model as a classifier, by its bound: Bayes' rule with p(x | y) from the encoder's samples.

    p(y | x)  is proportional to  p(x | y) p(y),  p(x) = sum over y of p(x | y) p(y)

It takes a bound for every label, so that it is slow; and it says of an image how likely it is at all, which no
discriminative model can.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from genmodels.capabilities import HasElbo
from genmodels.metrics.likelihood import log_likelihood

# Percentiles of log p(x) among real images: closer where an image is unlikely, which is what one asks for.
PERCENTILES = (0, 0.1, 0.5, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 100)


def joint_bound(model: HasElbo, images: Tensor, y: int, classes: int, importance_samples: int,
                seed: int = 0) -> np.ndarray:
    """A lower bound on log p(x, y), in nats, where all labels are equally probable; float64 [N].

    ``images``: float32 [N, C, H, W] in [0, 1], binary where the model's pixels are. Image i depends on (seed, i) alone.
    """
    labels = torch.full((len(images),), y)
    return log_likelihood(model, images, importance_samples, labels, seed) - math.log(classes)


def joint_bounds(model: HasElbo, images: Tensor, classes: int, importance_samples: int, seed: int = 0) -> np.ndarray:
    """``joint_bound`` for every label, float64 [N, classes]."""
    return np.stack([joint_bound(model, images, y, classes, importance_samples, seed) for y in range(classes)], 1)


def log_prob_quantiles(log_probs: np.ndarray) -> list[list[float]]:
    """[percentile, nats] for each of ``PERCENTILES``."""
    return [[p, round(float(v), 2)] for p, v in zip(PERCENTILES, np.percentile(log_probs, PERCENTILES), strict=True)]
