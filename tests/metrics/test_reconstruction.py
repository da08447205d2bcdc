"""Reconstruction error, evidence lower bound and use of the latents, against torch.distributions."""

from __future__ import annotations

import pytest
import torch
from conftest import build, tiny_config
from torch.distributions import Bernoulli, Normal, kl_divergence

from genmodels.capabilities import GaussianPosterior, PointPosterior
from genmodels.images import from_uint8, from_unit, to_unit
from genmodels.metrics import reconstruction
from genmodels.models.cvae import CVAE


@pytest.fixture(scope="module")
def cvae() -> CVAE:
    return build("cvae", **tiny_config("cvae")).eval()


def test_encode_gives_the_posterior_of_each_row(cvae, digits):
    labels = torch.arange(40) % 10
    posterior, plain = reconstruction.encode(cvae, digits, labels), cvae.encode(from_uint8(digits), labels)
    for ours, theirs in ((posterior.mean, plain.mu), (posterior.logvar, plain.logvar)):
        assert torch.allclose(ours, theirs, atol=1e-5)
    one = reconstruction.encode(cvae, digits[33:34], labels[33:34])
    assert torch.equal(one.mean[0], posterior.mean[33])


def test_reconstruction_mse_is_on_the_unit_scale(digits):
    class Gray:
        def reconstruct(self, x: torch.Tensor, y: torch.Tensor | None = None) -> torch.Tensor:
            return from_unit((y / 40)[:, None, None, None].expand_as(x))

    gray = torch.arange(40)
    expected = ((digits / 255 - gray.numpy()[:, None, None] / 40) ** 2).mean()
    mse = reconstruction.reconstruction_mse(Gray(), torch.from_numpy(digits), gray)
    assert mse == pytest.approx(expected, rel=1e-5)


@torch.no_grad()
def test_elbo_against_torch_distributions(cvae, digits):
    labels, images = (torch.arange(40) % 10)[:16], torch.from_numpy(digits[:16])  # 16 rows: one batch
    posterior = reconstruction.encode(cvae, images, labels)
    q = Normal(posterior.mean, (0.5 * posterior.logvar).exp())
    torch.manual_seed(5)
    z = q.mean + q.stddev * torch.randn_like(q.mean)
    likelihood = Bernoulli(logits=cvae.decoder(z, labels), validate_args=False).log_prob(to_unit(from_uint8(images)))
    expected = likelihood.flatten(1).sum(1).mean() - kl_divergence(q, Normal(0.0, 1.0)).sum(1).mean()
    before = torch.get_rng_state()
    assert reconstruction.elbo(cvae, images, posterior, labels, seed=5) == pytest.approx(expected.item(), rel=1e-5)
    assert torch.equal(before, torch.get_rng_state())


def test_latent_usage_and_active_units_of_a_known_posterior():
    """Three latents, whose posterior means have a standard deviation of 0, 0.3 and 1."""
    spread = torch.tensor([0.0, 0.3, 1.0])
    mu = torch.randn(20_000, 3, generator=torch.Generator().manual_seed(0)) * spread
    logvar = (1 - spread.square()).clamp_min(1e-3).log().expand_as(mu)
    usage = reconstruction.latent_usage(GaussianPosterior(mu, logvar))
    expected = kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)).mean(0)
    assert reconstruction.active_units(mu) == 2
    assert usage["kl"] == pytest.approx(expected.tolist(), abs=1e-3)
    assert usage["order"] == [2, 1, 0]
    assert usage["range"][0] == [0, 0] and usage["range"][2] == pytest.approx([-2.33, 2.33], abs=0.1)


def test_latent_usage_without_a_divergence_has_no_kl():
    usage = reconstruction.latent_usage(PointPosterior(torch.randn(100, 3)))
    assert usage.keys() == {"order", "range"} and usage["order"] == [0, 1, 2]
