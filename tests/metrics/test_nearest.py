"""Metrics of nearest images: memorization, and the test error of a nearest-neighbor classifier."""

from __future__ import annotations

import pytest
import torch

from genmodels.data import ImageSplit
from genmodels.metrics.memorization import copy_rate, data_copying_score, flatten, nearest
from genmodels.metrics.nearest_neighbor import nn_test_error
from metrics.helpers import cloud


def test_nearest_by_brute_force(digits):
    points, among = flatten(digits[:9]), flatten(digits[9:])
    distance, which = nearest(points, among, rows=4)
    for i, point in enumerate(points):
        every = (among - point).norm(dim=1)
        assert which[i] == every.argmin() and distance[i] == pytest.approx(every.min().item(), abs=1e-3)


def test_copies_are_detected_and_independent_points_are_not():
    training, held_out, independent = cloud(600, 0), cloud(600, 1), cloud(600, 2)

    def copied(samples):
        return copy_rate(nearest(samples, training)[0], nearest(held_out, training)[0])

    def preference(samples, known):
        chance = len(known) / (len(known) + len(held_out))
        return data_copying_score(nearest(samples, known)[0], nearest(samples, held_out)[0], chance)

    assert copied(independent) < 0.04 and abs(preference(independent, training)) < 0.12
    assert copied(training[:100]) == 1 and preference(training[:100], training) == 1
    blurred = independent * 0.5  # nearer to everything, but no copies
    assert copied(blurred) > 0.04 and abs(preference(blurred, training[:300])) < 0.12


def test_nn_test_error_of_real_digits_with_right_and_wrong_labels(digits):
    labels = torch.arange(40) % 10
    real = ImageSplit(torch.from_numpy(digits), labels)
    assert nn_test_error(digits, labels, real) == 0
    assert nn_test_error(digits, (labels + 1) % 10, real) == 1
