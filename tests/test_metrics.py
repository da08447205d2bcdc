"""Each measure against an oracle: a closed form, a brute force, or a fake whose answer is known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from conftest import build, narrow
from scipy import ndimage
from torch.distributions import Bernoulli, Normal, kl_divergence

from genmodels import strokes
from genmodels.images import from_uint8, from_unit, to_unit
from genmodels.latents import Categorical, LatentSpec, Uniform
from genmodels.latents import Normal as NormalPart
from genmodels.metrics import autoencoding, information, matching, reading
from genmodels.metrics.evaluate import Bar
from genmodels.metrics.shape import slant, thickness, width
from genmodels.metrics.sweep import sweep
from genmodels.model import Codes, GenerativeModel, Posterior
from genmodels.models.cvae import CVAE


def bar(half: float = 1.5, lean: float = 0.0, height: int = 20) -> np.ndarray:
    """An upright bar [28, 28], 2 ``half`` pixels wide, that leans ``lean`` pixels to the right a pixel upwards."""
    y, x = np.mgrid[:28, :28] - 13.5
    inside = np.clip(half + 0.5 - abs(x + lean * y), 0, 1) * (abs(y) < height / 2)
    return (255 * inside).round().astype(np.uint8)


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return np.stack([strokes.draw_digit(i % 10, i) for i in range(40)])


# Shape


@pytest.mark.parametrize("lean", [-0.4, 0, 0.2, 0.5])
def test_slant_of_a_leaning_bar(lean):
    assert slant(bar(lean=lean)[None])[0] == pytest.approx(lean, abs=0.02)


def test_slant_knows_no_place(digits):
    moved = np.roll(np.pad(digits, ((0, 0), (8, 8), (8, 8))), (3, -4), (1, 2))
    assert slant(moved) == pytest.approx(slant(digits))
    assert slant(digits[:, :, ::-1]) == pytest.approx(-slant(digits))


@pytest.mark.parametrize("half", [1, 1.5, 2.5])
def test_thickness_of_a_bar_is_twice_its_area_over_its_perimeter(half):
    area, perimeter = 2 * half * 20, 2 * (2 * half + 20)
    assert thickness(bar(half)[None])[0] == pytest.approx(2 * area / perimeter, rel=0.05)


def test_thickness_grows_with_dilation(digits):
    cross = ndimage.generate_binary_structure(2, 1)
    thicker = np.stack([ndimage.grey_dilation(image, footprint=cross) for image in digits])
    thinner = np.stack([ndimage.grey_erosion(image, footprint=cross) for image in digits])
    assert (thinner.any((1, 2))).all()
    assert (thickness(thinner) < thickness(digits)).all() and (thickness(digits) < thickness(thicker)).all()


def test_width_is_that_of_the_bounding_box():
    assert width(np.stack([bar(2), bar(5), np.zeros((28, 28), np.uint8)])).tolist() == [4, 10, 0]


def test_a_blank_picture_has_no_shape():
    blank = np.zeros((2, 28, 28), np.uint8)
    assert [measure(blank).tolist() for measure in (slant, thickness, width)] == [[0, 0]] * 3


# The judge


class FakeJudge:
    """Reads the class that the brightness of the picture's corner says."""

    def classify(self, x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.one_hot((to_unit(x[:, 0, 0, 0]) * 255).round().long(), 10).float()


def test_agreement_and_shares_with_a_fake_judge():
    images = np.zeros((40, 28, 28), np.uint8)
    images[:, 0, 0] = np.arange(40) % 4  # draws 0 to 3 whatever is asked
    read = reading.read(FakeJudge(), images)
    assert read.tolist() == images[:, 0, 0].tolist()
    assert reading.agreement(read, torch.arange(40) % 4) == 1
    assert reading.agreement(read, torch.zeros(40, dtype=torch.int64)) == 0.25
    assert reading.class_shares(read, 10) == [0.25] * 4 + [0] * 6


# Matching


def test_confusion_counts_each_pair():
    codes, labels = torch.tensor([0, 0, 1, 2, 2, 2]), torch.tensor([1, 1, 0, 1, 2, 2])
    assert matching.confusion(codes, labels, 3, 4).tolist() == [[0, 2, 0, 0], [1, 0, 0, 0], [0, 1, 2, 0]]


def test_match_is_the_best_of_all_permutations():
    rng = np.random.default_rng(0)
    for _ in range(20):
        counts = rng.integers(0, 50, (5, 5))
        best = max(counts[range(5), order].sum() for order in itertools.permutations(range(5)))
        classes = matching.match(counts)
        assert sorted(classes) == list(range(5)) and counts[range(5), classes].sum() == best
        assert matching.error(counts, classes) == pytest.approx(1 - best / counts.sum())


def test_match_undoes_a_renaming_and_leaves_out_codes_too_many():
    labels = torch.arange(1000) % 10
    names = torch.randperm(10, generator=torch.Generator().manual_seed(1))
    counts = matching.confusion(names[labels], labels, 12, 10)
    classes = matching.match(counts)
    assert classes[names].tolist() == list(range(10)) and sorted(classes)[:3] == [-1, -1, 0]
    assert matching.error(counts, classes) == 0


# Information


def test_code_bound_of_a_perfect_and_of_a_blind_reader():
    c = torch.arange(100) % 10
    assert information.code_bound(100 * torch.nn.functional.one_hot(c, 10).float(), c) == pytest.approx(math.log(10))
    assert information.code_bound(torch.zeros(100, 10), c) == pytest.approx(0)


def test_recognise_takes_rows_apart():
    class Fake:
        latent = LatentSpec((Categorical("c1", 10, False), Uniform("c2", 1), Uniform("c3", 1)))

        def recognise(self, x: torch.Tensor) -> Codes:
            return Codes(FakeJudge().classify(x), x[:, 0, 1, :2])

    images = np.zeros((20, 28, 28), np.uint8)
    images[:, 0, 0], images[:, 1, 1] = np.arange(20) % 10, np.arange(20)
    codes = information.recognise(Fake(), images)
    assert codes.logits.argmax(1).tolist() == images[:, 0, 0].tolist()
    assert (codes.continuous == from_uint8(images)[:, 0, 1, :2]).all()


# Autoencoding


@pytest.fixture(scope="module")
def cvae() -> CVAE:
    return build("cvae", **narrow("cvae")).eval()


def test_encode_gives_the_posterior_of_each_row(cvae, digits):
    labels = torch.arange(40) % 10
    posterior, plain = autoencoding.encode(cvae, digits, labels), cvae.encode(from_uint8(digits), labels)
    for ours, theirs in ((posterior.mu, plain.mu), (posterior.logvar, plain.logvar)):
        assert torch.allclose(ours, theirs, atol=1e-5)
    one = autoencoding.encode(cvae, digits[33:34], labels[33:34])
    assert torch.equal(one.mu[0], posterior.mu[33])


def test_reconstruction_mse_is_on_the_unit_scale(digits):
    class Grey:
        def decode(self, z: torch.Tensor, c: torch.Tensor | None = None) -> torch.Tensor:
            return from_unit(z[:, :1, None, None].expand(-1, 1, 28, 28))

    mu = torch.linspace(0, 1, 40)[:, None]
    expected = ((digits / 255 - np.linspace(0, 1, 40)[:, None, None]) ** 2).mean()
    mse = autoencoding.reconstruction_mse(Grey(), torch.from_numpy(digits), Posterior(mu, mu))
    assert mse == pytest.approx(expected, rel=1e-5)


@torch.no_grad()
def test_elbo_against_torch_distributions(cvae, digits):
    labels, images = (torch.arange(40) % 10)[:16], torch.from_numpy(digits[:16])  # 16 rows: one chunk, one draw
    posterior = autoencoding.encode(cvae, images, labels)
    q = Normal(posterior.mu, (0.5 * posterior.logvar).exp())
    torch.manual_seed(5)
    z = q.mean + q.stddev * torch.randn_like(q.mean)
    likelihood = Bernoulli(logits=cvae.decoder(z, labels), validate_args=False).log_prob(to_unit(from_uint8(images)))
    expected = likelihood.flatten(1).sum(1).mean() - kl_divergence(q, Normal(0.0, 1.0)).sum(1).mean()
    before = torch.get_rng_state()
    assert autoencoding.elbo(cvae, images, posterior, labels, seed=5) == pytest.approx(expected.item(), rel=1e-5)
    assert torch.equal(before, torch.get_rng_state())


def test_usage_and_active_units_of_a_posterior_that_is_known():
    """Three latents: unused, moved a little, moved by the whole prior."""
    spread = torch.tensor([0.0, 0.3, 1.0])
    mu = torch.randn(20_000, 3, generator=torch.Generator().manual_seed(0)) * spread
    logvar = (1 - spread.square()).clamp_min(1e-3).log().expand_as(mu)
    usage = autoencoding.usage(Posterior(mu, logvar))
    expected = kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)).mean(0)
    assert autoencoding.active_units(mu) == 2
    assert usage["kl"] == pytest.approx(expected.tolist(), abs=1e-3)
    assert usage["order"] == [2, 1, 0]
    assert usage["range"][0] == [0, 0] and usage["range"][2] == pytest.approx([-2.33, 2.33], abs=0.1)


