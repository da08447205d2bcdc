"""Fits of the learning curves against closed forms, their bands, and who is ahead."""

from __future__ import annotations

import dataclasses

import pytest
import torch
import torch.nn.functional as F
from conftest import synthetic_split

from genmodels.data import ImageSplit
from genmodels.evaluation.learning_curves import (
    FAINTNESS,
    TASKS,
    ahead,
    band,
    coarse,
    fit_logistic,
    fit_naive_bayes,
    learning_curves,
)
from genmodels.images import from_uint8


def pixel_split(rows: list[tuple[int, int, int]]) -> ImageSplit:
    """Images of one pixel: (white or not, label, how many)."""
    images = torch.cat([torch.full((n, 1, 1), 255 * white, dtype=torch.uint8) for white, _, n in rows])
    return ImageSplit(images, torch.cat([torch.full((n,), label) for _, label, n in rows]))


COUNTS = [(0, 0, 30), (0, 1, 10), (1, 0, 15), (1, 1, 45)]


def test_naive_bayes_counts():
    model = fit_naive_bayes(pixel_split(COUNTS))
    white = torch.sigmoid(model.logits[:2, 0])
    assert white.tolist() == pytest.approx([15.5 / 46, 45.5 / 56], abs=1e-3)  # half an image white, half one black
    assert model.log_prior.exp()[:3].tolist() == pytest.approx([46 / 110, 56 / 110, 1 / 110])


def test_logistic_regression_without_a_ridge_gives_the_shares_that_were_seen():
    split = pixel_split(COUNTS)
    model = fit_logistic(split, 1e-6)
    shares = model.classify(from_uint8(torch.tensor([[[0]], [[255]]], dtype=torch.uint8))).softmax(1)
    assert shares[:, 1].tolist() == pytest.approx([10 / 40, 45 / 60], abs=2e-3)


def test_a_ridge_is_at_the_minimum_of_the_penalized_loss():
    split, ridge = synthetic_split(40), 0.5
    model = fit_logistic(split, ridge).requires_grad_()
    weight = model.linear.weight
    loss = F.cross_entropy(model.classify(from_uint8(split.images)), split.labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss + ridge / 2 * weight.square().sum(), weight)
    assert gradient.abs().max() < 0.01 < weight.abs().max()


def test_a_band_is_students_interval_of_the_mean():
    assert band([0.1, 0.2, 0.3]) == {"mean": 0.2, "low": pytest.approx(-0.0484, abs=1e-4),
                                     "high": pytest.approx(0.4484, abs=1e-4)}
    assert band([0.25]) == {"mean": 0.25, "low": None, "high": None}


@pytest.mark.parametrize(("naive_bayes", "logistic", "expected"), [
    ((0.6, 0.7), (0.5, 0.59), "naive_bayes"), ((0.5, 0.6), (0.61, 0.7), "logistic"), ((0.5, 0.6), (0.6, 0.7), None),
    ((0.5, 0.8), (0.6, 0.7), None), ((None, None), (0.6, 0.7), None)])
def test_a_model_is_ahead_only_where_the_bands_part(naive_bayes, logistic, expected):
    bands = [{"mean": 0.5, "low": low, "high": high} for low, high in (naive_bayes, logistic)]
    assert ahead(*bands) == expected


def test_curves_of_every_task_on_a_few_digits():
    splits = {"train": synthetic_split(30), "test": synthetic_split(20, first_seed=30)}
    for name, task in TASKS.items():
        found = learning_curves(dataclasses.replace(task, sizes=(10, 30, 100)), splits.__getitem__, 30, 2)
        # All thirty digits are one draw; of drawings there are as many as one likes.
        draws = [2, 2] if name == "drawings" else [2, 1]
        assert [(point["m"], point["draws"]) for point in found["points"]] == list(zip((10, 30), draws, strict=True))
        for model in ("naive_bayes", "logistic"):
            assert found["points"][1][model]["mean"] > 0.1 and found["points"][0][model]["low"] is not None
        assert found["image_size"] == ([7, 7] if name == "coarse" else [28, 28])


def test_coarse_images_are_black_or_white_means():
    images = torch.zeros(1, 8, 8, dtype=torch.uint8)
    images[0, :4, :4], images[0, 4:, 4:] = 128, 127
    assert coarse(ImageSplit(images, torch.zeros(1))).images.tolist() == [[[255, 0], [0, 0]]]


def test_examples_are_the_first_of_a_draw_and_drawings_are_faint():
    splits = {"train": synthetic_split(200), "test": synthetic_split(10)}
    for task in TASKS.values():
        examples = task.prepare(splits.__getitem__)
        few, many, other = examples.draw(1, 10), examples.draw(1, 50), examples.draw(2, 10)
        assert few.images.equal(many.images[:10]) and few.labels.equal(many.labels[:10])
        assert not few.images.equal(other.images)
    model, drawn = fit_naive_bayes(splits["train"]), examples.draw(0, 20_000)
    own = torch.sigmoid(model.logits)
    white = own.mean(0) + FAINTNESS * (own - own.mean(0))
    seen = (drawn.images[drawn.labels == 3] > 0).float().mean(0).flatten()
    assert (seen - white[3]).abs().max() < 0.06
