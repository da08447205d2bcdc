"""Each measure against an oracle: a closed form, a brute force, or a fake whose answer is known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from conftest import build, narrow
from scipy import integrate, linalg, ndimage
from torch.distributions import Bernoulli, Normal, kl_divergence

from genmodels import checkpoint, strokes
from genmodels.data import Pictures
from genmodels.images import from_uint8, from_unit, to_unit
from genmodels.latents import Categorical, LatentSpec, Uniform
from genmodels.latents import Normal as NormalPart
from genmodels.metrics import (
    autoencoding,
    classifiers,
    copies,
    evaluate,
    features,
    frechet,
    information,
    kernel,
    likelihood,
    manifold,
    matching,
    neighbours,
    parzen,
    reading,
)
from genmodels.metrics.controls import CONTROLS
from genmodels.metrics.report import Bar
from genmodels.metrics.shape import PROPERTIES, height, loop, slant, thickness, width
from genmodels.metrics.sweep import sweep
from genmodels.model import Codes, Elbo, GenerativeModel, Posterior
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


def test_height_is_that_of_the_bounding_box():
    assert [height(bar(height=h)[None])[0] for h in (10, 20)] == [10, 20]


def test_loop_counts_the_paper_that_ink_encloses():
    picture = np.zeros((4, 28, 28), np.uint8)
    picture[0, 5:15, 5:12] = 255
    picture[0, 7:13, 7:10] = 0  # 6 by 3 of paper
    picture[1] = picture[0]
    picture[1, 5, 8] = picture[1, 6, 8] = 0  # opened
    picture[2] = picture[0]
    picture[2, 16:20, 5:9], picture[2, 17:19, 6:8] = 255, 0  # and a second one, 2 by 2
    picture[3, 0:3, 0:3], picture[3, 1, 1] = 255, 0  # at the edge
    assert loop(picture).tolist() == [18, 0, 22, 1]


def test_a_blank_picture_has_no_shape():
    blank = np.zeros((2, 28, 28), np.uint8)
    assert [measure(blank).tolist() for measure in PROPERTIES.values()] == [[0, 0]] * 5


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


# Sweeps


class Bars(GenerativeModel):
    """c2 leans a bar to the left, c3 thickens it, the noise changes its height: what a sweep should find."""

    latent = LatentSpec((Categorical("c1", 10, False), Uniform("c2", 1), Uniform("c3", 1), NormalPart("noise", 2)))

    def __init__(self) -> None:
        torch.nn.Module.__init__(self)

    def sample(self, z: torch.Tensor, c: torch.Tensor | None = None) -> torch.Tensor:
        rows = [bar(1.5 + 0.6 * c3, -0.2 * c2, 18 + round(noise)) for c2, c3, noise, _ in z.tolist()]
        return from_uint8(np.stack(rows))


class BlindJudge:
    """Reads a 7 in everything leaning to the right, else a 1."""

    def classify(self, x: torch.Tensor) -> torch.Tensor:
        leans = torch.from_numpy(slant((255 * to_unit(x)[:, 0]).byte().numpy())) > 0.15
        return torch.nn.functional.one_hot(torch.where(leans, 7, 1), 10).float()


def test_sweep_finds_what_each_code_moves():
    lean, weight = (sweep(Bars(), column, BlindJudge(), seed=0, count=20) for column in (0, 1))
    assert (lean["property"], weight["property"]) == ("slant", "thickness")
    assert lean["spearman"] == pytest.approx(-1) and weight["spearman"] > 0.97
    assert lean["low"] == pytest.approx(0.2, abs=0.02) and lean["high"] == pytest.approx(-0.2, abs=0.02)
    assert weight["low"] < weight["high"] and lean["correlations"]["hole area"] == 0
    assert lean["class_consistency"] == 0 and weight["class_consistency"] == 1  # c2 alone leans it


# Sets of pictures


def cloud(n: int, seed: int, shift: float = 0.0, spread: float = 1.0) -> torch.Tensor:
    """Normal points [n, 6] about ``shift``."""
    return shift + spread * torch.randn(n, 6, generator=torch.Generator().manual_seed(seed)).double()


def test_frechet_distance_of_two_gaussians_that_are_known():
    assert frechet.distance(cloud(500, 0), cloud(500, 0)) == pytest.approx(0, abs=1e-9)
    # |2|^2 a dimension, and (1 - 3)^2 of the deviations a dimension: 6 * (4 + 4)
    assert frechet.distance(cloud(50_000, 0), cloud(50_000, 1, 2.0, 3.0)) == pytest.approx(48, rel=0.02)


def test_frechet_distance_against_the_matrix_square_root():
    mix = torch.randn(6, 6, generator=torch.Generator().manual_seed(3)).double()
    a, b = cloud(300, 0), cloud(200, 1) @ mix
    root = linalg.sqrtm(np.cov(a.T) @ np.cov(b.T)).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(np.cov(a.T) + np.cov(b.T) - 2 * root)
    assert frechet.distance(a, b) == pytest.approx(float(expected))
    assert frechet.distance(b, a) == pytest.approx(float(expected))


def test_frechet_interval_holds_the_distance():
    a, b = cloud(2_000, 0), cloud(2_000, 1, 0.5)
    low, high = frechet.interval(a, b, 100)
    assert low < 6 * 0.25 < high < 2 and low > 1
    assert (low, high) == frechet.interval(a, b, 100)


def test_kernel_distance_is_unbiased():
    same = [kernel.distance(cloud(60, 2 * i), cloud(60, 2 * i + 1)) for i in range(200)]
    error = np.std(same) / math.sqrt(200)
    assert abs(np.mean(same)) < 3 * error and min(same) < 0
    assert kernel.distance(cloud(200, 0), cloud(200, 1, 1.0)) > 20 * np.std(same)


def test_kernel_distance_by_brute_force():
    a, b = cloud(7, 0).numpy(), cloud(5, 1, 0.3).numpy()

    def mean(x: np.ndarray, y: np.ndarray, alike: bool) -> float:
        pairs = [(i, j) for i in range(len(x)) for j in range(len(y)) if not alike or i != j]
        return np.mean([(x[i] @ y[j] / 6 + 1) ** 3 for i, j in pairs])

    expected = mean(a, a, True) + mean(b, b, True) - 2 * mean(a, b, False)
    assert kernel.distance(torch.from_numpy(a), torch.from_numpy(b)) == pytest.approx(expected, abs=1e-6)


def test_manifold_by_brute_force():
    real, fake, k = cloud(40, 0).numpy(), cloud(30, 1, 0.8).numpy(), 5

    def radius(points: np.ndarray, i: int) -> float:
        return sorted(np.linalg.norm(points - points[i], axis=1))[k]

    inside = np.array([[np.linalg.norm(r - f) < radius(real, i) for f in fake] for i, r in enumerate(real)])
    recalled = [any(np.linalg.norm(r - f) < radius(fake, j) for j, f in enumerate(fake)) for r in real]
    found = manifold.compare(torch.from_numpy(real), torch.from_numpy(fake), k)
    assert found.density == pytest.approx(inside.sum() / k / len(fake))
    assert found.coverage == pytest.approx(inside.any(1).mean())
    assert found.precision == pytest.approx(inside.any(0).mean())
    assert found.recall == pytest.approx(np.mean(recalled))


def test_manifold_tells_fidelity_from_variety():
    real = cloud(1_000, 0)
    narrow_cloud, wide = manifold.compare(real, cloud(1_000, 1, 0, 0.2)), manifold.compare(real, cloud(1_000, 1, 0, 3))
    assert narrow_cloud.density > 1.05 and narrow_cloud.coverage < 0.4
    assert wide.density < 0.3 and wide.precision < 0.3


def test_features_are_the_last_hidden_layer(digits):
    judge = build("cnn", **narrow("cnn")).eval()
    with torch.no_grad():
        expected = judge.head(features.features(judge, digits).float())
        assert torch.allclose(expected, judge.classify(from_uint8(digits)), atol=1e-4)


def test_nearest_by_brute_force(digits):
    points, among = copies.flat(digits[:9]), copies.flat(digits[9:])
    distance, which = copies.nearest(points, among, rows=4)
    for i, point in enumerate(points):
        every = (among - point).norm(dim=1)
        assert which[i] == every.argmin() and distance[i] == pytest.approx(every.min().item(), abs=1e-3)


def test_copies_are_seen_and_fresh_points_are_not():
    training, held_out, fresh = cloud(600, 0), cloud(600, 1), cloud(600, 2)

    def copied(samples):
        return copies.copied(copies.nearest(samples, training)[0], copies.nearest(held_out, training)[0])

    def preference(samples, known):
        chance = len(known) / (len(known) + len(held_out))
        return copies.preference(copies.nearest(samples, known)[0], copies.nearest(samples, held_out)[0], chance)

    assert copied(fresh) < 0.04 and abs(preference(fresh, training)) < 0.12
    assert copied(training[:100]) == 1 and preference(training[:100], training) == 1
    blurred = fresh * 0.5  # nearer to everything, copied from nothing
    assert copied(blurred) > 0.04 and abs(preference(blurred, training[:300])) < 0.12


def test_neighbour_error_with_the_digits_themselves(digits):
    labels = torch.arange(40) % 10
    real = Pictures(torch.from_numpy(digits), labels)
    assert neighbours.error(digits, labels, real) == 0
    assert neighbours.error(digits, (labels + 1) % 10, real) == 1


def test_parzen_density_against_torch_distributions():
    points, centres, sigma = cloud(7, 0).float(), cloud(9, 1).float(), 0.5
    each = Normal(centres[None], sigma).log_prob(points[:, None]).sum(-1)
    expected = (each.logsumexp(1) - math.log(9)).mean().item()
    assert parzen.log_likelihoods(points, centres, [sigma], rows=3)[0] == pytest.approx(expected, rel=1e-4)
    best = max(parzen.log_likelihoods(points, centres, parzen.WIDTHS))
    assert parzen.score(points, points, centres)[0] == pytest.approx(best)


def test_a_point_is_no_parzen_centre_of_its_own():
    """Else digits that are samples and choose the width as well would choose the narrowest."""
    points = cloud(40, 0).float()
    rest = [torch.cat([points[:i], points[i + 1 :]]) for i in range(40)]
    others = [parzen.log_likelihoods(points[i : i + 1], rest[i], [0.5])[0] for i in range(40)]
    alone = parzen.log_likelihoods(points, points, [0.5])[0]
    assert alone == pytest.approx(np.mean(others) + math.log(39 / 40), rel=1e-4)


def test_parzen_rewards_blur():
    """What Theis et al. 2016 warn of: the mean of two digits can beat the digits themselves."""
    drawn = np.stack([strokes.draw_digit(i % 10, 100 + i) for i in range(600)])
    soft = ndimage.gaussian_filter(drawn.astype(np.float32), (0, 1, 1)).astype(np.uint8)
    test, chosen = copies.flat(drawn[:200]), copies.flat(drawn[200:300])
    sharp, blurred = (parzen.score(test, chosen, copies.flat(s[300:]))[0] for s in (drawn, soft))
    assert blurred > sharp


def test_a_network_tells_noise_from_digits_and_not_digits_from_digits():
    drawn = np.stack([strokes.draw_digit(i % 10, 200 + i) for i in range(400)])
    noisy = np.clip(drawn[:200].astype(int) + np.random.default_rng(0).integers(0, 60, (200, 28, 28)), 0, 255)
    assert classifiers.two_sample(drawn[200:], noisy.astype(np.uint8), 40) > 0.9
    assert classifiers.two_sample(drawn[200:], drawn[:200], 40) < 0.65


def test_accuracy_score_falls_with_wrong_labels():
    labels = torch.arange(400) % 10
    drawn = np.stack([strokes.draw_digit(int(y), 200 + i) for i, y in enumerate(labels)])
    real = Pictures(torch.from_numpy(drawn[300:]), labels[300:])
    right = classifiers.accuracy_score(drawn[:300], labels[:300], real, 30)
    wrong = classifiers.accuracy_score(drawn[:300], (labels[:300] + 3) % 10, real, 30)
    assert right > 0.7 and wrong < 0.2


# Likelihood


def test_binarised_digits(digits):
    images = torch.from_numpy(digits)
    dynamic, static = (likelihood.binarise(images, how, seed=3) for how in ("dynamic", "static"))
    assert torch.equal(static[:, 0], (images >= 128).float()) and set(dynamic.unique().tolist()) == {0, 1}
    mean = torch.stack([likelihood.binarise(images, "dynamic", seed) for seed in range(400)]).mean(0)
    assert (mean[:, 0] - images / 255).abs().max() < 0.13
    assert torch.equal(dynamic, likelihood.binarise(images, "dynamic", seed=3))
    with pytest.raises(ValueError, match="dynamic or static"):
        likelihood.binarise(images, "none")


class OneLatent:
    """Every pixel is white with chance sigmoid(2 z); q is deliberately not the posterior. p(x) by quadrature."""

    def encode(self, x: torch.Tensor, c: torch.Tensor | None = None) -> Posterior:
        mean = to_unit(x).flatten(1).mean(1, keepdim=True) - 0.3
        return Posterior(mean, torch.full_like(mean, 0.3))

    def elbo(self, x: torch.Tensor, z: torch.Tensor, posterior: Posterior, c: torch.Tensor | None = None) -> Elbo:
        chance = Bernoulli(logits=2 * z)
        nats = -chance.log_prob(to_unit(x).flatten(1)[:, :4]).sum(1)
        return Elbo(nats, torch.zeros(len(x)))

    def density(self, white: float) -> float:
        def integrand(z: float) -> float:
            p = 1 / (1 + math.exp(-2 * z))
            return p ** white * (1 - p) ** (4 - white) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        return math.log(integrate.quad(integrand, -8, 8)[0])


def test_log_likelihood_against_quadrature():
    binary = torch.zeros(3, 1, 28, 28)
    binary[1, 0, 0, :2], binary[2, 0, 0, :4] = 1, 1
    model = OneLatent()
    exact = [model.density(white) for white in (0, 2, 4)]
    assert likelihood.log_likelihood(model, binary, 40_000) == pytest.approx(exact, abs=0.02)
    few = np.mean([likelihood.log_likelihood(model, binary, 1, seed=seed) for seed in range(300)], 0)
    some = np.mean([likelihood.log_likelihood(model, binary, 5, seed=seed) for seed in range(300)], 0)
    assert (few < some).all() and (some < np.array(exact)).all()  # the bound rises with the draws
    assert likelihood.log_likelihood(model, binary, 700)[1] == likelihood.log_likelihood(model, binary[[0, 1]], 700)[1]


# Controls


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, float]]:
    """Every figure of every control, on drawn digits."""
    sets, start = {}, 0
    for split, n in (("train", 600), ("validation", 300), ("test", 300)):
        labels = torch.arange(n) % 10
        drawn = np.stack([strokes.draw_digit(int(y), start + i) for i, y in enumerate(labels)])
        sets[split], start = Pictures(torch.from_numpy(drawn), labels), start + n
    judge, card = checkpoint.load("cnn")
    counts = evaluate.Protocol(samples=300, manifold=300, resamples=5, two_sample_steps=3, score_samples=300,
                               score_steps=5, copies=300, window=300)
    bench = evaluate.Bench(judge, card, sets.__getitem__, counts)
    return {name: {key: figure["value"] for key, figure in
                   evaluate.evaluate(evaluate.control_subject(bench, name)).figures.items()} for name in CONTROLS}


REJECTED_BY = {  # control: what sees through it, and what does not
    "copies": (lambda f: f["copy_rate"] == 1 and f["data_copying_score"] > 0.9, lambda f: f["coverage"] > 0.85),
    "blurred": (lambda f: f["recall"] < 0.4 and f["frechet_distance"] > 2, lambda f: f["class_kl"] < 0.1),
    "class-means": (lambda f: f["coverage"] < 0.1 and f["recall"] < 0.1, lambda f: f["conditional_accuracy"] > 0.85),
    "one-class": (lambda f: f["class_kl"] > 1.5 and f["coverage"] < 0.3, lambda f: f["conditional_accuracy"] > 0.85),
}


@pytest.mark.parametrize("name", REJECTED_BY)
def test_a_control_is_seen_through(rows, name):
    """By the first measures, which real digits pass; the second ones alone would let it through."""
    seen_through, fooled = REJECTED_BY[name]
    assert seen_through(rows[name]) and not seen_through(rows["real"])
    assert fooled(rows[name]) and fooled(rows["real"])


def test_every_control_but_the_real_one_is_rejected():
    assert set(REJECTED_BY) == set(CONTROLS) - {"real"}


# Bars


def test_bars_include_their_bound():
    assert Bar(least=0.98).reached(0.98) and not Bar(least=0.98).reached(0.9799) and str(Bar(least=0.98)) == ">= 0.98"
    assert Bar(most=0.05).reached(0.05) and not Bar(most=0.05).reached(0.0501) and str(Bar(most=0.05)) == "<= 0.05"