# Sweeps and bars


class Bars(GenerativeModel):
    """c2 leans a bar to the left, c3 thickens it, the noise changes its height: what a sweep should find."""

    latent = LatentSpec((Categorical("c1", 10, False), Uniform("c2", 1), Uniform("c3", 1), NormalPart("noise", 2)))

    def __init__(self) -> None:
        torch.nn.Module.__init__(self)

    def sample(self, z: torch.Tensor, c: torch.Tensor | None = None) -> torch.Tensor:
        rows = [bar(1.5 + 0.3 * c3, -0.1 * c2, 18 + round(noise)) for c2, c3, noise, _ in z.tolist()]
        return from_uint8(np.stack(rows))


def test_sweep_finds_what_each_code_moves():
    lean, weight = sweep(Bars(), seed=0, count=20)
    assert (lean["name"], lean["moves"], weight["name"], weight["moves"]) == ("c2", "slant", "c3", "thickness")
    assert lean["spearman"] < -0.9 and weight["spearman"] > 0.9
    assert lean["low"] == pytest.approx(0.2, abs=0.02) and lean["high"] == pytest.approx(-0.2, abs=0.02)
    assert weight["low"] < weight["high"]


def test_bars_include_their_bound():
    assert Bar(least=0.98).reached(0.98) and not Bar(least=0.98).reached(0.9799) and str(Bar(least=0.98)) == ">= 0.98"
    assert Bar(most=0.05).reached(0.05) and not Bar(most=0.05).reached(0.0501) and str(Bar(most=0.05)) == "<= 0.05"
