"""The mathematics against an oracle: torch.distributions, a closed form, or a count."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.distributions as td
from conftest import build, models_with, tiny_config
from torch import Tensor, nn

from genmodels import interpolation, latents, registry
from genmodels.capabilities import Codes, GaussianPosterior, PointPosterior
from genmodels.data import batch_indices
from genmodels.latents import Categorical, GaussianMixture, LatentSpec, Normal, Uniform
from genmodels.model import Batch, map_in_batches
from genmodels.nn import layers, losses
from genmodels.nn.augment import random_affine
from genmodels.nn.mixture import fit_gaussian_mixture

N = 200


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


# ---- Losses


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
    # D(x) = sigmoid(logit); the formulae as the papers write them, on probabilities.
    ("minimax", lambda r, f: -r.log() - (1 - f).log(), lambda r, f: (1 - f).log()),
    ("nonsaturating", lambda r, f: -r.log() - (1 - f).log(), lambda r, f: -f.log()),
])
def test_goodfellows_losses(loss_type, d, g):
    real, fake = torch.randn(N).double(), torch.randn(N).double()
    loss_d, loss_g = (loss(loss_type, real, fake) for loss in (losses.discriminator_loss, losses.generator_loss))
    torch.testing.assert_close(loss_d, d(real.sigmoid(), fake.sigmoid()).mean())
    torch.testing.assert_close(loss_g, g(real.sigmoid(), fake.sigmoid()).mean())


def test_relativistic_loss_is_a_game_of_pairs():
    real, fake = torch.randn(N).double(), torch.randn(N).double()
    d, g = (loss("relativistic", real, fake) for loss in (losses.discriminator_loss, losses.generator_loss))
    torch.testing.assert_close(d, -(real - fake).sigmoid().log().mean())
    torch.testing.assert_close(g, -(fake - real).sigmoid().log().mean())
    torch.testing.assert_close(losses.discriminator_loss("relativistic", real + 5, fake + 5), d)


@pytest.mark.parametrize("loss_type", losses.GAN_LOSSES)
def test_losses_at_a_draw_and_at_huge_logits(loss_type):
    even = torch.zeros(4)
    expected = math.log(2) * (1 if loss_type == "relativistic" else 2)
    assert losses.discriminator_loss(loss_type, even, even).item() == pytest.approx(expected)
    huge = torch.full((4,), 1e4)
    for loss in (losses.discriminator_loss, losses.generator_loss):
        assert loss(loss_type, huge, -huge).isfinite() and loss(loss_type, -huge, huge).isfinite()


@pytest.mark.parametrize("loss", [losses.discriminator_loss, losses.generator_loss])
def test_unknown_loss_is_refused_with_the_kinds_there_are(loss):
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
    permuted = p[:, torch.randperm(k)]  # what a class is called is no matter
    assert losses.iic_mutual_information(permuted, permuted).item() == pytest.approx(math.log(k), abs=1e-4)


def test_iic_mutual_information_is_nothing_where_one_tells_nothing_of_the_other():
    p, q = torch.rand(10).softmax(0).expand(N, 10), torch.eye(10).repeat(N // 10, 1)
    same = p.mean(0).expand(N, 10)
    assert losses.iic_mutual_information(same, same).item() == pytest.approx(0, abs=1e-5)
    assert losses.iic_mutual_information(torch.full((N, 10), 0.1), q).item() == pytest.approx(0, abs=1e-5)
    one = torch.eye(10)[:1].expand(N, 10)  # everything in one class: agreement, and no information
    assert losses.iic_mutual_information(one, one).item() == pytest.approx(0, abs=1e-4)


def test_iic_mutual_information_against_the_sum_written_out():
    p, q = torch.randn(N, 4).softmax(1).double(), torch.randn(N, 4).softmax(1).double()
    joint = sum(np.outer(a, b) for a, b in zip(p.numpy(), q.numpy(), strict=True)) / N
    joint = (joint + joint.T) / 2
    expected = sum(joint[i, j] * math.log(joint[i, j] / joint[i].sum() / joint[:, j].sum())
                   for i in range(4) for j in range(4))
    assert losses.iic_mutual_information(p, q).item() == pytest.approx(expected, rel=1e-9)


# ---- Bounds


@pytest.mark.parametrize("aux_weight", [0.0, 1.0])
def test_auxiliary_classifier_of_cgan_learns_only_with_a_weight(aux_weight, images):
    model = build("cgan", **tiny_config("cgan", aux_weight=aux_weight, loss="nonsaturating"))
    before = [weights.clone() for weights in model.D.reader.parameters()]
    optimizers = model.optimizers()
    torch.manual_seed(0)
    model.train_step(Batch(*images.batch(torch.arange(20)), step=1), optimizers)
    moved = any(not torch.equal(a, b) for a, b in zip(before, model.D.reader.parameters(), strict=True))
    assert moved == (aux_weight > 0)


@pytest.mark.parametrize("std", [1, 0.3])
def test_infogan_code_nll_is_minus_qs_log_likelihood_without_its_constant(std):
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


def test_infogan_gaussians_narrow_after_their_warmup():
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


# ---- Paths between latents


def angle(a: Tensor, b: Tensor) -> float:
    return torch.atan2(a[0] * b[1] - a[1] * b[0], a @ b).item()


@pytest.mark.parametrize("step", [interpolation.lerp, interpolation.slerp])
def test_paths_end_where_they_should(step):
    a, b = torch.randn(N, 16), torch.randn(N, 16)
    torch.testing.assert_close(step(a, b, 0.0), a)
    torch.testing.assert_close(step(a, b, 1.0), b)


def test_lerp_is_the_straight_line():
    a, b = torch.randn(16), torch.randn(16)
    torch.testing.assert_close(interpolation.lerp(a, b, 0.25), 0.75 * a + 0.25 * b)


def test_slerp_is_the_circle_in_the_plane():
    """From 0.3 rad at radius 1 to 1.7 rad at radius 3: the angle and the radius both run evenly."""
    def at(turn: float, radius: float) -> Tensor:
        return torch.tensor([math.cos(turn), math.sin(turn)]) * radius

    for t in np.linspace(0, 1, 11):
        torch.testing.assert_close(interpolation.slerp(at(0.3, 1), at(1.7, 3), float(t)), at(0.3 + 1.4 * t, 1 + 2 * t),
                                   check_dtype=False, rtol=1e-5, atol=1e-5)


def test_slerp_stays_on_the_sphere_at_an_even_speed():
    a, b = (torch.nn.functional.normalize(torch.randn(64), dim=0) * 8 for _ in range(2))
    path = torch.stack([interpolation.slerp(a, b, t) for t in torch.linspace(0, 1, 21)])
    torch.testing.assert_close(path.norm(dim=1), torch.full((21,), 8.0), rtol=1e-5, atol=0)
    strides = path.diff(dim=0).norm(dim=1)
    torch.testing.assert_close(strides, strides.mean().expand(20), rtol=1e-4, atol=0)
    assert (interpolation.lerp(a, b, 0.5).norm() < 7.5)  # where the straight line leaves it


E1, E2 = torch.eye(8)[0], torch.eye(8)[1]
RANDOM = torch.randn(8, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize(("a", "b"), [
    (E1, -E1), (RANDOM, -RANDOM), (E1, E1), (RANDOM, RANDOM), (E1, 2 * E1), (RANDOM, 1.5 * RANDOM),
    (torch.zeros(8), E1), (E1, torch.zeros(8)), (torch.zeros(8), torch.zeros(8)),
    (E1, E1 + 1e-6 * E2), (RANDOM, -RANDOM + 1e-6 * E1), (1e-12 * E1, 1e-12 * E2),
], ids=["opposite", "opposite-random", "same", "same-random", "parallel", "parallel-random", "from-zero", "to-zero",
        "zeros", "nearly-same", "nearly-opposite", "tiny"])
def test_slerp_without_a_circle_to_follow_is_finite_and_ends_right(a, b):
    path = torch.stack([interpolation.slerp(a, b, t) for t in (0.0, 0.25, 0.5, 0.75, 1.0)])
    assert path.isfinite().all()
    torch.testing.assert_close(path[[0, -1]], torch.stack([a, b]), rtol=1e-4, atol=1e-5)
    assert (path.norm(dim=1) <= max(a.norm(), b.norm()) * 1.001 + 1e-6).all()


@pytest.mark.parametrize(("a", "b"), [(RANDOM, 1.5 * RANDOM), (torch.zeros(8), E1), (E1, torch.zeros(8))])
def test_slerp_falls_back_to_the_straight_line(a, b):
    torch.testing.assert_close(interpolation.slerp(a, b, 0.3), interpolation.lerp(a, b, 0.3), rtol=1e-3, atol=1e-5)


def test_slerp_takes_rows_each_by_itself():
    a, b, t = torch.randn(5, 8), torch.randn(5, 8), torch.linspace(0, 1, 5)[:, None]
    b[2] = a[2]  # a row without a circle leaves its neighbours be
    rows = torch.stack([interpolation.slerp(a[i], b[i], t[i]) for i in range(5)])
    torch.testing.assert_close(interpolation.slerp(a, b, t), rows)


@pytest.mark.parametrize("path", ["lerp", "slerp"])
@pytest.mark.parametrize("closed", [True, False])
def test_walk_passes_its_keyframes_at_even_times(path, closed):
    keyframes = torch.randn(4, 8)
    walk = interpolation.walk(keyframes, 12 if closed else 10, path, closed)  # three frames a leg
    assert walk.shape == (12 if closed else 10, 8)
    torch.testing.assert_close(walk[::3], keyframes)


def test_closed_walk_goes_home_and_does_not_stand_still_there():
    keyframes = torch.randn(3, 8)
    walk = interpolation.walk(keyframes, 30, "lerp")
    torch.testing.assert_close(walk[29], interpolation.lerp(keyframes[2], keyframes[0], 0.9))
    assert (walk.roll(-1, 0) - walk).norm(dim=1).min() > 0.05


@pytest.mark.parametrize("arguments", [
    {"frames": 1}, {"frames": 0}, {"path": "zigzag"}, {"keyframes": torch.zeros(1, 4), "closed": False},
])
def test_walks_that_cannot_be_are_refused(arguments):
    with pytest.raises(ValueError, match="a walk"):
        interpolation.walk(**{"keyframes": torch.zeros(3, 4), "frames": 10} | arguments)


@pytest.mark.parametrize("psi", [0.0, 0.5, 1.0])
def test_truncation_scales_towards_the_mean(psi):
    z = torch.randn(N, 8)
    torch.testing.assert_close(LatentSpec((Normal("z", 8),)).truncate(z, psi), psi * z)


# ---- Sampling latents

DICE = LatentSpec((Uniform("dice", 3, editable=False), Normal("z", 2, role="style")))


def test_truncation_and_walks_leave_what_is_not_editable():
    z = DICE.sample(0, range(4)).z
    assert DICE.editable_columns == (3, 4)
    truncated = DICE.truncate(z, 0.5)
    assert torch.equal(truncated[:, :3], z[:, :3]) and torch.equal(truncated[:, 3:], z[:, 3:] / 2)
    walk = interpolation.walk(z, 12, columns=DICE.editable_columns)
    assert torch.equal(walk[:, :3], z[:1, :3].expand(12, 3))
    torch.testing.assert_close(walk[:, 3:], interpolation.walk(z[:, 3:], 12))


def test_parts_name_their_values():
    assert [Normal("z", 3).value_name(2), Normal("noise", 3).value_name(2), Uniform("c2", 1).value_name(0)] == [
        "z2", "noise 2", "c2"]


@pytest.mark.parametrize("part", [lambda: Normal("z", 1, role="label"), lambda: Categorical("c", 3, role="noise")])
def test_impossible_roles_are_refused(part):
    with pytest.raises(ValueError, match="role"):
        part()


def test_mixture_has_the_moments_of_its_components():
    components = torch.tensor([[1.0, 5.0, 0.0, 0.1, 0.2], [3.0, -5.0, 2.0, 0.3, 0.4]])  # weight, means, deviations
    spec = LatentSpec((GaussianMixture.of("z", components),))
    assert LatentSpec.from_json(spec.to_json()) == spec and spec.dim == 2
    for z in (spec.sample(0, range(2_000)).z, spec.sample_batch(2_000).z):
        first = z[:, 0] > 0
        assert first.float().mean().item() == pytest.approx(0.25, abs=0.04)
        for k, rows in enumerate((z[first], z[~first])):
            torch.testing.assert_close(rows.mean(0), components[k, 1:3], rtol=0, atol=0.05)
            torch.testing.assert_close(rows.std(0), components[k, 3:], rtol=0.1, atol=0)


def test_fitted_mixture_finds_the_clusters():
    true = torch.tensor([[-4.0, 0.0], [4.0, 0.0], [0.0, 6.0]])
    x = true[torch.arange(3_000) % 3] + 0.5 * torch.randn(3_000, 2)
    found = fit_gaussian_mixture(x, 3, seed=1)
    assert found.shape == (3, 5) and found[:, 0].tolist() == pytest.approx([1 / 3] * 3, abs=0.02)
    nearest = torch.cdist(true, found[:, 1:3]).min(1)
    assert nearest.values.max() < 0.1 and len(nearest.indices.unique()) == 3
    torch.testing.assert_close(found[:, 3:], torch.full((3, 2), 0.5), rtol=0.1, atol=0)


def test_spec_survives_json():
    spec = LatentSpec((Categorical("c1", 4, role="code"), Uniform("dice", 3, editable=False)))
    assert LatentSpec.from_json(spec.to_json()) == spec

SPEC = LatentSpec((Categorical("k", 10), Uniform("u", 2), Normal("n", 3)))


def test_spec_knows_its_columns():
    assert SPEC.dim == 5 and SPEC.categorical.name == "k" and [p.name for p in SPEC.continuous] == ["u", "n"]
    assert SPEC.slice_of("u") == slice(0, 2) and SPEC.slice_of("n") == slice(2, 5)
    with pytest.raises(KeyError):
        SPEC.slice_of("k")


@pytest.mark.parametrize("parts", [
    (Normal("a", 1), Uniform("a", 1)), (Categorical("a", 2), Categorical("b", 2)),
])
def test_impossible_specs_are_refused(parts):
    with pytest.raises(ValueError, match="latent"):
        LatentSpec(parts)


@pytest.mark.parametrize("sample", [lambda: SPEC.sample(7, range(4_000)), lambda: SPEC.sample_batch(4_000)],
                         ids=["sample", "sample_batch"])
def test_samples_have_the_moments_of_their_parts(sample):
    sampled = sample()
    u, n = sampled.z[:, SPEC.slice_of("u")], sampled.z[:, SPEC.slice_of("n")]
    assert sampled.z.shape == (4_000, 5) and sampled.z.dtype == torch.float32 and sampled.y.dtype == torch.int64
    assert u.min() >= -1 and u.max() <= 1 and u.min() < -0.99 and u.max() > 0.99
    torch.testing.assert_close(u.mean(0), torch.zeros(2), rtol=0, atol=0.04)
    torch.testing.assert_close(u.std(0), torch.full((2,), 1 / math.sqrt(3)), rtol=0.03, atol=0)
    torch.testing.assert_close(n.mean(0), torch.zeros(3), rtol=0, atol=0.06)
    torch.testing.assert_close(n.std(0), torch.ones(3), rtol=0.04, atol=0)
    assert n.pow(4).mean().item() == pytest.approx(3, abs=0.3)  # a bell, not a box
    counts = torch.bincount(sampled.y, minlength=10)
    assert len(counts) == 10 and ((counts - 400).abs() < 80).all()
    assert (torch.corrcoef(sampled.z.T) - torch.eye(5)).abs().max() < 0.06


def test_a_sample_is_its_seed_and_number_alone():
    whole = SPEC.sample(7, range(20))
    part = SPEC.sample(7, [3, 19, 3])
    assert torch.equal(part.z, whole.z[[3, 19, 3]]) and torch.equal(part.y, whole.y[[3, 19, 3]])
    assert not torch.equal(SPEC.sample(8, range(20)).z, whole.z)
    torch.manual_seed(99)
    np.random.seed(99)
    assert torch.equal(SPEC.sample(7, range(20)).z, whole.z)
    assert len(torch.unique(whole.z, dim=0)) == 20


def test_first_samples_never_change():
    """A seed in a shared link must show the same picture for ever: these numbers are part of the interface."""
    sampled = LatentSpec((Categorical("k", 10), Uniform("u", 1), Normal("n", 1))).sample(2024, [0, 1, 2])
    assert sampled.y.tolist() == [2, 1, 7]
    expected = torch.tensor([[0.507906, -0.594765], [-0.899328, -1.429175], [0.985312, 1.150365]])
    torch.testing.assert_close(sampled.z, expected, rtol=0, atol=2e-6)


def test_no_samples_are_no_rows():
    assert SPEC.sample(0, []).z.shape == (0, 5) and len(SPEC.sample(0, []).y) == 0


@pytest.mark.parametrize("seed", [0, 2**32 - 1, 7.0, "7", np.int64(7)])
def test_seeds_in_range_are_taken(seed):
    assert latents.parse_seed(seed) == int(seed)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "seven", "", None, float("nan"), float("inf"), [1]])
def test_seeds_out_of_range_are_refused(seed):
    with pytest.raises(ValueError, match="a seed is a whole number from 0 to 4294967295"):
        SPEC.sample(seed, [0])


# ---- Order of the data


@pytest.mark.parametrize(("n", "size"), [(40, 10), (43, 10), (7, 7), (5, 64), (12, 1)])
def test_each_epoch_visits_a_row_once(n, size):
    per_epoch = max(1, n // size)
    for epoch in range(3):
        rows = torch.cat([batch_indices(n, size, epoch * per_epoch + place, seed=1) for place in range(per_epoch)])
        assert len(rows) == per_epoch * min(size, n) > n - size
        assert len(rows.unique()) == len(rows) and rows.min() >= 0 and rows.max() < n


def test_the_order_is_of_seed_and_epoch_alone():
    orders = {(seed, epoch): tuple(batch_indices(50, 50, epoch, seed).tolist())
              for seed in (0, 1) for epoch in (0, 1, 2)}
    assert len(set(orders.values())) == 6
    assert all(tuple(batch_indices(50, 50, epoch, seed).tolist()) == order for (seed, epoch), order in orders.items())


def test_batches_are_of_one_size_and_lose_nothing():
    sizes = []

    def double(x: Tensor, nothing: None) -> Tensor:
        sizes.append(len(x))
        return 2 * x

    x = torch.randn(11, 3)
    assert torch.equal(map_in_batches(double, x, None, batch_size=4), 2 * x) and sizes == [4, 4, 4]


# ---- Small deformations


def test_affine_without_strength_changes_nothing(images):
    x = images.batch(torch.arange(10))[0]
    torch.testing.assert_close(random_affine(x, 0, 0, 0, 0), x, rtol=0, atol=1e-4)


def test_affine_deforms_each_picture_by_its_own_draw(images):
    x = images.batch(torch.zeros(6, dtype=torch.int64))[0]
    moved = random_affine(x)
    assert moved.shape == x.shape and moved.min() >= -1 - 1e-5 and moved.max() <= 1 + 1e-5
    assert (torch.cdist(moved.flatten(1), moved.flatten(1)) + torch.eye(6) > 0.5).all()


def test_affine_fills_in_with_background():
    blank = torch.full((8, 1, 28, 28), -1.0)
    torch.testing.assert_close(random_affine(blank, translate=0.5), blank)


def test_affine_translation_moves_by_its_share_of_the_half_side(monkeypatch):
    """With every draw at its largest and the other strengths at zero, a shift of 2/28 * 2 is two pixels."""
    monkeypatch.setattr(torch, "rand", lambda n, device=None: torch.ones(n))
    x = torch.full((1, 1, 28, 28), -1.0)
    x[0, 0, 10, 12] = 1
    moved = random_affine(x, 0, 0, 0, translate=4 / 28)
    assert divmod(int(moved.argmax()), 28) == (8, 10) and moved.max() == pytest.approx(1, abs=1e-3)


def test_affine_turns_by_its_degrees(monkeypatch):
    monkeypatch.setattr(torch, "rand", lambda n, device=None: torch.ones(n))
    x = torch.full((1, 1, 28, 28), -1.0)
    x[0, 0, 4:10, 11:17] = 1  # above the middle
    ink = (random_affine(x, 90, 0, 0, 0) + 1)[0, 0]
    rows, columns = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    centre = ((ink * rows).sum() / ink.sum()).item(), ((ink * columns).sum() / ink.sum()).item()
    assert centre[0] == pytest.approx(13.5, abs=0.2) and abs(centre[1] - 13.5) == pytest.approx(7, abs=0.2)


# ---- Layers


def test_initial_networks_keep_the_size_of_their_signal():
    """He's initialization: through each generator and encoder, a signal neither dies nor blows up."""
    wide = layers.ConvGenerator(64, 96)(torch.randn(32, 64))
    assert 0.2 < wide.std() < 5
    assert 0.2 < layers.ConvEncoder(48, 128)(torch.randn(32, 1, 28, 28)).std() < 5


