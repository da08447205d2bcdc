"""Frechet distance between two sets of features, a Gaussian fitted to each: Heusel et al. 2017, arXiv:1706.08500."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """|mean difference|^2 + trace(A + B - 2 (A B)^(1/2)) of float64 features [N, F] and [M, F]; 0 for equal sets."""
    mean_a, mean_b = a.mean(0), b.mean(0)
    cov_a, cov_b = a.T.cov(), b.T.cov()
    values, vectors = torch.linalg.eigh(cov_a)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    # The eigenvalues of A B are those of the symmetric A^(1/2) B A^(1/2), whose roots are real.
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp_min(0).sqrt().sum()
    return ((mean_a - mean_b).square().sum() + cov_a.trace() + cov_b.trace() - 2 * cross).item()


def bootstrap_interval(a: Tensor, b: Tensor, resamples: int, seed: int = 0) -> tuple[float, float]:
    """95 % basic bootstrap interval of ``frechet_distance(a, b)``, both sets resampled.

    A resample repeats rows, which biases the distance upwards; the basic interval reflects that bias about the point
    estimate (Davison & Hinkley 1997, section 5.2).
    """
    rng, point = np.random.default_rng(seed), frechet_distance(a, b)
    resampled = [frechet_distance(a[rng.integers(len(a), size=len(a))], b[rng.integers(len(b), size=len(b))])
                 for _ in range(resamples)]
    low, high = np.percentile(resampled, [2.5, 97.5])
    return max(0.0, 2 * point - float(high)), 2 * point - float(low)
