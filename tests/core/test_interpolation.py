"""Paths between latents: lines, great circles, and walks along keyframes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from genmodels import interpolation

N = 200


def angle(a: Tensor, b: Tensor) -> float:
    return torch.atan2(a[0] * b[1] - a[1] * b[0], a @ b).item()


@pytest.mark.parametrize("step", [interpolation.lerp, interpolation.slerp])
def test_paths_start_at_a_and_end_at_b(step):
    a, b = torch.randn(N, 16), torch.randn(N, 16)
    torch.testing.assert_close(step(a, b, 0.0), a)
    torch.testing.assert_close(step(a, b, 1.0), b)


def test_lerp_is_the_straight_line():
    a, b = torch.randn(16), torch.randn(16)
    torch.testing.assert_close(interpolation.lerp(a, b, 0.25), 0.75 * a + 0.25 * b)


def test_slerp_follows_the_circle_in_the_plane():
    """From 0.3 rad at radius 1 to 1.7 rad at radius 3: angle and radius both change linearly."""
    def at(turn: float, radius: float) -> Tensor:
        return torch.tensor([math.cos(turn), math.sin(turn)]) * radius

    for t in np.linspace(0, 1, 11):
        torch.testing.assert_close(interpolation.slerp(at(0.3, 1), at(1.7, 3), float(t)), at(0.3 + 1.4 * t, 1 + 2 * t),
                                   check_dtype=False, rtol=1e-5, atol=1e-5)


def test_slerp_stays_on_the_sphere_at_constant_speed():
    a, b = (torch.nn.functional.normalize(torch.randn(64), dim=0) * 8 for _ in range(2))
    path = torch.stack([interpolation.slerp(a, b, t) for t in torch.linspace(0, 1, 21)])
    torch.testing.assert_close(path.norm(dim=1), torch.full((21,), 8.0), rtol=1e-5, atol=0)
    strides = path.diff(dim=0).norm(dim=1)
    torch.testing.assert_close(strides, strides.mean().expand(20), rtol=1e-4, atol=0)
    assert (interpolation.lerp(a, b, 0.5).norm() < 7.5)  # the straight line leaves the sphere


E1, E2 = torch.eye(8)[0], torch.eye(8)[1]
RANDOM = torch.randn(8, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize(("a", "b"), [
    (E1, -E1), (RANDOM, -RANDOM), (E1, E1), (RANDOM, RANDOM), (E1, 2 * E1), (RANDOM, 1.5 * RANDOM),
    (torch.zeros(8), E1), (E1, torch.zeros(8)), (torch.zeros(8), torch.zeros(8)),
    (E1, E1 + 1e-6 * E2), (RANDOM, -RANDOM + 1e-6 * E1), (1e-12 * E1, 1e-12 * E2),
], ids=["opposite", "opposite-random", "same", "same-random", "parallel", "parallel-random", "from-zero", "to-zero",
        "zeros", "nearly-same", "nearly-opposite", "tiny"])
def test_slerp_of_degenerate_pairs_is_finite_and_keeps_its_ends(a, b):
    path = torch.stack([interpolation.slerp(a, b, t) for t in (0.0, 0.25, 0.5, 0.75, 1.0)])
    assert path.isfinite().all()
    torch.testing.assert_close(path[[0, -1]], torch.stack([a, b]), rtol=1e-4, atol=1e-5)
    assert (path.norm(dim=1) <= max(a.norm(), b.norm()) * 1.001 + 1e-6).all()


@pytest.mark.parametrize(("a", "b"), [(RANDOM, 1.5 * RANDOM), (torch.zeros(8), E1), (E1, torch.zeros(8))])
def test_slerp_falls_back_to_the_straight_line(a, b):
    torch.testing.assert_close(interpolation.slerp(a, b, 0.3), interpolation.lerp(a, b, 0.3), rtol=1e-3, atol=1e-5)


def test_slerp_treats_each_row_independently():
    a, b, t = torch.randn(5, 8), torch.randn(5, 8), torch.linspace(0, 1, 5)[:, None]
    b[2] = a[2]  # a degenerate row does not affect the others
    rows = torch.stack([interpolation.slerp(a[i], b[i], t[i]) for i in range(5)])
    torch.testing.assert_close(interpolation.slerp(a, b, t), rows)


@pytest.mark.parametrize("path", ["lerp", "slerp"])
@pytest.mark.parametrize("closed", [True, False])
def test_walk_passes_its_keyframes_at_equal_intervals(path, closed):
    keyframes = torch.randn(4, 8)
    walk = interpolation.walk(keyframes, 12 if closed else 10, path, closed)  # three frames per segment
    assert walk.shape == (12 if closed else 10, 8)
    assert torch.equal(walk[::3], keyframes)


@pytest.mark.parametrize("path", ["lerp", "slerp"])
@pytest.mark.parametrize("closed", [True, False])
def test_walk_passes_its_keyframes_exactly_at_any_number_of_frames(path, closed):
    keyframes = torch.randn(4, 8)
    for frames in [*range(4, 30), 61, 199]:
        walk = interpolation.walk(keyframes, frames, path, closed)
        at = [row for row in range(frames) if (walk[row] == keyframes).all(1).any()]
        assert torch.equal(walk[at], keyframes) and len(walk) == frames
        lengths = np.diff([*at, frames] if closed else at)
        assert lengths.max() - lengths.min() <= 1 and at[0] == 0 and (closed or at[-1] == frames - 1)


def test_closed_walk_returns_to_its_start_without_repeating_a_frame():
    keyframes = torch.randn(3, 8)
    walk = interpolation.walk(keyframes, 30, "lerp")
    torch.testing.assert_close(walk[29], interpolation.lerp(keyframes[2], keyframes[0], 0.9))
    assert (walk.roll(-1, 0) - walk).norm(dim=1).min() > 0.05


@pytest.mark.parametrize("arguments", [
    {"frames": 1}, {"frames": 0}, {"frames": 2}, {"path": "zigzag"},
    {"keyframes": torch.zeros(1, 4)}, {"keyframes": torch.zeros(1, 4), "closed": False},
])
def test_invalid_walks_are_refused(arguments):
    with pytest.raises(ValueError, match="a walk"):
        interpolation.walk(**{"keyframes": torch.zeros(3, 4), "frames": 10} | arguments)