def test_bent_generators_keep_the_size_of_their_signal_too():
    bent = layers.ConvGenerator(2, 96, hidden=256)
    assert [tuple(layer.weight.shape) for layer in bent.bend] == [(256, 2), (256, 256)]
    assert 0.2 < bent(torch.randn(32, 2)).std() < 5 and not layers.ConvGenerator(2, 96).bend


def test_clipped_tanh_reaches_both_ends_and_lets_gradients_back_inside():
    h = torch.tensor([-9.0, -9.0, 0.0, 9.0, 9.0], requires_grad=True)
    x = layers.clipped_tanh(h)
    assert x.tolist() == [-1, -1, 0, 1, 1]
    (gradient,) = torch.autograd.grad(x, h, torch.tensor([-1.0, 1.0, 1.0, 1.0, -1.0]))
    inside = 1.05 * (1 - torch.tanh(torch.tensor(9.0)) ** 2)  # descent goes against the gradient
    torch.testing.assert_close(gradient, torch.tensor([-inside, 0, 1.05, inside, 0]))


def test_frozen_spares_and_restores_even_after_an_error():
    module = nn.Linear(2, 1)
    with pytest.raises(RuntimeError), layers.frozen(module):
        assert not any(p.requires_grad for p in module.parameters())
        raise RuntimeError
    assert all(p.requires_grad for p in module.parameters())


def test_optimizer_step_is_one_step_from_clean_gradients():
    x = torch.tensor(3.0, requires_grad=True)
    x.grad = torch.tensor(100.0)  # left over from elsewhere
    layers.optimizer_step(torch.optim.SGD([x], lr=0.1), x.square())
    assert x.item() == pytest.approx(3 - 0.1 * 6)
