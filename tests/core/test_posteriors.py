"""Posteriors, against torch.distributions."""

from __future__ import annotations

import math

import pytest
import torch
import torch.distributions as td

from genmodels.capabilities import GaussianPosterior, PointPosterior


def test_gaussian_posterior_against_torch_distributions():
    mu, logvar, z = torch.randn(7, 3), torch.randn(7, 3), torch.randn(5, 7, 3)
    posterior, q = GaussianPosterior(mu, logvar), td.Normal(mu, (logvar / 2).exp())
    torch.testing.assert_close(posterior.log_prob(z), q.log_prob(z).sum(-1), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(posterior.kl(), td.kl_divergence(q, td.Normal(0.0, 1.0)), rtol=1e-4, atol=1e-4)
    assert torch.equal(posterior.mean, mu)


def test_point_posterior_is_its_mean():
    posterior = PointPosterior(torch.randn(4, 3))
    assert torch.equal(posterior.sample(), posterior.mean)
    with pytest.raises(NotImplementedError):
        posterior.log_prob(posterior.mean)


def test_posterior_samples_have_its_moments():
    mu, logvar = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.0, -2.0]])
    posterior = GaussianPosterior(mu.expand(20_000, 2), logvar.expand(20_000, 2))
    sampled = posterior.sample()
    torch.testing.assert_close(sampled.mean(0), torch.tensor([1.0, -2.0]), rtol=0, atol=0.03)
    torch.testing.assert_close(sampled.std(0), torch.tensor([1.0, math.exp(-1)]), rtol=0.03, atol=0)
