"""How many examples naive Bayes and logistic regression need, as in Ng & Jordan 2001 (NeurIPS 14), on three tasks.

The paper finds two regimes: naive Bayes approaches its (higher) error with fewer examples, so that it is ahead at first
and overtaken later. Both models are the registry's; naive Bayes counts, and logistic regression, which the registry's
checkpoint learns in steps, is fitted to convergence. Accuracy is on test images that no fit has seen.

Each draw of examples takes its first m for every m, the same for both models. A band is the 95 % confidence interval of
the mean over the draws (Student's t): it holds how much the draw of the examples matters, for these test images.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from scipy.special import stdtrit
from torch import Tensor

from genmodels.capabilities import HasPixelWeights
from genmodels.data import ImageSplit
from genmodels.images import from_uint8, to_unit
from genmodels.metrics.predictions import accuracy
from genmodels.model import Batch, Model
from genmodels.models.logistic import Logistic
from genmodels.models.naive_bayes import NaiveBayes

SIZES = (10, 30, 100, 300, 1_000, 3_000, 10_000, 50_000)
CELL = 4  # pixels along each side of what one coarse pixel is the mean of
FAINTNESS = 0.35  # share of a class's own probabilities in a faint drawing; the rest is the mean over all classes
TEST_DRAW, TEST_DRAWINGS = 2**31, 10_000  # a draw of its own, for the test images, and how many
MAX_STEPS = 300  # of L-BFGS
CONFIDENCE = 0.95

Data = Callable[[str], ImageSplit]


@dataclass(frozen=True)
class Examples:
    """``draw(k, m)``: m examples of the k-th draw, those of a smaller m first. ``total``: how many there are at all."""

    draw: Callable[[int, int], ImageSplit]
    total: float
    test: ImageSplit


@dataclass(frozen=True)
class Task:
    """``ridge``: half of it times the squared weights is added to logistic regression's summed loss."""

    ridge: float
    draws: int
    prepare: Callable[[Data], Examples]
    sizes: tuple[int, ...] = SIZES


def binary(split: ImageSplit) -> ImageSplit:
    """Black or white: white from half gray upwards."""
    return ImageSplit((split.images >= 128).to(torch.uint8) * 255, split.labels)


