"""What single models optimize, against torch.distributions."""

from __future__ import annotations

import copy
import math

import pytest
import torch
import torch.distributions as td
from conftest import build, models_with, tiny_config

from genmodels import registry
from genmodels.capabilities import Codes
from genmodels.model import Batch

N = 200


@pytest.mark.parametrize("aux_weight", [0.0, 1.0])
def test_auxiliary_classifier_of_cgan_trains_only_with_a_weight(aux_weight, images):
    model = build("cgan", **tiny_config("cgan", aux_weight=aux_weight, loss="nonsaturating"))
    before = [weights.clone() for weights in model.D.aux_head.parameters()]
    optimizers = model.optimizers()
    torch.manual_seed(0)
    model.train_step(Batch(*images.batch(torch.arange(20)), step=1), optimizers)
    moved = any(not torch.equal(a, b) for a, b in zip(before, model.D.aux_head.parameters(), strict=True))
    assert moved == (aux_weight > 0)


def test_infogan_code_nll_is_the_negative_log_likelihood_up_to_a_constant():
    model = build("infogan", **tiny_config("infogan"))
    sampled = model.latent.sample_batch(N)
    inferred = Codes(torch.randn(N, 10), torch.randn(N, 2))
    first = [p.name for p in model.latent.continuous[:2]]
    codes = torch.cat([sampled.z[:, model.latent.slice_of(name)] for name in first], 1)
    log_p = td.Normal(inferred.continuous, 1).log_prob(codes).sum(1)
    log_q = td.Categorical(logits=inferred.logits).log_prob(sampled.y) + log_p
    assert first == ["c2", "c3"]
    found = model.code_nll(inferred, sampled.z, sampled.y)
    torch.testing.assert_close(found, -log_q.mean() - math.log(2 * math.pi))


BERNOULLI = [n for n in models_with("elbo") if hasattr(registry.model_class(n).Config, "binarize")]


@pytest.mark.parametrize("name", BERNOULLI)
def test_elbo_against_torch_distributions(name, images):
    model = build(name, **tiny_config(name)).eval()
    x, y = images.batch(torch.arange(20))
    posterior = model.encode(x, y)
    z = posterior.sample()
    bound = model.elbo(x, z, posterior, y)
    mean = (model.decode(z, y) + 1) / 2
    likelihood = td.Bernoulli(mean.double(), validate_args=False).log_prob((x.double() + 1) / 2).sum((1, 2, 3))
    q = td.Normal(posterior.mean, (posterior.logvar / 2).exp())
    kl = td.kl_divergence(q, td.Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(bound.reconstruction_nll.double(), -likelihood, rtol=1e-4, atol=1e-2)
    torch.testing.assert_close(bound.kl, kl, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(bound.elbo, -bound.reconstruction_nll - bound.kl)


# ---- VAE/GAN


def vaegan_gradients(images, **fields: object) -> dict[str, torch.Tensor]:
    """The gradient of each network after a step, all its numbers in a row."""
    model = build("vaegan", **tiny_config("vaegan", pixel_steps=0, fade_steps=1, **fields)).train()
    optimizers = model.optimizers()
    torch.manual_seed(3)
    model.train_step(Batch(*images.batch(torch.arange(20)), step=1), optimizers)
    return {name: torch.cat([p.grad.flatten() for p in getattr(model, name).parameters()])
            for name in ("encoder", "decoder", "D")}


def test_vaegan_networks_learn_from_their_own_losses(images):
    """The encoder from KL and likeness, the decoder from likeness and D's verdict, D from its game alone."""
    plain = vaegan_gradients(images)
    more_likeness, more_gamma = vaegan_gradients(images, likeness=90.0), vaegan_gradients(images, gamma=9.0)
    other_verdict = vaegan_gradients(images, loss="nonsaturating")
    assert not torch.equal(more_likeness["encoder"], plain["encoder"])
    assert torch.equal(more_likeness["decoder"], plain["decoder"])
    assert torch.equal(more_gamma["encoder"], plain["encoder"])
    assert not torch.equal(more_gamma["decoder"], plain["decoder"])
    assert torch.equal(more_likeness["D"], plain["D"]) and torch.equal(more_gamma["D"], plain["D"])
    assert not torch.equal(other_verdict["decoder"], plain["decoder"])
    assert not torch.equal(other_verdict["D"], plain["D"])


def test_vaegan_encoder_descends_kl_and_the_error_in_features(images):
    """Its gradient by autograd of both terms written out: the error over its mean, times the likeness, plus the KL."""
    model = build("vaegan", **tiny_config("vaegan", pixel_steps=0, fade_steps=1, r1=0.0, r2=0.0)).train()
    model.mean_error.fill_(2.0)
    x = images.batch(torch.arange(20))[0]
    optimizers = model.optimizers()
    optimizers["D"] = torch.optim.SGD(model.D.parameters(), 0.0)  # D stays as it is, to be asked afterwards
    before = copy.deepcopy(model)
    torch.manual_seed(3)
    model.train_step(Batch(x, None, 1), optimizers)
    torch.manual_seed(3)
    posterior = before.encode(x)
    z = posterior.mu + torch.exp(posterior.logvar / 2) * torch.randn_like(posterior.mu)
    difference = before.D.features(before.decode(z)) - before.D.features(x)
    error = difference.square().sum(1).mean() / 2
    mean = 0.98 * 2.0 + 0.02 * error.detach()
    torch.testing.assert_close(model.mean_error, mean)
    kl = td.kl_divergence(td.Normal(posterior.mu, (posterior.logvar / 2).exp()), td.Normal(0.0, 1.0)).sum(1).mean()
    expected = torch.autograd.grad(kl + before.config.likeness * error / mean, list(before.encoder.parameters()))
    for parameter, gradient in zip(model.encoder.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(before.feature_errors(x, before.decode(z)).mean(), error)


def test_vaegan_begins_as_a_vae_whose_error_in_pixels_fades(images):
    model = build("vaegan", **tiny_config("vaegan", pixel_steps=10, fade_steps=4)).train()
    assert [model.pixel_weight(step) for step in (0, 10, 11, 12, 14, 99)] == [1, 1, 0.75, 0.5, 0, 0]
    before = [p.clone() for p in model.D.parameters()]
    losses = model.train_step(Batch(*images.batch(torch.arange(20)), step=9), model.optimizers())
    assert losses.keys() == {"kl", "loss_pixels"} and all(map(torch.equal, before, model.D.parameters()))
