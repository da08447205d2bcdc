"""Fidelity and variety told apart, by the balls that reach from each picture to its k-th neighbour.

Precision and recall: Kynkaanniemi et al. 2019, arXiv:1904.06991. Density and coverage: Naeem et al. 2020,
arXiv:2002.09797, whose balls stand on real pictures alone, so that one odd sample cannot claim half of the space.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

NEIGHBOURS = 5


@dataclass(frozen=True)
class Manifold:
    """All between 0 and 1, but density, which may pass 1."""

    precision: float  # share of samples inside a ball of the real pictures
    recall: float  # share of real pictures inside a ball of the samples
    density: float  # balls of real pictures that a sample lies in, over k
    coverage: float  # share of real pictures' balls with a sample in them


def compare(real: Tensor, fake: Tensor, k: int = NEIGHBOURS) -> Manifold:
    """Features [N, F] of real pictures and [M, F] of samples; each set has more than ``k`` rows."""
    across = torch.cdist(real, fake)  # [N, M]
    real_radius, fake_radius = _radius(real, k), _radius(fake, k)
    inside = across < real_radius[:, None]
    return Manifold(
        precision=inside.any(0).double().mean().item(),
        recall=(across < fake_radius[None]).any(1).double().mean().item(),
        density=inside.double().sum(0).mean().item() / k,
        coverage=inside.any(1).double().mean().item(),
    )


def _radius(points: Tensor, k: int) -> Tensor:
    """Distance to the k-th neighbour, not counting the point itself: [N]."""
    return torch.cdist(points, points).kthvalue(k + 1, dim=1).values