def coarse(split: ImageSplit) -> ImageSplit:
    """Means over cells of ``CELL`` x ``CELL`` pixels, as black or white pixels."""
    n, height, width = split.images.shape
    cells = split.images.view(n, height // CELL, CELL, width // CELL, CELL).float().mean((2, 4))
    return binary(ImageSplit(cells, split.labels))


def of_split(features: Callable[[ImageSplit], ImageSplit]) -> Callable[[Data], Examples]:
    """Examples from the training split."""

    def prepare(data: Data) -> Examples:
        train = features(data("train"))

        def draw(k: int, m: int) -> ImageSplit:
            return train[torch.from_numpy(np.random.default_rng(k).permutation(len(train))[:m])]

        return Examples(draw, len(train), features(data("test")))

    return prepare


def faint_drawings(data: Data) -> Examples:
    """Images that naive Bayes draws, of which all that it assumes is true.

    Faint ones, or a few examples would do: the probability of white in a pixel is that of the class mixed with the mean
    over all classes (``FAINTNESS``).
    """
    model = fit_naive_bayes(data("train"))
    height, width = data("train").images.shape[1:]
    own = torch.sigmoid(model.logits)
    white = own.mean(0) + FAINTNESS * (own - own.mean(0))

    def draw(k: int, m: int) -> ImageSplit:
        of_labels, of_pixels = np.random.default_rng([k, 0]), np.random.default_rng([k, 1])
        labels = torch.from_numpy(of_labels.integers(len(white), size=m))
        dice = torch.from_numpy(of_pixels.random((m, height * width), np.float32))
        return ImageSplit((dice < white[labels]).view(m, height, width).to(torch.uint8) * 255, labels)

    return Examples(draw, math.inf, draw(TEST_DRAW, TEST_DRAWINGS))


TASKS = {
    "pixels": Task(1.0, 10, of_split(lambda split: split)),
    "coarse": Task(0.01, 20, of_split(coarse)),
    "drawings": Task(1.0, 20, faint_drawings, SIZES[:-2]),
}


def fit_naive_bayes(split: ImageSplit) -> NaiveBayes:
    """Counts of all examples at once."""
    model = _build(NaiveBayes, split)
    model.train_step(Batch(from_uint8(split.images), split.labels, 0), {})
    return model


def fit_logistic(split: ImageSplit, ridge: float) -> Logistic:
    """The maximum of the penalized likelihood, by L-BFGS (Liu & Nocedal 1989) from weights of zero."""
    model = _build(Logistic, split)
    x, linear = to_unit(from_uint8(split.images)).flatten(1), model.linear.requires_grad_()
    torch.nn.init.zeros_(linear.weight)
    torch.nn.init.zeros_(linear.bias)
    optimizer = torch.optim.LBFGS(linear.parameters(), max_iter=MAX_STEPS, tolerance_grad=1e-4,
                                  tolerance_change=1e-9, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        found = F.cross_entropy(linear(x), split.labels) + ridge / 2 / len(x) * linear.weight.square().sum()
        found.backward()
        return found

    with torch.enable_grad():
        optimizer.step(loss)
    return model.requires_grad_(False)


def fit_both(split: ImageSplit, ridge: float) -> dict[str, HasPixelWeights]:
    return {"naive_bayes": fit_naive_bayes(split), "logistic": fit_logistic(split, ridge)}


def _build(cls: type[Model], split: ImageSplit) -> Model:
    height, width = split.images.shape[1:]
    return cls(cls.Config(height=height, width=width)).eval()


def band(values: list[float]) -> dict[str, float | None]:
    """The mean, and its confidence interval, which takes two values at least."""
    mean, n = float(np.mean(values)), len(values)
    if n < 2:
        return {"mean": round(mean, 4), "low": None, "high": None}
    reach = float(stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * float(np.std(values, ddof=1)) / math.sqrt(n)
    return {"mean": round(mean, 4), "low": round(mean - reach, 4), "high": round(mean + reach, 4)}


def ahead(naive_bayes: dict[str, float | None], logistic: dict[str, float | None]) -> str | None:
    """Which model is ahead by more than both bands; None where they meet, or where there are none."""
    if None in (naive_bayes["low"], logistic["low"]):
        return None
    if naive_bayes["low"] > logistic["high"]:
        return "naive_bayes"
    return "logistic" if logistic["low"] > naive_bayes["high"] else None


def learning_curves(task: Task, data: Data, max_size: int, max_draws: int,
                    on_size: Callable[[int], None] = lambda m: None) -> dict[str, Any]:
    """The curves of one task: ``points``, for each number of examples how many draws, both bands, and who is ahead."""
    examples, points = task.prepare(data), []
    test = examples.test
    inputs: dict[str, Tensor] = {}  # what each model weighs of the test images
    for m in (size for size in task.sizes if size <= min(max_size, examples.total)):
        on_size(m)
        draws = 1 if m == examples.total else min(task.draws, max_draws)  # of all examples there is one draw
        found: dict[str, list[float]] = {"naive_bayes": [], "logistic": []}
        for k in range(draws):
            for name, model in fit_both(examples.draw(k, m), task.ridge).items():
                weights = model.pixel_weights()
                if name not in inputs:
                    inputs[name] = weights.inputs(from_uint8(test.images))
                found[name].append(accuracy(weights.logits(inputs[name]).argmax(1), test.labels))
        bands = {name: band(values) for name, values in found.items()}
        points.append({"m": m, "draws": draws, **bands, "ahead": ahead(**bands)})
    return {"image_size": list(test.images.shape[1:]), "ridge": task.ridge, "n_test": len(test), "points": points}
