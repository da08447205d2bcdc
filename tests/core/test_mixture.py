"""Gaussian mixtures fitted to points."""

from __future__ import annotations

import pytest
import torch

from genmodels.nn.mixture import fit_gaussian_mixture


def test_fitted_mixture_finds_the_clusters():
    true = torch.tensor([[-4.0, 0.0], [4.0, 0.0], [0.0, 6.0]])
    x = true[torch.arange(3_000) % 3] + 0.5 * torch.randn(3_000, 2)
    found = fit_gaussian_mixture(x, 3, seed=1)
    assert found.shape == (3, 5) and found[:, 0].tolist() == pytest.approx([1 / 3] * 3, abs=0.02)
    nearest = torch.cdist(true, found[:, 1:3]).min(1)
    assert nearest.values.max() < 0.1 and len(nearest.indices.unique()) == 3
    torch.testing.assert_close(found[:, 3:], torch.full((3, 2), 0.5), rtol=0.1, atol=0)
