"""Parzen-window log-likelihood, against torch.distributions; and why it is not for ranking."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from conftest import synthetic_split
from scipy import ndimage
from torch.distributions import Normal

from genmodels.metrics.memorization import flatten
from genmodels.metrics.parzen import BANDWIDTHS, mean_log_density, parzen
from metrics.helpers import cloud


def test_parzen_density_against_torch_distributions():
    points, centers, sigma = cloud(7, 0).float(), cloud(9, 1).float(), 0.5
    each = Normal(centers[None], sigma).log_prob(points[:, None]).sum(-1)
    expected = (each.logsumexp(1) - math.log(9)).mean().item()
    assert mean_log_density(points, centers, [sigma], rows=3)[0] == pytest.approx(expected, rel=1e-4)
    best = max(mean_log_density(points, centers, BANDWIDTHS))
    assert parzen(points, points, centers)[0] == pytest.approx(best)


def test_parzen_leaves_out_a_center_that_equals_the_point():
    """Otherwise images that are both samples and validation images would choose the narrowest bandwidth."""
    points = cloud(40, 0).float()
    rest = [torch.cat([points[:i], points[i + 1 :]]) for i in range(40)]
    others = [mean_log_density(points[i : i + 1], rest[i], [0.5])[0] for i in range(40)]
    alone = mean_log_density(points, points, [0.5])[0]
    assert alone == pytest.approx(np.mean(others) + math.log(39 / 40), rel=1e-4)


def test_parzen_rewards_blur():
    """As Theis et al. 2016 warn: blurred digits score better than sharp ones."""
    digits = synthetic_split(600, first_seed=100).images.numpy()
    soft = ndimage.gaussian_filter(digits.astype(np.float32), (0, 1, 1)).astype(np.uint8)
    test, chosen = flatten(digits[:200]), flatten(digits[200:300])
    sharp, blurred = (parzen(test, chosen, flatten(s[300:]))[0] for s in (digits, soft))
    assert blurred > sharp
