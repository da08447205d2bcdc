"""The gaps of a VAE of two latents, against a linear model, whose posterior is known, and against sampling."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from conftest import build, synthetic_split, tiny_config
from torch.distributions import MultivariateNormal

from genmodels.capabilities import Elbo, GaussianPosterior
from genmodels.evaluation import model_measures
from genmodels.evaluation.context import EvalContext, EvalSubject
from genmodels.evaluation.protocol import EvalProtocol
from genmodels.images import to_unit
from genmodels.metrics import posterior_gap

NOISE = 0.05  # standard deviation of a pixel


class LinearModel:
    """Pixels are W z + b under noise: probabilistic PCA (Tipping & Bishop 1999) of two latents and 2 x 2 pixels.

    The encoder is off on purpose: its mean by ``offset``, its standard deviation by a factor of ``spread``.
    """

    pixel_likelihood = "gaussian"

    def __init__(self, offset: float = 0.0, spread: float = 1.0) -> None:
        self.offset, self.spread = offset, spread
        self.weight = torch.tensor([[0.1, 0.02], [0.06, 0.11], [0.0, 0.09], [0.05, 0.05]])
        self.precision = torch.eye(2) + self.weight.T @ self.weight / NOISE**2  # of the posterior

    def posterior_mean(self, x: torch.Tensor) -> torch.Tensor:
        return (to_unit(x).flatten(1) - 0.5) @ self.weight / NOISE**2 @ self.precision.inverse()

    def encode(self, x: torch.Tensor, y: torch.Tensor | None = None) -> GaussianPosterior:
        best = -self.precision.diagonal().log().expand(len(x), 2)
        std = (best / 2).exp()
        return GaussianPosterior(self.posterior_mean(x) + self.offset * std, best + 2 * math.log(self.spread))

    def elbo(self, x: torch.Tensor, z: torch.Tensor, posterior: GaussianPosterior,
             y: torch.Tensor | None = None) -> Elbo:
        error = to_unit(x).flatten(1) - 0.5 - z @ self.weight.T
        nll = (error / NOISE).square().sum(1) / 2 + 4 * math.log(NOISE * math.sqrt(2 * math.pi))
        return Elbo(nll, torch.zeros(len(x)))

    def log_prob(self, pixels: torch.Tensor) -> torch.Tensor:
        covariance = self.weight @ self.weight.T + NOISE**2 * torch.eye(4)
        return MultivariateNormal(torch.full((4,), 0.5), covariance).log_prob(pixels.flatten(1))


@pytest.fixture(scope="module")
def pixels() -> torch.Tensor:
    return (0.5 + 0.15 * torch.randn(3, 1, 2, 2, generator=torch.Generator().manual_seed(0))).clamp(0, 1)


@pytest.mark.parametrize(("offset", "spread"), [(0.0, 1.0), (1.5, 1.0), (0.0, 2.0), (-4.0, 0.3)])
def test_gaps_of_a_linear_model(pixels, offset, spread):
    """The best diagonal Gaussian has the posterior's mean and the diagonal of its precision (Bishop 2006, 10.1.2)."""
    model = LinearModel(offset, spread)
    found = posterior_gap.posterior_gaps(model, pixels)
    assert found.log_prob == pytest.approx(model.log_prob(pixels).numpy(), abs=1e-3)
    approximation = float(model.precision.diagonal().log().sum() - model.precision.logdet()) / 2
    assert found.approximation == pytest.approx(np.full(3, approximation), abs=1e-3)
    # The bound is a quadratic function of the mean: what a step of ``offset`` standard deviations on both axes costs.
    std = model.precision.diagonal().rsqrt()
    amortization = offset**2 * float(std @ model.precision @ std) / 2 + spread**2 - 1 - 2 * math.log(spread)
    assert found.amortization == pytest.approx(np.full(3, amortization), abs=2e-3)


@pytest.mark.parametrize("std", [0.3, 0.1, 0.015])
def test_two_modes_cost_log_2_at_best(std):
    """A posterior of two equal Gaussians far from each other, which a grid of one spacing would miss where they are
    narrow: a Gaussian covers one of them."""
    centers = torch.tensor([[-1.0, 0.5], [1.5, -1.0]]).double()

    def joint(z: torch.Tensor) -> torch.Tensor:
        distance = (z.double()[:, None] - centers).square().sum(2)
        return (-distance / (2 * std**2)).logsumexp(1) - math.log(2 * math.pi * std**2) - math.log(2)

    z, mass = posterior_gap.posterior_cells(joint)
    assert float(mass.logsumexp(0)) == pytest.approx(0, abs=2e-3)
    best = [posterior_gap.gaussian_elbo(joint, posterior_gap.climb(joint, start))
            for start in posterior_gap.starts_of(z, mass)]
    assert max(best) == pytest.approx(-math.log(2), abs=1e-3)


def test_elbo_of_a_gaussian_against_sampling(pixels):
    model = LinearModel(1.0, 1.5)
    x = 2 * pixels[:1] - 1
    q = model.encode(x)
    torch.manual_seed(0)
    z = q.mu + (q.logvar / 2).exp() * torch.randn(20_000, 2)
    terms = posterior_gap.log_joint(model, x, z) - q.log_prob(z)
    found = posterior_gap.gaussian_elbo(lambda z: posterior_gap.log_joint(model, x, z), q)
    assert found == pytest.approx(float(terms.mean()), abs=4 * float(terms.std()) / math.sqrt(20_000))


@pytest.mark.parametrize(("model_name", "dim", "measured"), [("vae", 2, True), ("vae", 3, False), ("ae", 2, False)])
def test_gaps_are_measured_of_models_of_two_normal_latents(model_name, dim, measured):
    split = synthetic_split(4)
    model = build(model_name, **tiny_config(model_name) | {"latent_dim": dim}).eval()
    context = EvalContext(None, None, lambda name: split, EvalProtocol(gap_images=2))
    subject = EvalSubject(context, None, model)
    assert model_measures.posterior_gaps.applies(subject) == measured
    if not measured:
        return
    model_measures.posterior_gaps.run(subject)
    approximation, amortization = (subject.metrics[f"{name}_gap"] for name in ("approximation", "amortization"))
    assert approximation["n"] == 2 and approximation["min"] >= 0 and amortization["min"] >= 0
    total = approximation["value"] + amortization["value"]
    assert total == pytest.approx(approximation["log_prob"] - approximation["encoder_elbo"], abs=0.02)
