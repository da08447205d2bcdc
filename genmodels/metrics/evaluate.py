"""Measure checkpoints and controls by one protocol, and write what was found into the cards.

Figures are of real pictures of the ``test`` split, or of the very samples that ``python -m genmodels sample`` writes;
whatever is chosen or matched is so on ``validation`` or ``train``. A classifier, the judge, reads the samples. Which
measures a checkpoint gets follows from what it can do.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genmodels.checkpoint import Card
from genmodels.data import Pictures
from genmodels.images import to_uint8
from genmodels.latents import Latents
from genmodels.metrics import (
    autoencoding,
    classifiers,
    controls,
    copies,
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
from genmodels.metrics.sweep import sweep
from genmodels.model import CanClassify, CanEncode, CanRecognise, CanScore, GenerativeModel, Model, Posterior

SCORED = 2_000  # real pictures that make the scale of a discriminator's logits
STRONGEST = 8  # latents of an autoencoder that are swept
TIMED = 256  # samples that a timing takes


@dataclass(frozen=True)
class Protocol:
    """How much is measured. A figure's card says which of these counts stand behind it."""

    samples: int = 10_000  # of each model
    manifold: int = 5_000  # real and generated pictures each, for density, coverage, precision and recall
    resamples: int = 100  # of the bootstrap
    two_sample_steps: int = 600  # of the classifier that tells real from generated
    score_samples: int = 50_000  # that a classifier, and the nearest neighbour, learn digits from
    score_steps: int = 800  # of that classifier
    copies: int = 10_000  # samples whose nearest training digit is looked for
    window: int = 10_000  # test digits whose density under the samples is taken
    encoded: int = 50_000  # training digits by which a latent's use is told
    wide: tuple[int, int] = (10_000, 20)  # digits, and importance samples each, of the likelihood
    deep: tuple[int, int] = (100, 5_000)  # the same for what the bound gains by more samples
    static: tuple[int, int] = (1_000, 50)  # the same on digits binarised once for all
    sweeps: int = 500  # pictures in which a latent is moved


FULL = Protocol()
QUICK = Protocol(manifold=2_000, resamples=10, two_sample_steps=60, score_samples=10_000, score_steps=80,
                 copies=500, window=1_000, encoded=5_000, wide=(500, 20), deep=(30, 500), static=(100, 20), sweeps=50)


class JudgeError(ValueError):
    """The judge does not know the classes of the samples that it should read."""


class Bench:
    """What all measurements share: the judge, the real pictures, how much to measure; real features once for all."""

    def __init__(self, judge: CanClassify, judge_card: Card, data: Callable[[str], Pictures], protocol: Protocol = FULL,
                 seed: int = 0) -> None:
        self.judge, self.judge_card, self.data, self.protocol, self.seed = judge, judge_card, data, protocol, seed

    @cached_property
    def features(self) -> Tensor:
        """Of the test split."""
        return features.features(self.judge, self.data("test").images)

    @cached_property
    def training(self) -> Tensor:
        return copies.flat(self.data("train").images)

    @cached_property
    def held_out(self) -> Tensor:
        return copies.flat(self.data("validation").images)

    @cached_property
    def usual_distances(self) -> Tensor:
        """From validation digits to their nearest training digit."""
        return copies.nearest(self.some(self.held_out, self.protocol.copies), self.training)[0]

    def some(self, rows: Any, n: int) -> Any:
        """At most ``n`` rows, drawn by the seed, in order: files are sorted by writer, samples by label."""
        order = np.random.default_rng(self.seed).permutation(len(rows))[:n]
        return rows[np.sort(order)]


