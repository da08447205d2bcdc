"""Metrics that train a classifier: C2ST and the classification accuracy score."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import synthetic_split

from genmodels.metrics import classifiers
from genmodels.metrics.c2st import c2st_accuracy
from genmodels.metrics.cas import cas


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Enough for differences as large as these, in a third of the time."""
    monkeypatch.setattr(classifiers, "BATCH_SIZE", 48)


def test_c2st_detects_noise_but_no_difference_between_two_sets_of_digits():
    digits = synthetic_split(400, first_seed=200).images.numpy()
    noisy = np.clip(digits[:200].astype(int) + np.random.default_rng(0).integers(0, 60, (200, 28, 28)), 0, 255)
    assert c2st_accuracy(digits[200:], noisy.astype(np.uint8), 30) > 0.9
    assert c2st_accuracy(digits[200:], digits[:200], 30) < 0.65


@pytest.mark.slow
def test_cas_falls_with_wrong_labels():
    samples, real = synthetic_split(300, first_seed=200), synthetic_split(100, first_seed=500)
    right = cas(samples.images, samples.labels, real, 45)
    wrong = cas(samples.images, (samples.labels + 3) % 10, real, 45)
    assert right > 0.7 and wrong < 0.2
