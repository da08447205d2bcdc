"""Codes learned without labels: how they match the classes, and how much of them a sample carries."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from genmodels.capabilities import Codes
from genmodels.images import from_uint8
from genmodels.latents import Categorical, LatentSpec, Uniform
from genmodels.metrics import predictions
from genmodels.metrics.clustering import clustering_error, confusion_matrix, match_classes
from genmodels.metrics.mi_lower_bound import mi_lower_bound
from metrics.helpers import CornerClassifier


def test_confusion_matrix_counts_each_pair():
    codes, labels = torch.tensor([0, 0, 1, 2, 2, 2]), torch.tensor([1, 1, 0, 1, 2, 2])
    assert confusion_matrix(codes, labels, 3, 4).tolist() == [[0, 2, 0, 0], [1, 0, 0, 0], [0, 1, 2, 0]]


def test_match_is_the_best_of_all_permutations():
    rng = np.random.default_rng(0)
    for _ in range(20):
        counts = rng.integers(0, 50, (5, 5))
        best = max(counts[range(5), order].sum() for order in itertools.permutations(range(5)))
        classes = match_classes(counts)
        assert sorted(classes) == list(range(5)) and counts[range(5), classes].sum() == best
        assert clustering_error(counts, classes) == pytest.approx(1 - best / counts.sum())


def test_match_inverts_a_permutation_and_leaves_surplus_codes_out():
    labels = torch.arange(1000) % 10
    names = torch.randperm(10, generator=torch.Generator().manual_seed(1))
    counts = confusion_matrix(names[labels], labels, 12, 10)
    classes = match_classes(counts)
    assert classes[names].tolist() == list(range(10)) and sorted(classes)[:3] == [-1, -1, 0]
    assert clustering_error(counts, classes) == 0


def test_mi_lower_bound_of_perfect_and_uninformative_logits():
    c = torch.arange(100) % 10
    assert mi_lower_bound(100 * torch.nn.functional.one_hot(c, 10).float(), c) == pytest.approx(math.log(10))
    assert mi_lower_bound(torch.zeros(100, 10), c) == pytest.approx(0)


def test_infer_codes_works_row_by_row():
    class Fake:
        latent = LatentSpec((Categorical("c1", 10, "code"), Uniform("c2", 1), Uniform("c3", 1)))

        def infer_codes(self, x: torch.Tensor) -> Codes:
            return Codes(CornerClassifier().classify(x), x[:, 0, 1, :2])

    images = np.zeros((20, 28, 28), np.uint8)
    images[:, 0, 0], images[:, 1, 1] = np.arange(20) % 10, np.arange(20)
    codes = predictions.infer_codes(Fake(), images)
    assert codes.logits.argmax(1).tolist() == images[:, 0, 0].tolist()
    assert (codes.continuous == from_uint8(images)[:, 0, 1, :2]).all()
