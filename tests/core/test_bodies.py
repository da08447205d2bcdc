"""Bodies: closed, turned outwards, in three disjoint splits, and as their parameters say."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from conftest import bodies_split

from genmodels.data import bodies
from genmodels.nn.surface import Surface, volume

REST = np.zeros((1, 6))
NAMES = list(bodies.PARAMETERS)


def swept(**parameters: float) -> np.ndarray:
    return bodies.sweep([[parameters.get(name, 0.0) for name in NAMES]])[0]


def test_every_edge_is_a_side_of_two_faces_that_pass_it_in_opposite_ways():
    faces = bodies.faces()
    here, there = faces.ravel(), np.roll(faces, -1, 1).ravel()
    edges = set(zip(here.tolist(), there.tolist(), strict=True))
    assert len(edges) == faces.size and all((b, a) in edges for a, b in edges)
    vertices = faces.max() + 1
    assert set(faces.ravel().tolist()) == set(range(vertices)) and 600 <= vertices <= 1_000
    assert vertices - len(edges) // 2 + len(faces) == 2  # Euler: a sphere without holes


def test_the_polygons_of_pictures_are_the_faces():
    triangles = [tuple(p) for a, b, c, d in bodies.polygons().tolist()
                 for p in ([(a, b, c)] if c == d else [(a, b, c), (a, c, d)])]
    assert sorted(triangles) == sorted(map(tuple, bodies.faces().tolist()))


def test_no_body_of_any_split_is_folded_or_turned_too_far():
    """Each vertex's surroundings keep their side, and logarithms of rotations are unique. Every tenth body."""
    surface = Surface(bodies.sweep(REST)[0], bodies.faces())
    corners = np.array([[a, b, c, d, e, f] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1) for d in (-1, 1)
                        for e in (-1, 1) for f in (-1, 1)]) * list(bodies.PARAMETERS.values())
    drawn = bodies.draw_parameters(range(0, 2_400, 20))
    vertices = torch.from_numpy(bodies.sweep(np.concatenate([corners, drawn])))
    assert (torch.linalg.det(surface.deformation_gradients(vertices)) > 0.1).all()
    assert torch.rad2deg(surface.deformation(vertices)[0].norm(dim=-1)).max() < 150
    assert (volume(vertices, surface.faces) > 0.2).all() and vertices.abs().max() < bodies.EXTENT
    assert vertices.mean(1).abs().max() < 1e-6


def test_parameters_mean_what_they_say():
    rest, tall = swept(), swept(length=0.25)
    assert np.ptp(tall[:, 1]) == pytest.approx(np.ptp(rest[:, 1]) * np.exp(0.25), rel=1e-4)
    assert np.allclose(np.delete(tall, 1, 1), np.delete(rest, 1, 1), atol=1e-6)

    def radius(vertices: np.ndarray, ring: int) -> float:
        points = vertices[1 + ring * bodies.SIDES :][: bodies.SIDES]
        return np.linalg.norm(points - points.mean(0), axis=1).mean()

    low, high = bodies.RINGS // 4, bodies.RINGS - 1 - bodies.RINGS // 4
    tapered = swept(taper=0.35)
    assert radius(rest, high) == pytest.approx(radius(rest, low))
    assert radius(tapered, high) > radius(rest, high) > radius(tapered, low)
    assert radius(swept(bulge=0.3), bodies.RINGS // 2) == pytest.approx(radius(rest, 20) * np.exp(0.3), rel=0.01)
    bent = swept(bend=120)  # a part of a circle, in the plane of x and y
    assert bent[0, 1] < bent[-1, 1] and abs(bent[0, 0] - bent[-1, 0]) < 1e-5
    assert np.linalg.norm(bent[-1] - bent[0]) == pytest.approx(2.6 * np.sin(np.radians(60)) / np.radians(60), rel=0.01)


def test_rotation_matrices_of_numpy_are_those_of_torch():
    from genmodels.nn.surface import rotation_exp

    v = np.random.default_rng(0).normal(size=(20, 3))
    assert np.allclose(bodies.rotation(v), rotation_exp(torch.from_numpy(v)).numpy())


def test_splits_are_disjoint_and_the_same_each_time():
    drawn = {split: bodies.draw_parameters(range(start, start + count))
             for split, (start, count) in bodies.SPLIT_SIZES.items()}
    rows = np.concatenate(list(drawn.values()))
    assert len(np.unique(rows, axis=0)) == len(rows) == 2_400
    assert (abs(rows) <= list(bodies.PARAMETERS.values())).all()
    assert np.array_equal(bodies.draw_parameters(range(2_005, 2_006))[0], drawn["validation"][5])


def test_a_split_gives_vertices_to_learn_from_and_pictures_to_look_at():
    split = bodies_split(3)
    x, y = split.batch(torch.tensor([2, 0]))
    assert torch.equal(x, split.vertices[[2, 0]]) and y is None and len(split[1:]) == 2
    assert split.images.shape == (3, bodies.SIZE, bodies.SIZE) and split.images.dtype == torch.uint8
    inside = (split.images > 0).float().mean((1, 2))
    assert (inside > 0.05).all() and (inside < 0.4).all()
    assert not split.images[:, [0, -1]].any()
