"""Measure a checkpoint and write what was found into its card: the figures, and what its latents mean.

Figures are of real pictures of the ``test`` split, or of the very samples that ``python -m genmodels sample`` writes;
whatever is chosen or matched is so on ``validation`` or ``train``. A classifier, the judge, reads the samples.
"""

from __future__ import annotations

import dataclasses
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
from genmodels.metrics import autoencoding, information, matching, reading
from genmodels.metrics.sweep import sweep
from genmodels.model import CanClassify, CanEncode, CanRecognise, CanScore, GenerativeModel, Model, Posterior

SCORED = 2_000  # real pictures that make the scale of a discriminator's logits
CODE_SAMPLES = 200  # a value of the categorical code, to see which digit it draws


@dataclass(frozen=True)
class Bar:
    """What a figure should reach: at least ``least``, at most ``most``."""

    least: float = -float("inf")
    most: float = float("inf")

    def reached(self, value: float) -> bool:
        return self.least <= value <= self.most

    def __str__(self) -> str:
        return f">= {self.least:g}" if self.least > -float("inf") else f"<= {self.most:g}"


BARS: dict[tuple[str, str], Bar] = {  # (checkpoint, figure)
    ("cnn", "test_accuracy"): Bar(least=0.993),
    ("dcgan", "class_min"): Bar(least=0.06),
    ("dcgan", "class_max"): Bar(most=0.14),
    ("cgan", "label_agreement"): Bar(least=0.98),
    ("infogan", "code_error"): Bar(most=0.05),
    ("vae", "reconstruction_mse"): Bar(most=0.010),
    ("cvae", "label_agreement"): Bar(least=0.95),
}

HEADLINES = ("test_accuracy", "label_agreement", "code_error", "code_bound", "reconstruction_mse", "elbo", "class_min",
             "class_max")  # what says most of a model comes first
HEADER = ("checkpoint", "figure", "value", "n", "bar", "reached")


class JudgeError(ValueError):
    """The judge does not know the classes of the samples that it should read."""


@dataclass
class Subject:
    """A checkpoint under measurement, and what its measures share."""

    model: Model
    card: Card
    judge: CanClassify
    judge_card: Card
    data: Callable[[str], Pictures]  # by split, of the data set that the model learnt from
    n: int = 10_000  # samples to draw
    seed: int = 0  # of the samples
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)
    latent: dict[str, Any] = field(default_factory=dict)

    def record(self, key: str, value: float | list[float], n: int, what: str, **facts: Any) -> None:
        self.figures[key] = {"value": value, "n": n, **facts, "what": what}

    @property
    def classes(self) -> int:
        return len(self.card.dataset["classes"])

    @property
    def judged(self) -> dict[str, Any]:
        """The facts of a figure of samples that the judge has read."""
        return {"seed": self.seed, "judge": self.judge_card.weights_sha256[:12]}

    @cached_property
    def latents(self) -> Latents:
        drawn, part = self.model.latent.draw(self.seed, range(self.n)), self.model.latent.categorical
        if part and part.is_label:
            return Latents(drawn.z, torch.arange(self.n) % part.classes)
        return drawn

    @cached_property
    def samples(self) -> np.ndarray:
        """uint8 [n, 28, 28], rounded as in a file."""
        return to_uint8(self.model.generate(self.latents))

    @cached_property
    def read(self) -> Tensor:
        """The class that the judge reads in each sample, int64 [n]."""
        return reading.read(self.judge, self.samples)

    def encoded(self, split: str) -> tuple[Pictures, Tensor | None, Posterior]:
        """A split, the labels for a model that wants them, and the posteriors of its pictures."""
        pictures = self.data(split)
        labels = pictures.labels if self.model.latent.categorical else None
        return pictures, labels, autoencoding.encode(self.model, pictures.images, labels)


def accuracy(subject: Subject) -> None:
    for split in ("validation", "test"):
        pictures = subject.data(split)
        value = reading.agreement(reading.read(subject.model, pictures.images), pictures.labels)
        subject.record(f"{split}_accuracy", round(value, 4), len(pictures), "share of pictures read as their label",
                       split=split)


def class_shares(subject: Subject) -> None:
    shares = [round(share, 4) for share in reading.class_shares(subject.read, subject.classes)]
    for key, value, what in (("class_shares", shares, "each class"), ("class_min", min(shares), "the rarest class"),
                             ("class_max", max(shares), "the commonest class")):
        subject.record(key, value, subject.n, f"share of {what} among the samples, as the judge reads them",
                       **subject.judged)


def label_agreement(subject: Subject) -> None:
    value = reading.agreement(subject.read, subject.latents.c)
    subject.record("label_agreement", round(value, 4), subject.n, "share of samples read as the label asked for",
                   **subject.judged)


