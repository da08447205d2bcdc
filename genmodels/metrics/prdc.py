"""Fidelity and diversity as separate metrics, from balls around images that reach to the k-th nearest neighbor.

Precision and recall: Kynkaanniemi et al. 2019, arXiv:1904.06991. Density and coverage: Naeem et al. 2020,
arXiv:2002.09797; their balls are around real images only, so that one outlier among the samples cannot cover half of
the space.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

NEIGHBORS = 5


@dataclass(frozen=True)
class PRDC:
    """All between 0 and 1, except density, which may exceed 1."""

    precision: float  # share of samples inside a ball of a real image
    recall: float  # share of real images inside a ball of a sample
    density: float  # number of balls of real images that a sample lies in, over k
    coverage: float  # share of the balls of real images that hold a sample


def prdc(real: Tensor, fake: Tensor, k: int = NEIGHBORS) -> PRDC:
    """Features [N, F] of real images and [M, F] of samples; each set has more than ``k`` rows."""
    distances = torch.cdist(real, fake)  # [N, M]
    real_radius, fake_radius = _kth_neighbor_distance(real, k), _kth_neighbor_distance(fake, k)
    inside = distances < real_radius[:, None]
    return PRDC(
        precision=inside.any(0).double().mean().item(),
        recall=(distances < fake_radius[None]).any(1).double().mean().item(),
        density=inside.double().sum(0).mean().item() / k,
        coverage=inside.any(1).double().mean().item(),
    )


def _kth_neighbor_distance(points: Tensor, k: int) -> Tensor:
    """[N, F] -> distance to the k-th nearest neighbor, not counting the point itself, [N]."""
    return torch.cdist(points, points).kthvalue(k + 1, dim=1).values
