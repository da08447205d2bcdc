"""A mixture of diagonal Gaussians, fitted by expectation maximization (Dempster et al. 1977)."""

from __future__ import annotations

import torch
from torch import Tensor

from genmodels.nn.losses import gaussian_log_prob

ITERATIONS = 60
MIN_STD = 0.02  # of data of unit variance; a component on one point would have a density without bound


@torch.no_grad()
def fit_gaussian_mixture(x: Tensor, components: int, seed: int = 0) -> Tensor:
    """Data [N, d] -> [components, 1 + 2 d]: for each component its weight, its means and its deviations.

    Components without data of their own end with next to no weight.
    """
    generator = torch.Generator().manual_seed(seed)
    means = x[spread_rows(x, components, generator)]
    logvar = x.var(0).log().expand_as(means)
    weights = torch.full((components,), 1 / components)
    for _ in range(ITERATIONS):
        log_joint = weights.log() + torch.stack(
            [gaussian_log_prob(x, m, v).sum(1) for m, v in zip(means, logvar, strict=True)], 1)  # [N, components]
        share = log_joint.softmax(1)
        total = share.sum(0).clamp_min(1e-6)
        means = share.T @ x / total[:, None]
        variance = share.T @ x.square() / total[:, None] - means.square()
        logvar, weights = variance.clamp_min(MIN_STD**2).log(), total / total.sum()
    return torch.cat([weights[:, None], means, (logvar / 2).exp()], 1)


def spread_rows(x: Tensor, count: int, generator: torch.Generator | None = None) -> list[int]:
    """Rows far from each other, to start from: k-means++ (Arthur & Vassilvitskii 2007)."""
    rows = [int(torch.randint(len(x), (1,), generator=generator))]
    distance = (x - x[rows[0]]).square().sum(1)
    for _ in range(count - 1):
        chance = distance if distance.any() else torch.ones_like(distance)  # fewer rows than components
        rows.append(int(torch.multinomial(chance, 1, generator=generator)))
        distance = torch.minimum(distance, (x - x[rows[-1]]).square().sum(1))
    return rows
