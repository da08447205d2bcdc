"""The prior's specification, its samples and their seeds."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from genmodels import interpolation, latents
from genmodels.latents import Categorical, GaussianMixture, LatentSpec, Normal, Uniform

N = 200


DICE = LatentSpec((Uniform("dice", 3, editable=False), Normal("z", 2, role="style")))
SPEC = LatentSpec((Categorical("k", 10), Uniform("u", 2), Normal("n", 3)))


def test_truncation_and_walks_keep_columns_that_are_not_editable():
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


def test_spec_survives_json():
    spec = LatentSpec((Categorical("c1", 4, role="code"), Uniform("dice", 3, editable=False)))
    assert LatentSpec.from_json(spec.to_json()) == spec


def test_spec_gives_the_columns_of_its_parts():
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


@pytest.mark.parametrize("sample", [lambda: SPEC.sample(7, range(4_000)), lambda: SPEC.sample_prior(7, range(4_000)),
                                    lambda: SPEC.sample_batch(4_000)], ids=["sample", "sample_prior", "sample_batch"])
def test_samples_have_the_moments_of_their_parts(sample):
    sampled = sample()
    u, n = sampled.z[:, SPEC.slice_of("u")], sampled.z[:, SPEC.slice_of("n")]
    assert sampled.z.shape == (4_000, 5) and sampled.z.dtype == torch.float32 and sampled.y.dtype == torch.int64
    assert u.min() >= -1 and u.max() <= 1 and u.min() < -0.99 and u.max() > 0.99
    torch.testing.assert_close(u.mean(0), torch.zeros(2), rtol=0, atol=0.04)
    torch.testing.assert_close(u.std(0), torch.full((2,), 1 / math.sqrt(3)), rtol=0.03, atol=0)
    torch.testing.assert_close(n.mean(0), torch.zeros(3), rtol=0, atol=0.06)
    torch.testing.assert_close(n.std(0), torch.ones(3), rtol=0.04, atol=0)
    assert n.pow(4).mean().item() == pytest.approx(3, abs=0.3)  # the kurtosis of a normal distribution
    counts = torch.bincount(sampled.y, minlength=10)
    assert len(counts) == 10 and ((counts - 400).abs() < 80).all()
    assert (torch.corrcoef(sampled.z.T) - torch.eye(5)).abs().max() < 0.06


def test_a_sample_depends_on_its_seed_and_index_alone():
    whole = SPEC.sample(7, range(20))
    part = SPEC.sample(7, [3, 19, 3])
    assert torch.equal(part.z, whole.z[[3, 19, 3]]) and torch.equal(part.y, whole.y[[3, 19, 3]])
    assert not torch.equal(SPEC.sample(8, range(20)).z, whole.z)
    torch.manual_seed(99)
    np.random.seed(99)
    assert torch.equal(SPEC.sample(7, range(20)).z, whole.z)
    assert len(torch.unique(whole.z, dim=0)) == 20


def test_first_samples_never_change():
    """A seed must give the same image for ever: these numbers are part of the interface."""
    spec = LatentSpec((Categorical("k", 10), Uniform("u", 1), Normal("n", 1)))
    sampled, prior = spec.sample(2024, [0, 1, 2]), spec.sample_prior(2024, [0, 1, 2])
    assert sampled.y.tolist() == [0, 1, 2] and prior.y.tolist() == [2, 1, 7]
    expected = torch.tensor([[0.507906, -0.594765], [-0.899328, -1.429175], [0.985312, 1.150365]])
    torch.testing.assert_close(sampled.z, expected, rtol=0, atol=2e-6)
    assert torch.equal(sampled.z, prior.z)


def test_categories_come_in_turn():
    assert SPEC.sample(7, [3, 19, 3, 40]).y.tolist() == [3, 9, 3, 0]
    assert LatentSpec((Normal("z", 2),)).sample(7, range(3)).y is None


def test_sampling_no_indices_gives_no_rows():
    assert SPEC.sample(0, []).z.shape == (0, 5) and len(SPEC.sample(0, []).y) == 0


@pytest.mark.parametrize("seed", [7, 7.0, "7", np.int64(7), " \uff17\u200b", "\ufeff7"])
def test_seeds_are_read_as_they_are_typed(seed):
    assert latents.parse_seed(seed) == 7 and (SPEC.sample(seed, [0]).z == SPEC.sample(7, [0]).z).all()


def test_seeds_at_the_ends_of_their_range_are_accepted():
    assert latents.parse_seed(0) == 0 and latents.parse_seed("4294967295") == 2**32 - 1


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "seven", "", "+1", "1_0", None, float("nan"), float("inf"), [1]])
def test_seeds_out_of_range_are_refused(seed):
    with pytest.raises(ValueError, match="a seed is a whole number from 0 to 4294967295"):
        SPEC.sample(seed, [0])


@pytest.mark.parametrize("psi", [0.0, 0.5, 1.0])
def test_truncation_scales_towards_the_mean(psi):
    z = torch.randn(N, 8)
    torch.testing.assert_close(LatentSpec((Normal("z", 8),)).truncate(z, psi), psi * z)