@dataclass
class Subject:
    """Samples under measurement and, where they are a model's, the model; figures gather here."""

    bench: Bench
    draw: Callable[[int], tuple[np.ndarray, Tensor | None]]  # n -> uint8 [n, 28, 28], labels int64 [n] asked for
    model: Model | None = None
    card: Card | None = None
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)
    latent: dict[str, Any] = field(default_factory=dict)

    def record(self, key: str, value: float | list[float], n: int, what: str, **facts: Any) -> None:
        self.figures[key] = {"value": value, "n": n, **facts, "what": what}

    @property
    def protocol(self) -> Protocol:
        return self.bench.protocol

    @property
    def judged(self) -> dict[str, Any]:
        """The facts of a figure of samples that the judge has read."""
        return {"seed": self.bench.seed, "classifier": self.bench.judge_card.weights_sha256[:12]}

    @cached_property
    def drawn(self) -> tuple[np.ndarray, Tensor | None]:
        return self.draw(self.protocol.samples)

    @property
    def samples(self) -> np.ndarray:
        """uint8 [n, 28, 28], rounded as in a file."""
        return self.drawn[0]

    @property
    def asked(self) -> Tensor | None:
        """The label that each sample was asked to show, int64 [n]."""
        return self.drawn[1]

    @cached_property
    def read(self) -> Tensor:
        """The class that the judge reads in each sample, int64 [n]."""
        with torch.inference_mode():
            return self.bench.judge.class_logits(self.features.float()).argmax(1)

    @cached_property
    def features(self) -> Tensor:
        return features.features(self.bench.judge, self.samples)

    def encoded(self, split: str, n: int | None = None) -> tuple[Pictures, Tensor | None, Posterior]:
        """A split (or ``n`` of it), the labels for a model that wants them, and the posteriors of its pictures."""
        pictures = self.bench.data(split)
        if n is not None:
            pictures = Pictures(self.bench.some(pictures.images, n), self.bench.some(pictures.labels, n))
        labels = pictures.labels if self.model.latent.categorical else None
        return pictures, labels, autoencoding.encode(self.model, pictures.images, labels)


# Of samples


def distances(subject: Subject) -> None:
    real, ours, resamples = subject.bench.features, subject.features, subject.protocol.resamples
    low, high = frechet.interval(ours, real, resamples, subject.bench.seed)
    subject.record("frechet_distance", round(frechet.distance(ours, real), 3), len(ours), "Frechet distance to the test digits "
                   "in the judge's features, with a 95 % bootstrap interval", interval=[round(low, 3), round(high, 3)],
                   resamples=resamples, **subject.judged)
    subject.record("kernel_distance", round(1_000 * kernel.distance(ours, real), 3), len(ours), "unbiased kernel distance to "
                   "the test digits in the judge's features, times 1,000", **subject.judged)


def neighbourhoods(subject: Subject) -> None:
    n = subject.protocol.manifold
    found = manifold.compare(subject.bench.some(subject.bench.features, n).float(),
                             subject.bench.some(subject.features, n).float())
    for key, value in dataclasses.asdict(found).items():
        subject.record(key, round(value, 4), n, f"{key} by {manifold.NEIGHBOURS} neighbours in the judge's features, "
                       "against as many test digits", **subject.judged)


def class_shares(subject: Subject) -> None:
    shares = reading.class_shares(subject.read, len(subject.bench.judge_card.dataset["classes"]))
    divergence = sum(share * math.log(share * len(shares)) for share in shares if share)
    subject.record("class_kl", round(divergence, 4), len(subject.samples), "KL divergence in nats of the classes of "
                   "the samples, as the judge reads them, from all alike", **subject.judged)
    shares = [round(share, 4) for share in shares]
    for key, value, what in (("class_histogram", shares, "each class"), ("class_min", min(shares), "the rarest class"),
                             ("class_max", max(shares), "the commonest class")):
        subject.record(key, value, len(subject.samples), f"share of {what} among the samples, as the judge reads them",
                       **subject.judged)


def two_sample(subject: Subject) -> None:
    real = subject.bench.data("test").images
    n = min(len(real), len(subject.samples))
    value = classifiers.two_sample(subject.bench.some(real, n), subject.bench.some(subject.samples, n),
                                   subject.protocol.two_sample_steps, subject.bench.seed)
    subject.record("c2st_accuracy", round(value, 4), 2 * n, "accuracy, on the held-out half, of a small network told to "
                   "tell samples from test digits; 0.5 if it cannot", seed=subject.bench.seed,
                   steps=subject.protocol.two_sample_steps)


