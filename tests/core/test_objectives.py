"""What single models optimize, against torch.distributions."""

from __future__ import annotations

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


@pytest.mark.parametrize("std", [1, 0.3])
def test_infogan_code_nll_is_the_negative_log_likelihood_up_to_a_constant(std):
    model = build("infogan", **tiny_config("infogan"))
    sampled = model.latent.sample_batch(N)
    inferred = Codes(torch.randn(N, 10), torch.randn(N, 2))
    first = [p.name for p in model.latent.continuous[:2]]
    codes = torch.cat([sampled.z[:, model.latent.slice_of(name)] for name in first], 1)
    log_p = td.Normal(inferred.continuous, std).log_prob(codes).sum(1)
    log_q = td.Categorical(logits=inferred.logits).log_prob(sampled.y) + log_p
    constant = 2 * math.log(std * math.sqrt(2 * math.pi))
    assert first == ["c2", "c3"]
    found = model.code_nll(inferred, sampled.z, sampled.y, 1 / std**2)
    torch.testing.assert_close(found, -log_q.mean() - constant)


def test_infogan_code_precision_rises_after_its_warmup():
    model = build("infogan", **tiny_config("infogan"), code_std=0.5, code_std_warmup=10)
    assert [model.code_precision(step) for step in (0, 10, 15, 20, 99)] == [1, 1, 2.5, 4, 4]
    assert build("infogan", **tiny_config("infogan"), code_std=0.5, code_std_warmup=0).code_precision(0) == 4


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
