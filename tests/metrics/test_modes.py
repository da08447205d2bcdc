"""Counting the modes of stacked digits, beside what is known of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from conftest import synthetic_split

from genmodels import morphology
from genmodels.checkpoint import Card
from genmodels.data import ImageSplit
from genmodels.data.stacked import stack
from genmodels.evaluation.context import EvalContext, EvalSubject
from genmodels.evaluation.sample_measures import forgotten_modes
from genmodels.metrics.classifiers import train_classifier
from genmodels.metrics.likelihood import binarize
from genmodels.metrics.modes import count_modes, read_channels
from genmodels.metrics.predictions import predict
from metrics.helpers import CornerClassifier


def stacked(numbers: list[int]) -> np.ndarray:
    """Images whose channels are as bright as the digits of a number."""
    digits = np.array([[n // 100, n // 10 % 10, n % 10] for n in numbers], np.uint8)
    return digits[:, None, None].repeat(4, 1).repeat(4, 2)


def test_channels_are_read_red_first():
    assert read_channels(CornerClassifier(), stacked([7, 42, 905])).tolist() == [7, 42, 905]
    with pytest.raises(ValueError, match="three channels"):
        read_channels(CornerClassifier(), np.zeros((2, 4, 4), np.uint8))


def test_modes_and_their_divergence_from_equal_shares():
    every = count_modes(torch.arange(1_000).repeat(3))
    assert (every.modes, every.kl) == (1_000, pytest.approx(0, abs=1e-5))
    two = count_modes(torch.tensor([5, 5, 999, 999]))
    assert (two.modes, two.kl) == (2, pytest.approx(math.log(500)))


def test_stacks_are_three_digits_and_the_number_that_they_make():
    digits = synthetic_split(40)
    found = stack(digits, 300, seed=1)
    assert found.images.shape == (300, 28, 28, 3) and torch.equal(found.images, stack(digits, 300, seed=1).images)
    for channel, unit in enumerate((100, 10, 1)):
        image, label = found.images[7, :, :, channel], int(found.labels[7]) // unit % 10
        assert any(torch.equal(image, digit) for digit in digits.images[digits.labels == label])
    assert len(found.labels.unique()) > 200  # of 1,000, by 300 draws: all but those that were drawn twice


def test_a_model_that_forgets_is_seen_beside_real_images():
    real = stacked([*range(1_000)] * 2)
    card, classifier = (Card(name, "", {}, {"name": name, "title": name, "stack_of": of}, {}, 0, "0" * 64)
                        for name, of in (("stacked", "mnist"), ("mnist", "")))
    context = EvalContext(CornerClassifier(), classifier,
                          lambda split: type("Split", (), {"images": torch.tensor(real)}))
    subject = EvalSubject(context, lambda n: (stacked([1, 2] * (n // 2)), None), card=card)
    assert forgotten_modes.applies(subject) and forgotten_modes.missing(subject) is None
    forgotten_modes.run(subject)
    assert subject.metrics["modes"]["value"] == 2 and subject.metrics["modes"]["real"] == 1_000
    assert subject.metrics["modes_kl"]["value"] == pytest.approx(math.log(500), abs=1e-3)
    card.dataset.pop("stack_of")
    assert not forgotten_modes.applies(subject)


@pytest.mark.parametrize("measure", [*morphology.PROPERTIES.values(), lambda x: binarize(torch.tensor(x), "static")])
def test_what_is_measured_on_gray_images_says_so(measure):
    with pytest.raises(ValueError, match="gray images"):
        measure(np.zeros((2, 28, 28, 3), np.uint8))


def test_the_classifiers_of_metrics_learn_from_color():
    split = stack(synthetic_split(40), 20, seed=0)
    classifier = train_classifier(ImageSplit(split.images, split.labels % 10), 1, 0, base_channels=4, feature_dim=8)
    assert classifier.config.channels == 3 and predict(classifier, split.images).shape == (20,)