def copying(subject: Subject) -> None:
    bench, n = subject.bench, subject.protocol.copies
    samples, test = copies.flat(bench.some(subject.samples, n)), copies.flat(bench.data("test").images)
    distances = copies.nearest(samples, bench.training)[0]
    share = copies.copied(distances, bench.usual_distances)
    subject.record("copy_rate", round(share, 4), n, "share of samples nearer to a training digit than all but 1 % of the "
                   "validation digits are", seed=bench.seed)
    chance = len(bench.training) / (len(bench.training) + len(test))
    value = copies.preference(distances, copies.nearest(samples, test)[0], chance)
    subject.record("data_copying_score", round(value, 4), n, "how much oftener than by chance the digit nearest to a "
                   "sample is a training digit, not a test digit; 0 is chance, 1 always", seed=bench.seed)


def window(subject: Subject) -> None:
    bench = subject.bench
    test, held_out = bench.some(copies.flat(bench.data("test").images), subject.protocol.window), bench.held_out[:1_000]
    value, width = parzen.score(test, held_out, copies.flat(subject.samples))
    subject.record("parzen", round(value, 1), len(subject.samples), "replay: mean log density in nats of the test "
                   "digits under Gaussians at the samples, their width chosen on validation digits; rewards blur",
                   seed=bench.seed, n_test=len(test), bandwidth=round(width, 3))


def as_asked(subject: Subject) -> None:
    value = reading.agreement(subject.read, subject.asked)
    subject.record("conditional_accuracy", round(value, 4), len(subject.samples), "share of samples that the judge reads as "
                   "the label asked for", **subject.judged)
    n, test = subject.protocol.score_samples, subject.bench.data("test")
    samples, labels = subject.drawn if n <= len(subject.samples) else subject.draw(n)
    samples, labels = samples[:n], labels[:n]
    value = classifiers.accuracy_score(samples, labels, test, subject.protocol.score_steps, subject.bench.seed)
    subject.record("cas", round(value, 4), len(samples), "accuracy on the test digits of a classifier that "
                   "learnt from samples alone", seed=subject.bench.seed, steps=subject.protocol.score_steps)
    subject.record("nn_test_error", round(neighbours.error(samples, labels, test), 4), len(samples), "replay: share "
                   "of test digits whose nearest sample was asked for another digit", seed=subject.bench.seed)


# Of models


def accuracy(subject: Subject) -> None:
    for split in ("validation", "test"):
        pictures = subject.bench.data(split)
        value = reading.agreement(reading.read(subject.model, pictures.images), pictures.labels)
        subject.record(f"{split}_accuracy", round(value, 4), len(pictures), "share of pictures read as their label",
                       split=split)


def code_error(subject: Subject) -> None:
    categories, counts = subject.model.latent.categorical.classes, {}
    classes = len(subject.card.dataset["classes"])
    for split in ("validation", "test"):
        pictures = subject.bench.data(split)
        codes = information.recognise(subject.model, pictures.images).logits.argmax(1)
        counts[split] = matching.confusion(codes, pictures.labels, categories, classes)
    value = matching.error(counts["test"], matching.match(counts["validation"]))
    subject.record("clustering_error", round(float(value), 4), int(counts["test"].sum()), "share of pictures whose category, "
                   "as the model's own Q reads it, is not the one matched with their label on the validation split",
                   split="test")


def code_bound(subject: Subject) -> None:
    logits = information.recognise(subject.model, subject.samples).logits
    codes = subject.model.latent.draw(subject.bench.seed, range(len(subject.samples))).c
    subject.record("mi_lower_bound", round(information.code_bound(logits, codes), 3), len(subject.samples), "nats of the "
                   "categorical code that Q reads back from the samples, a lower bound on their mutual information",
                   seed=subject.bench.seed)


