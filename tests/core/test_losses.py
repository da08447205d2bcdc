"""The losses against an oracle: torch.distributions, a closed form, or the sum written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.distributions as td

from genmodels.nn import losses

N = 200


def test_gaussian_kl_is_the_kl_of_torch_distributions():
    mu, logvar = torch.randn(N, 5), 2 * torch.randn(N, 5)
    expected = td.kl_divergence(td.Normal(mu, (logvar / 2).exp()), td.Normal(torch.tensor(0.0), torch.tensor(1.0)))
    torch.testing.assert_close(losses.gaussian_kl(mu, logvar), expected, rtol=1e-5, atol=1e-5)
    assert losses.gaussian_kl(torch.zeros(1), torch.zeros(1)) == 0


def test_log_p_over_q_is_that_of_torch_distributions():
    z, mu, logvar = torch.randn(3, N, 5).unbind(0)
    prior, q = td.Normal(torch.tensor(0.0), torch.tensor(1.0)), td.Normal(mu, (logvar / 2).exp())
    expected = (prior.log_prob(z) - q.log_prob(z)).sum(-1)
    torch.testing.assert_close(losses.log_p_over_q(z, mu, logvar), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("loss_type", "d", "g"), [
    # D(x) = sigmoid(logit): the papers' formulas, on probabilities.
    ("minimax", lambda r, f: -r.log() - (1 - f).log(), lambda r, f: (1 - f).log()),
    ("nonsaturating", lambda r, f: -r.log() - (1 - f).log(), lambda r, f: -f.log()),
])
def test_minimax_and_nonsaturating_losses_are_goodfellow_s(loss_type, d, g):
    real, fake = torch.randn(N).double(), torch.randn(N).double()
    loss_d, loss_g = (loss(loss_type, real, fake) for loss in (losses.discriminator_loss, losses.generator_loss))
    torch.testing.assert_close(loss_d, d(real.sigmoid(), fake.sigmoid()).mean())
    torch.testing.assert_close(loss_g, g(real.sigmoid(), fake.sigmoid()).mean())


def test_relativistic_loss_depends_on_the_paired_difference():
    real, fake = torch.randn(N).double(), torch.randn(N).double()
    d, g = (loss("relativistic", real, fake) for loss in (losses.discriminator_loss, losses.generator_loss))
    torch.testing.assert_close(d, -(real - fake).sigmoid().log().mean())
    torch.testing.assert_close(g, -(fake - real).sigmoid().log().mean())
    torch.testing.assert_close(losses.discriminator_loss("relativistic", real + 5, fake + 5), d)


@pytest.mark.parametrize("loss_type", losses.GAN_LOSSES)
def test_losses_at_equal_and_at_huge_logits(loss_type):
    equal = torch.zeros(4)
    expected = math.log(2) * (1 if loss_type == "relativistic" else 2)
    assert losses.discriminator_loss(loss_type, equal, equal).item() == pytest.approx(expected)
    huge = torch.full((4,), 1e4)
    for loss in (losses.discriminator_loss, losses.generator_loss):
        assert loss(loss_type, huge, -huge).isfinite() and loss(loss_type, -huge, huge).isfinite()


@pytest.mark.parametrize("loss", [losses.discriminator_loss, losses.generator_loss])
def test_unknown_loss_is_refused_listing_the_known_ones(loss):
    with pytest.raises(ValueError, match="relativistic.*'hinge'"):
        loss("hinge", torch.zeros(1), torch.zeros(1))


def test_gradient_penalty_of_a_linear_discriminator_is_half_its_squared_weight():
    weight, x = torch.randn(1 * 4 * 4), torch.randn(N, 1, 4, 4).requires_grad_()
    penalty = losses.gradient_penalty(x.flatten(1) @ weight, x)
    assert penalty.item() == pytest.approx(weight.square().sum().item() / 2, rel=1e-5)


def test_gradient_penalty_of_a_quadratic_discriminator_and_its_own_gradient():
    """D(x) = a |x|^2 has gradient 2 a x: the penalty is 2 a^2 E|x|^2, its derivative in a 4 a E|x|^2."""
    a, x = torch.tensor(0.7, requires_grad=True), torch.randn(N, 6).requires_grad_()
    penalty = losses.gradient_penalty(a * x.square().sum(1), x)
    squares = x.detach().square().sum(1).mean().item()
    assert penalty.item() == pytest.approx(2 * 0.7**2 * squares, rel=1e-5)
    penalty.backward()
    assert a.grad.item() == pytest.approx(4 * 0.7 * squares, rel=1e-5)


def test_iic_mutual_information_is_ln_k_at_perfect_agreement():
    k = 10
    p = torch.eye(k).repeat(7, 1)
    assert losses.iic_mutual_information(p, p).item() == pytest.approx(math.log(k), abs=1e-4)
    permuted = p[:, torch.randperm(k)]  # the classes' numbers do not matter
    assert losses.iic_mutual_information(permuted, permuted).item() == pytest.approx(math.log(k), abs=1e-4)


def test_iic_mutual_information_of_independent_predictions_is_zero():
    p, q = torch.rand(10).softmax(0).expand(N, 10), torch.eye(10).repeat(N // 10, 1)
    same = p.mean(0).expand(N, 10)
    assert losses.iic_mutual_information(same, same).item() == pytest.approx(0, abs=1e-5)
    assert losses.iic_mutual_information(torch.full((N, 10), 0.1), q).item() == pytest.approx(0, abs=1e-5)
    one = torch.eye(10)[:1].expand(N, 10)  # all in one class: they agree, but carry no information
    assert losses.iic_mutual_information(one, one).item() == pytest.approx(0, abs=1e-4)


def test_iic_mutual_information_against_the_sum_written_out():
    p, q = torch.randn(N, 4).softmax(1).double(), torch.randn(N, 4).softmax(1).double()
    joint = sum(np.outer(a, b) for a, b in zip(p.numpy(), q.numpy(), strict=True)) / N
    joint = (joint + joint.T) / 2
    expected = sum(joint[i, j] * math.log(joint[i, j] / joint[i].sum() / joint[:, j].sum())
                   for i in range(4) for j in range(4))
    assert losses.iic_mutual_information(p, q).item() == pytest.approx(expected, rel=1e-9)
