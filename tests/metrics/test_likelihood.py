"""Log-likelihood by importance sampling, against quadrature."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate
from torch.distributions import Bernoulli

from genmodels.capabilities import Elbo, GaussianPosterior
from genmodels.images import to_unit
from genmodels.metrics.likelihood import binarize, exact_log_likelihood, log_likelihood


def test_binarize_dynamic_and_static(digits):
    images = torch.from_numpy(digits)
    dynamic, static = (binarize(images, how, seed=3) for how in ("dynamic", "static"))
    assert torch.equal(static[:, 0], (images >= 128).float()) and set(dynamic.unique().tolist()) == {0, 1}
    mean = torch.stack([binarize(images, "dynamic", seed) for seed in range(400)]).mean(0)
    assert (mean[:, 0] - images / 255).abs().max() < 0.13
    assert torch.equal(dynamic, binarize(images, "dynamic", seed=3))
    with pytest.raises(ValueError, match="dynamic or static"):
        binarize(images, "none")


class OneLatent:
    """Each pixel is white with probability sigmoid(2 z). q is deliberately not the posterior; p(x) is by quadrature."""

    def encode(self, x: torch.Tensor, y: torch.Tensor | None = None) -> GaussianPosterior:
        mean = to_unit(x).flatten(1).mean(1, keepdim=True) - 0.3
        return GaussianPosterior(mean, torch.full_like(mean, 0.3))

    def elbo(self, x: torch.Tensor, z: torch.Tensor, posterior: GaussianPosterior,
             y: torch.Tensor | None = None) -> Elbo:
        pixels = Bernoulli(logits=2 * z)
        nll = -pixels.log_prob(to_unit(x).flatten(1)[:, :4]).sum(1)
        return Elbo(nll, torch.zeros(len(x)))

    def log_density(self, white: float) -> float:
        def integrand(z: float) -> float:
            p = 1 / (1 + math.exp(-2 * z))
            return p ** white * (1 - p) ** (4 - white) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        return math.log(integrate.quad(integrand, -8, 8)[0])


def test_log_likelihood_against_quadrature():
    binary = torch.zeros(3, 1, 28, 28)
    binary[1, 0, 0, :2], binary[2, 0, 0, :4] = 1, 1
    model = OneLatent()
    exact = [model.log_density(white) for white in (0, 2, 4)]
    assert log_likelihood(model, binary, 40_000) == pytest.approx(exact, abs=0.02)
    few = np.mean([log_likelihood(model, binary, 1, seed=seed) for seed in range(300)], 0)
    some = np.mean([log_likelihood(model, binary, 5, seed=seed) for seed in range(300)], 0)
    assert (few < some).all() and (some < np.array(exact)).all()  # the bound rises with the number of samples
    assert log_likelihood(model, binary, 700)[1] == log_likelihood(model, binary[[0, 1]], 700)[1]


class KnownPixels:
    """White with probability y / 10, every pixel alike."""

    def log_prob(self, x: torch.Tensor, y: torch.Tensor | None = None) -> torch.Tensor:
        return Bernoulli(probs=y[:, None] / 10).log_prob(to_unit(x).flatten(1)).sum(1)


def test_exact_log_likelihood_is_the_models_own():
    binary = binarize(torch.full((230, 28, 28), 64, dtype=torch.uint8), "dynamic")
    labels = torch.arange(230) % 9 + 1
    white, p = binary.flatten(1).sum(1).double(), labels / 10
    expected = white * p.log() + (784 - white) * (1 - p).log()
    assert exact_log_likelihood(KnownPixels(), binary, labels) == pytest.approx(expected.numpy(), rel=1e-5)