def code_digits(subject: Subject) -> None:
    """``category_digit``: the digit that each category draws."""
    model, judge, n = subject.model, subject.bench.judge, subject.protocol.sweeps
    z = model.latent.draw(subject.bench.seed, range(n)).z
    classes = len(subject.card.dataset["classes"])
    counts = []
    for category in range(model.latent.categorical.classes):
        pictures = to_uint8(model.generate(Latents(z, torch.full((n,), category))))
        counts.append(reading.read(judge, pictures).bincount(minlength=classes).numpy())
    subject.latent["category_to_class"] = matching.match(np.stack(counts)).tolist()


def meanings(subject: Subject) -> None:
    """``continuous``: what each code, or each of an autoencoder's strongest latents, changes in the picture."""
    model, spec = subject.model, subject.model.latent
    columns = {part.name: spec.columns(part.name).start for part in spec.continuous if part.dim == 1}
    if isinstance(model, CanEncode):
        columns |= {f"z{column}": column for column in subject.latent["order"][:STRONGEST]}
    subject.latent["traversals"] = [
        {"name": name, **sweep(model, column, subject.bench.judge, subject.bench.seed, subject.protocol.sweeps)}
        for name, column in columns.items()]
    if isinstance(model, CanRecognise):
        found, n = subject.latent["traversals"], subject.protocol.sweeps
        subject.record("code_rank_correlation", min(abs(code["spearman"]) for code in found), n, "rank correlation of a "
                       "continuous code with the property that it moves, of the code where it is weakest",
                       **subject.judged)
        subject.record("class_consistency", min(code["class_consistency"] for code in found), n, "share of sweeps of a continuous "
                       "code that leave the digit as it is, of the code where it is lowest", **subject.judged)


def score_scale(subject: Subject) -> None:
    """``scores``: percentiles 0, 5, ... 100 of the logits of real pictures, the scale to read one by."""
    pictures = subject.bench.data("validation")
    images, labels = pictures.images[:SCORED], pictures.labels[:SCORED]
    part = subject.model.latent.categorical
    scores = reading.score(subject.model, images, labels if part and part.is_label else None)
    subject.latent["score_quantiles"] = np.percentile(scores.numpy(), range(0, 101, 5)).round(3).tolist()


def reconstruction(subject: Subject) -> None:
    pictures, labels, posterior = subject.encoded("test")
    mse = autoencoding.reconstruction_mse(subject.model, pictures.images, posterior, labels)
    bound = autoencoding.elbo(subject.model, pictures.images, posterior, labels, subject.bench.seed)
    subject.record("reconstruction_mse", round(mse, 5), len(pictures),
                   "squared error a pixel, on [0, 1], of decoding the posterior mean", split="test")
    subject.record("elbo", round(bound, 2), len(pictures), "evidence lower bound in nats a picture, one draw, grey "
                   "levels taken as probabilities", split="test", seed=subject.bench.seed)


def latent_usage(subject: Subject) -> None:
    pictures, _, posterior = subject.encoded("validation")
    subject.record("active_units", autoencoding.active_units(posterior.mu), len(pictures),
                   f"latents of {subject.model.latent.dim} whose posterior mean varies by more than 0.01",
                   split="validation")
    pictures, _, posterior = subject.encoded("train", subject.protocol.encoded)
    subject.latent |= autoencoding.usage(posterior) | {"split": "train", "n": len(pictures)}


