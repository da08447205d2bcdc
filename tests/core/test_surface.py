"""Deformations of meshes against rotations, stretches and volumes that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from genmodels.nn.surface import Surface, nearest_rotation, rotation_exp, rotation_log, vertex_normals, volume

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
SIDES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]  # from outside, ccw
CUBE_FACES = np.array([face for a, b, c, d in SIDES for face in ((a, b, c), (a, c, d))])


@pytest.fixture(scope="module")
def cube() -> Surface:
    return Surface(CUBE, CUBE_FACES)


def axis_angle(degrees: float, seed: int = 0) -> torch.Tensor:
    axis = torch.randn(3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return axis / axis.norm() * math.radians(degrees)


def vertices(*matrices: torch.Tensor) -> torch.Tensor:
    """The cube after each of these."""
    return torch.stack([torch.from_numpy(CUBE) @ matrix.T for matrix in matrices])


def test_volume_and_normals_of_a_box(cube):
    box = vertices(torch.diag(torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)))
    torch.testing.assert_close(volume(box, cube.faces), torch.tensor([2.0 * 4 * 6], dtype=torch.float64))
    torch.testing.assert_close(volume(box + 5, cube.faces), volume(box, cube.faces))
    normals = vertex_normals(vertices(torch.eye(3).double()), cube.faces)
    assert ((normals[0] * torch.from_numpy(CUBE)) > 0).all()


@pytest.mark.parametrize("degrees", [0, 1e-5, 30, 120, 170])
def test_the_rotation_of_a_cube_is_recovered(cube, degrees):
    v = axis_angle(degrees)
    rotations, stretches = cube.deformation(vertices(rotation_exp(v)))
    torch.testing.assert_close(rotations, v.expand(1, 8, 3), atol=1e-6, rtol=1e-6)
    assert stretches.abs().max() < 1e-6


def test_vertices_follow_from_their_deformation(cube):
    """Exactly, where it is the same everywhere, but for the length of the normals, which no edge has."""
    stretch = torch.tensor([[1.3, 0.1, 0.0], [0.1, 0.9, -0.2], [0.0, -0.2, 1.1]], dtype=torch.float64)
    given = vertices(rotation_exp(axis_angle(100)) @ stretch, rotation_exp(axis_angle(20, 1)))
    gradients = torch.stack([rotation_exp(axis_angle(100)) @ stretch, rotation_exp(axis_angle(20, 1))])
    symmetric = torch.stack([stretch, torch.eye(3).double()]) - torch.eye(3).double()
    stretches = symmetric[:, (0, 1, 2, 0, 0, 1), (0, 1, 2, 1, 2, 2)]
    rotations = rotation_log(nearest_rotation(gradients))
    found = cube.vertices(rotations[:, None].expand(2, 8, 3), stretches[:, None].expand(2, 8, 6))
    torch.testing.assert_close(found, given, atol=1e-5, rtol=1e-5)


def test_the_polar_decomposition_is_that_of_the_singular_values():
    noise = torch.randn(50, 3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    matrices = rotation_exp(torch.randn(50, 3, dtype=torch.float64)) @ (0.2 * noise + torch.eye(3))
    u, _, vh = torch.linalg.svd(matrices)
    torch.testing.assert_close(nearest_rotation(matrices), u @ vh)


def test_logarithm_and_exponential_of_rotations_are_inverse():
    v = torch.stack([axis_angle(degrees, seed) for seed, degrees in enumerate((0, 1e-6, 45, 90, 150, 179))])
    torch.testing.assert_close(rotation_log(rotation_exp(v)), v, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(rotation_exp(v), torch.matrix_exp(torch.stack(
        [torch.tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]], dtype=torch.float64) for x, y, z in v.tolist()])))


@pytest.mark.parametrize("degrees", [60, 120])
def test_halfway_in_rotations_keeps_the_volume_that_straight_lines_lose(cube, degrees):
    """What is turned by an angle keeps the cosine of half of it as its radius: in two directions, its square."""
    start, end = vertices(torch.eye(3).double()), vertices(rotation_exp(axis_angle(degrees)))
    (r0, s0), (r1, s1) = cube.deformation(start), cube.deformation(end)
    straight = volume((start + end) / 2, cube.faces) / 8
    turned = volume(cube.vertices((r0 + r1) / 2, (s0 + s1) / 2), cube.faces) / 8
    assert straight.item() == pytest.approx(math.cos(math.radians(degrees / 2)) ** 2, abs=1e-6)
    assert turned.item() == pytest.approx(1, abs=1e-6)
