"""A conditional model as a classifier, against quadrature over its latent."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate
from torch.distributions import Bernoulli

from genmodels.capabilities import Elbo, GaussianPosterior
from genmodels.images import to_unit
from genmodels.metrics.bound_classifier import PERCENTILES, joint_bounds, log_prob_quantiles

SLOPES = (2.0, -1.0, 0.5)  # of the three labels


class SlopedLatent:
    """Each of four pixels is white with probability sigmoid(a_y z + y / 2)."""

    def encode(self, x: torch.Tensor, y: torch.Tensor) -> GaussianPosterior:
        mean = 0.2 * torch.tensor(SLOPES)[y][:, None]
        return GaussianPosterior(mean, torch.full_like(mean, 0.2))

    def elbo(self, x: torch.Tensor, z: torch.Tensor, posterior: GaussianPosterior, y: torch.Tensor) -> Elbo:
        pixels = Bernoulli(logits=torch.tensor(SLOPES)[y][:, None] * z + y[:, None] / 2)
        return Elbo(-pixels.log_prob(to_unit(x).flatten(1)).sum(1), torch.zeros(len(x)))

    def prob(self, white: int, y: int) -> float:
        def integrand(z: float) -> float:
            p = 1 / (1 + math.exp(-SLOPES[y] * z - y / 2))
            return p**white * (1 - p) ** (4 - white) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        return integrate.quad(integrand, -8, 8)[0]


def test_bayes_rule_on_the_bounds_is_that_of_brute_force():
    images = torch.zeros(3, 1, 2, 2)
    images[1, 0, 0], images[2] = 1, 1
    joint = joint_bounds(SlopedLatent(), images, 3, 8_000)
    exact = np.log([[SlopedLatent().prob(white, y) / 3 for y in range(3)] for white in (0, 2, 4)])
    assert joint == pytest.approx(exact, abs=0.03)
    assert (joint_bounds(SlopedLatent(), images[:1], 3, 50) == joint_bounds(SlopedLatent(), images, 3, 50)[:1]).all()


def test_quantiles_name_their_percentiles():
    found = log_prob_quantiles(np.arange(-1_000.0, 1.0))
    assert [p for p, _ in found] == list(PERCENTILES)
    assert dict(map(tuple, found))[50] == -500 and found[0] == [0, -1_000] and found[-1] == [100, 0]