def code_error(subject: Subject) -> None:
    categories, counts = subject.model.latent.categorical.classes, {}
    for split in ("validation", "test"):
        pictures = subject.data(split)
        codes = information.recognise(subject.model, pictures.images).logits.argmax(1)
        counts[split] = matching.confusion(codes, pictures.labels, categories, subject.classes)
    value = matching.error(counts["test"], matching.match(counts["validation"]))
    subject.record("code_error", round(float(value), 4), int(counts["test"].sum()), "share of pictures whose category, "
                   "as the model's own Q reads it, is not the one matched with their label on the validation split",
                   split="test")


def code_bound(subject: Subject) -> None:
    logits = information.recognise(subject.model, subject.samples).logits
    subject.record("code_bound", round(information.code_bound(logits, subject.latents.c), 3), subject.n, "nats of the "
                   "categorical code that Q reads back from the samples, a lower bound on their mutual information",
                   seed=subject.seed)


def code_meaning(subject: Subject) -> None:
    """``category_digit``: the digit that each category draws; ``continuous``: what the other codes move."""
    model = subject.model
    z = model.latent.draw(subject.seed, range(CODE_SAMPLES)).z
    categories = model.latent.categorical.classes
    counts = []
    for category in range(categories):
        pictures = to_uint8(model.generate(Latents(z, torch.full((len(z),), category))))
        counts.append(reading.read(subject.judge, pictures).bincount(minlength=subject.classes).numpy())
    subject.latent["category_digit"] = matching.match(np.stack(counts)).tolist()
    subject.latent["continuous"] = sweep(model, subject.seed)


def score_scale(subject: Subject) -> None:
    """``scores``: percentiles 0, 5, ... 100 of the logits of real pictures, the scale to read one by."""
    pictures = subject.data("validation")
    images, labels = pictures.images[:SCORED], pictures.labels[:SCORED]
    part = subject.model.latent.categorical
    scores = reading.score(subject.model, images, labels if part and part.is_label else None)
    subject.latent["scores"] = np.percentile(scores.numpy(), range(0, 101, 5)).round(3).tolist()


def autoencoder(subject: Subject) -> None:
    model = subject.model
    pictures, labels, posterior = subject.encoded("test")
    mse = autoencoding.reconstruction_mse(model, pictures.images, posterior, labels)
    bound = autoencoding.elbo(model, pictures.images, posterior, labels, subject.seed)
    subject.record("reconstruction_mse", round(mse, 5), len(pictures),
                   "squared error a pixel, on [0, 1], of decoding the posterior mean", split="test")
    subject.record("elbo", round(bound, 2), len(pictures), "evidence lower bound in nats a picture, one draw, grey "
                   "levels taken as probabilities", split="test", seed=subject.seed)


def latent_usage(subject: Subject) -> None:
    pictures, _, posterior = subject.encoded("validation")
    subject.record("active_units", autoencoding.active_units(posterior.mu), len(pictures),
                   f"latents of {subject.model.latent.dim} whose posterior mean varies by more than 0.01",
                   split="validation")
    pictures, _, posterior = subject.encoded("train")
    subject.latent |= autoencoding.usage(posterior) | {"split": "train", "pictures": len(pictures)}


def measures(model: Model) -> list[Callable[[Subject], None]]:
    """What there is to measure of a model, by what it can do."""
    found = []
    if isinstance(model, CanClassify):
        found += [accuracy]
    if isinstance(model, GenerativeModel):
        found += [class_shares]
        if (part := model.latent.categorical) and part.is_label:
            found += [label_agreement]
    if isinstance(model, CanRecognise):
        found += [code_error, code_bound, code_meaning]
    if isinstance(model, CanScore):
        found += [score_scale]
    if isinstance(model, CanEncode):
        found += [autoencoder, latent_usage]
    return found


def evaluate(subject: Subject, progress: Callable[[str], None] = lambda measure: None) -> Card:
    """Take every measure of a checkpoint; returns its card with them in it. ``progress`` hears of each as it begins."""
    card, known = subject.card, subject.judge_card.dataset
    if isinstance(subject.model, GenerativeModel) and known["name"] != card.dataset["name"]:
        raise JudgeError(f"{subject.judge_card.name} knows {known['title']} and cannot judge {card.name}, which draws "
                         f"{card.dataset['title']}; give --judge a classifier of that")
    for measure in measures(subject.model):
        progress(measure.__name__)
        measure(subject)
    return dataclasses.replace(card, figures=card.figures | subject.figures, latent=card.latent | subject.latent)


def report(card: Card) -> list[tuple[str, ...]]:
    """The figures of a card as rows under HEADER, then what the continuous codes move."""
    rows = []
    for key, figure in card.figures.items():
        value, bar = figure["value"], BARS.get((card.name, key))
        shown = " ".join(f"{v:.3f}" for v in value) if isinstance(value, list) else f"{value:g}"
        reached = "" if bar is None else "yes" if bar.reached(value) else "NO"
        rows.append((card.name, key, shown, str(figure["n"]), str(bar or ""), reached))
    for code in card.latent.get("continuous", ()):
        rows.append((card.name, f"{code['name']} moves {code['moves']}", f"{code['spearman']:g}", "", "", ""))
    return rows