def log_likelihood(subject: Subject) -> None:
    """By few importance samples on many digits, and what many samples add on few: that gain varies little."""
    bench, seed = subject.bench, subject.bench.seed
    test = bench.data("test")
    rows = bench.some(torch.arange(len(test)), len(test))

    def bounds(how: str, digits: int, draws: int) -> np.ndarray:
        chosen = rows[:: max(1, len(rows) // digits)][:digits]
        labels = test.labels[chosen] if subject.model.latent.categorical else None
        binary = likelihood.binarise(test.images, how, seed)[chosen]
        return likelihood.log_likelihood(subject.model, binary, draws, labels, seed)

    (digits, few), (deep_digits, many) = subject.protocol.wide, subject.protocol.deep
    wide = bounds("dynamic", digits, few)
    gain = bounds("dynamic", deep_digits, many) - bounds("dynamic", deep_digits, few)
    error = math.sqrt(wide.var() / len(wide) + gain.var() / len(gain))
    subject.record("nll", round(float(-wide.mean() - gain.mean()), 2), len(wide), "negative log-likelihood in nats of "
                   f"test digits, dynamically binarised: {few} importance samples on n digits, and what {many} add to "
                   f"that on {deep_digits} of them", split="test", seed=seed, importance_samples=many,
                   standard_error=round(error, 2))
    static = bounds("static", *subject.protocol.static)
    subject.record("nll_static", round(float(-static.mean()), 2), len(static), "the same on digits binarised at half "
                   "grey, an upper bound", split="test", seed=seed, importance_samples=subject.protocol.static[1])


def cost(subject: Subject) -> None:
    latents = subject.model.latent.draw(subject.bench.seed, range(TIMED))
    subject.model.generate(latents[:16])
    began = time.perf_counter()
    subject.model.generate(latents)
    subject.record("ms_per_sample", round(1_000 * (time.perf_counter() - began) / TIMED, 2), TIMED,
                   f"milliseconds a picture in a grid, {torch.get_num_threads()} threads")


def of_samples(labelled: bool) -> list[Callable[[Subject], None]]:
    """The measures that want nothing but pictures and, ``labelled``, what each was asked to show."""
    return [distances, neighbourhoods, class_shares, two_sample, copying, window, *([as_asked] if labelled else [])]


def measures(model: Model) -> list[Callable[[Subject], None]]:
    """What there is to measure of a model, by what it can do."""
    found = []
    if isinstance(model, CanClassify):
        found += [accuracy]
    if isinstance(model, GenerativeModel):
        part = model.latent.categorical
        found += [*of_samples(bool(part and part.is_label)), cost]
    if isinstance(model, CanRecognise):
        found += [code_error, code_bound, code_digits]
    if isinstance(model, CanScore):
        found += [score_scale]
    if isinstance(model, CanEncode):
        found += [reconstruction, latent_usage, log_likelihood]
    if isinstance(model, CanEncode | CanRecognise):
        found += [meanings]
    return found


# What is measured


def checkpoint_subject(bench: Bench, model: Model, card: Card) -> Subject:
    """A checkpoint under measurement; JudgeError where the judge does not know what it draws."""
    known = bench.judge_card.dataset
    if isinstance(model, GenerativeModel) and known["name"] != card.dataset["name"]:
        raise JudgeError(f"{bench.judge_card.name} knows {known['title']} and cannot judge {card.name}, which draws "
                         f"{card.dataset['title']}; give --judge a classifier of that")

    def draw(n: int) -> tuple[np.ndarray, Tensor | None]:
        drawn, part = model.latent.draw(bench.seed, range(n)), model.latent.categorical
        if not (part and part.is_label):
            return to_uint8(model.generate(drawn)), None
        labels = torch.arange(n) % part.classes
        return to_uint8(model.generate(Latents(drawn.z, labels))), labels

    return Subject(bench, draw, model, card)


def control_subject(bench: Bench, name: str) -> Subject:
    """Samples of no model, to be seen through; see ``controls``."""

    def draw(n: int) -> tuple[np.ndarray, Tensor]:
        pictures = controls.CONTROLS[name](bench.data, n)
        return pictures.images.numpy(), pictures.labels

    return Subject(bench, draw)


def evaluate(subject: Subject, progress: Callable[[str], None] = lambda measure: None) -> Subject:
    """Take every measure of a subject; returns it. ``progress`` hears of each measure as it begins."""
    for measure in measures(subject.model) if subject.model else of_samples(labelled=True):
        progress(measure.__name__)
        measure(subject)
    return subject
