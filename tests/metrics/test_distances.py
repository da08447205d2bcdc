"""Distances between sets of features, against closed forms and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import linalg

from genmodels.metrics.frechet import bootstrap_interval, frechet_distance
from genmodels.metrics.kid import kernel_distance
from genmodels.metrics.prdc import prdc
from metrics.helpers import cloud


def test_frechet_distance_of_two_known_gaussians():
    assert frechet_distance(cloud(500, 0), cloud(500, 0)) == pytest.approx(0, abs=1e-9)
    # per dimension 2^2 for the means and (1 - 3)^2 for the deviations: 6 * (4 + 4)
    assert frechet_distance(cloud(50_000, 0), cloud(50_000, 1, 2.0, 3.0)) == pytest.approx(48, rel=0.02)


def test_frechet_distance_against_the_matrix_square_root():
    mix = torch.randn(6, 6, generator=torch.Generator().manual_seed(3)).double()
    a, b = cloud(300, 0), cloud(200, 1) @ mix
    root = linalg.sqrtm(np.cov(a.T) @ np.cov(b.T)).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(np.cov(a.T) + np.cov(b.T) - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(float(expected))
    assert frechet_distance(b, a) == pytest.approx(float(expected))


def test_bootstrap_interval_contains_the_distance():
    a, b = cloud(2_000, 0), cloud(2_000, 1, 0.5)
    low, high = bootstrap_interval(a, b, 100)
    assert low < 6 * 0.25 < high < 2 and low > 1
    assert (low, high) == bootstrap_interval(a, b, 100)


def test_kernel_distance_is_unbiased():
    same = [kernel_distance(cloud(60, 2 * i), cloud(60, 2 * i + 1)) for i in range(200)]
    error = np.std(same) / math.sqrt(200)
    assert abs(np.mean(same)) < 3 * error and min(same) < 0
    assert kernel_distance(cloud(200, 0), cloud(200, 1, 1.0)) > 20 * np.std(same)


def test_kernel_distance_by_brute_force():
    a, b = cloud(7, 0).numpy(), cloud(5, 1, 0.3).numpy()

    def mean(x: np.ndarray, y: np.ndarray, alike: bool) -> float:
        pairs = [(i, j) for i in range(len(x)) for j in range(len(y)) if not alike or i != j]
        return np.mean([(x[i] @ y[j] / 6 + 1) ** 3 for i, j in pairs])

    expected = mean(a, a, True) + mean(b, b, True) - 2 * mean(a, b, False)
    assert kernel_distance(torch.from_numpy(a), torch.from_numpy(b)) == pytest.approx(expected, abs=1e-6)


def test_prdc_by_brute_force():
    real, fake, k = cloud(40, 0).numpy(), cloud(30, 1, 0.8).numpy(), 5

    def radius(points: np.ndarray, i: int) -> float:
        return sorted(np.linalg.norm(points - points[i], axis=1))[k]

    inside = np.array([[np.linalg.norm(r - f) < radius(real, i) for f in fake] for i, r in enumerate(real)])
    recalled = [any(np.linalg.norm(r - f) < radius(fake, j) for j, f in enumerate(fake)) for r in real]
    found = prdc(torch.from_numpy(real), torch.from_numpy(fake), k)
    assert found.density == pytest.approx(inside.sum() / k / len(fake))
    assert found.coverage == pytest.approx(inside.any(1).mean())
    assert found.precision == pytest.approx(inside.any(0).mean())
    assert found.recall == pytest.approx(np.mean(recalled))


def test_prdc_separates_fidelity_from_diversity():
    real = cloud(1_000, 0)
    tight, wide = prdc(real, cloud(1_000, 1, 0, 0.2)), prdc(real, cloud(1_000, 1, 0, 3))
    assert tight.density > 1.05 and tight.coverage < 0.4
    assert wide.density < 0.3 and wide.precision < 0.3
