"""Measures of meshes on bodies whose errors, volumes and parameters are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genmodels.data import bodies
from genmodels.metrics import meshes
from genmodels.metrics.meshes import PCA, apply_linear, fit_linear, r2, walk_volume_errors
from genmodels.nn.surface import Surface, volume

FACES = torch.from_numpy(bodies.faces())


def bent(*angles: float) -> torch.Tensor:
    return torch.from_numpy(bodies.sweep([[angle, 0, 0, 0, 0, 0] for angle in angles]))


def test_vertex_error_is_a_share_of_the_diagonal_wherever_the_body_stands():
    true = torch.tensor([[[0.0, 0, 0], [3, 0, 0], [0, 4, 0], [3, 4, 0]]])  # a diagonal of 5
    assert meshes.vertex_rmse(true + 7, true) == pytest.approx(0, abs=1e-6)
    off = torch.tensor([[[0.0, 0, 0.5], [0, 0, -0.5], [0, 0, 0.5], [0, 0, -0.5]]])
    assert meshes.vertex_rmse(true + off, true) == pytest.approx(0.5 / 5)
    assert meshes.vertex_rmse(torch.cat([true + off, true]), true.repeat(2, 1, 1)) == pytest.approx(0.05)


def test_a_walk_s_error_is_its_largest_deviation_from_the_mixed_volumes():
    start = bent(0)
    end = 2 ** (1 / 3) * start  # twice the volume

    def walk(t: float) -> torch.Tensor:
        return start * (1 + t) ** (1 / 3) * (0.9 if t == 0.5 else 1) ** (1 / 3)

    assert walk_volume_errors(start, end, FACES, walk).tolist() == pytest.approx([0.1], abs=1e-4)


def test_straight_lines_lose_a_fifth_at_120_degrees_and_rotations_next_to_nothing():
    """The integral of the squared cosine over the angles from the middle to the ends: 29 % of a rod without ends."""
    surface = Surface(bodies.sweep(np.zeros((1, 6)))[0], bodies.faces())
    start, end = bent(120), bent(-120)
    straight = volume((start + end) / 2, FACES) / volume(start, FACES)
    (r0, s0), (r1, s1) = surface.deformation(start), surface.deformation(end)
    turned = volume(surface.vertices((r0 + r1) / 2, (s0 + s1) / 2), FACES) / volume(start, FACES)
    assert 1 - straight.item() == pytest.approx(0.5 - np.sin(np.radians(120)) / np.radians(120) / 2, abs=0.04)
    assert 1 - straight.item() > 0.2 and abs(1 - turned.item()) < 0.01


def test_principal_components_are_those_of_the_singular_values():
    points = torch.randn(40, 7, generator=torch.Generator().manual_seed(0)) * torch.arange(1, 8)
    pca = PCA(points, 3)
    _, _, axes = torch.linalg.svd(points - points.mean(0))
    expected = (points - points.mean(0)) @ axes[:3].T @ axes[:3] + points.mean(0)
    torch.testing.assert_close(pca.decode(pca.encode(points)), expected, atol=1e-4, rtol=1e-4)


def test_a_linear_map_is_found_and_explains_what_it_can():
    rng = torch.Generator().manual_seed(0)
    z = torch.randn(500, 4, generator=rng)
    noise = torch.randn(500, generator=rng)
    known = torch.stack([2 * z[:, 0] - z[:, 3] + 5, noise, z[:, 1] + noise], 1)
    matrix = fit_linear(z, known)
    assert matrix[:, 0].tolist() == pytest.approx([2, 0, 0, -1, 5], abs=1e-6)
    explained = r2(apply_linear(matrix, z), known).tolist()
    assert explained[0] == pytest.approx(1) and explained[1] < 0.03 and explained[2] == pytest.approx(0.5, abs=0.05)
