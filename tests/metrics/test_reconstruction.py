"""Reconstruction error, evidence lower bound and use of the latents, against torch.distributions."""

from __future__ import annotations

import math

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


def test_sharpness_is_the_steepness_of_an_edge_and_ignores_its_length():
    """An edge spread over w pixels has gradients of 1 / w; their mean over the image would be the same for all w."""
    def edge(width: int, rows: int = 28) -> torch.Tensor:
        ramp = ((torch.arange(28.0) - 10) / width).clamp(0, 1)
        return from_unit(ramp.expand(1, 1, rows, 28))

    for width in (1, 2, 5):
        assert reconstruction.sharpness(edge(width)).item() == pytest.approx(1 / width)
        assert reconstruction.sharpness(edge(width, rows=9)).item() == pytest.approx(1 / width)
        assert reconstruction.sharpness(edge(width).mT).item() == pytest.approx(1 / width)
    assert reconstruction.sharpness(torch.zeros(2, 1, 28, 28)).tolist() == [0, 0]


def test_blur_lowers_sharpness(digits):
    sharp = from_uint8(digits)
    soft = torch.nn.functional.avg_pool2d(sharp, 3, stride=1, padding=1)
    assert (reconstruction.sharpness(soft) < 0.8 * reconstruction.sharpness(sharp)).all()


def test_bottleneck_bits_are_a_divergence_or_a_count(cvae, digits):
    images, labels = torch.from_numpy(digits), torch.arange(40) % 10
    posterior = reconstruction.encode(cvae, images, labels)
    q = Normal(posterior.mean, (0.5 * posterior.logvar).exp())
    nats = kl_divergence(q, Normal(0.0, 1.0)).sum(1).mean().item()
    assert reconstruction.bottleneck_bits(cvae, images, labels) == pytest.approx(nats / math.log(2), rel=1e-4)
    assert reconstruction.bottleneck_bits(build("ae", **tiny_config("ae")).eval(), images) == 4 * 32
    vqvae2 = build("vqvae2", **tiny_config("vqvae2")).eval()  # 8 codes, 3 bits each
    assert reconstruction.bottleneck_bits(vqvae2, images) == pytest.approx(3 * (49 + 196))


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
