"""Solids that our own code sweeps along a curve, bends, twists and tapers: meshes of one topology, no download.

Scans of people, from which Tan et al. 2018 learn, may not be passed on. These bodies have what such scans lack: six
known numbers behind each, so that what a model finds can be scored. A body is a closed tube of rings with a vertex at
either end. It stands as if its middle were held: its two ends turn away from there, each by at most 115 degrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genmodels.data.splits import Dataset
from genmodels.lazy_import import torch
from genmodels.shading import shade

if TYPE_CHECKING:
    from torch import Tensor

RINGS, SIDES = 40, 20
HALF_LENGTH, RADIUS = 1.3, 0.26  # of the body that nothing has been done to, its axis along y
EXTENT = 1.72  # half of the side of a square that holds every body as its pictures show it
SIZE = 64  # pixels of a picture's sides
# By their names, the largest value of each parameter; they are uniform between it and its negative. Both ends turn away
# from the middle by half of each angle, in degrees: in opposite directions by a bend and a twist, in the same one by a
# sway, which makes an S. The others are logarithms of a factor: of an end's radius, of the radius in the middle, of the
# length.
PARAMETERS = {"bend": 150.0, "sway": 90.0, "twist": 150.0, "taper": 0.35, "bulge": 0.3, "length": 0.25}
SPLIT_SIZES = {"train": (0, 2_000), "validation": (2_000, 200), "test": (2_200, 200)}  # first seed, count
STEPS = 2  # of the integration along the axis, between two rings


@cache
def faces() -> np.ndarray:
    """Corners of the triangles, counterclockwise from outside, int64 [F, 3]: fans at the ends, two for each quad."""
    a, b, c, d = _quads().T
    return np.concatenate([_fans(), np.stack([a, b, c], 1), np.stack([a, c, d], 1)])


@cache
def polygons() -> np.ndarray:
    """The same as int64 [F, 4], for pictures: quads in one piece, in a triangle the last corner twice."""
    fans = _fans()
    return np.concatenate([np.concatenate([fans, fans[:, 2:]], 1), _quads()])


def _ring(k: int) -> np.ndarray:
    """The vertices of ring ``k``: vertex 0 is the lower end, the last one the upper."""
    return 1 + k * SIDES + np.arange(SIDES)


def _quads() -> np.ndarray:
    lower, upper = (np.concatenate([_ring(k + above) for k in range(RINGS - 1)]) for above in (0, 1))

    def after(ring: np.ndarray) -> np.ndarray:
        return ring.reshape(-1, SIDES).take((np.arange(SIDES) + 1) % SIDES, 1).ravel()

    return np.stack([lower, after(lower), after(upper), upper], 1)


def _fans() -> np.ndarray:
    first, last, top = _ring(0), _ring(RINGS - 1), RINGS * SIDES + 1
    below = np.stack([np.zeros(SIDES, int), np.roll(first, -1), first], 1)
    return np.concatenate([below, np.stack([np.full(SIDES, top), last, np.roll(last, -1)], 1)])


@cache
def _profile() -> tuple[np.ndarray, np.ndarray]:
    """Of each ring the place along the axis, from -1 to 1, and the share of the radius: a rod with rounded ends.

    Rings lie evenly along the outline.
    """
    t = np.linspace(-1, 1, 4_001)
    cap = RADIUS / HALF_LENGTH  # length of a round end
    depth = ((np.abs(t) - (1 - cap)) / cap).clip(0, 1)
    outline = np.sqrt(1 - depth**2)
    walked = np.concatenate([[0], np.cumsum(np.hypot(np.diff(t) * HALF_LENGTH, np.diff(outline) * RADIUS))])
    wanted = np.linspace(0, walked[-1], RINGS + 2)[1:-1]
    return np.interp(wanted, walked, t), np.interp(wanted, walked, outline)


def sweep(parameters: np.ndarray) -> np.ndarray:
    """Parameters [N, 6], in the order and units of ``PARAMETERS`` -> vertices float32 [N, V, 3], mean 0.

    All zeros are the rod at rest. At place s from -1 to 1 of its axis a body has been turned about one axis, which is
    the sum of bend s / 2 along z, sway s^2 / 2 along x and twist s / 2 along y; by nothing in the middle.
    """
    bend, sway, twist, taper, bulge, length = np.asarray(parameters, np.float64).T[..., None]
    bend, sway, twist = np.radians(bend), np.radians(sway), np.radians(twist)
    rings, outline = _profile()
    # The axis on a finer scale, with the middle and the ends on it.
    fine = np.unique(np.concatenate([np.linspace(-1, 1, 2 * RINGS * STEPS + 1), rings]))
    turned = rotation(np.stack(np.broadcast_arrays(sway * fine**2 / 2, twist * fine / 2, bend * fine / 2), -1))
    steps = (turned[:, 1:, :, 1] + turned[:, :-1, :, 1]) / 2 * np.diff(fine)[:, None]  # along the turned y axis
    axis = np.concatenate([np.zeros_like(steps[:, :1]), np.cumsum(steps, 1)], 1) * (HALF_LENGTH * np.exp(length))[
        ..., None]
    at = np.searchsorted(fine, rings)

    angle = 2 * np.pi * np.arange(SIDES) / SIDES
    radius = RADIUS * outline * np.exp(taper * rings + bulge * (1 - 2 * rings**2))  # [N, RINGS]
    radius = radius[..., None] * (1 + 0.1 * np.cos(4 * angle))  # nearly square, so that one sees it twist
    across = np.stack([radius * np.sin(angle), 0 * radius, radius * np.cos(angle)], -1)  # [N, RINGS, SIDES, 3]
    tube = axis[:, at, None] + np.einsum("nrij,nrsj->nrsi", turned[:, at], across)
    vertices = np.concatenate([axis[:, :1], tube.reshape(len(tube), -1, 3), axis[:, -1:]], 1)
    return (vertices - vertices.mean(1, keepdims=True)).astype(np.float32)


def rotation(v: np.ndarray) -> np.ndarray:
    """Axes times angles in radians [..., 3] -> rotation matrices [..., 3, 3] (Rodrigues' formula)."""
    angle = np.linalg.norm(v, axis=-1)[..., None, None]
    zero = np.zeros_like(v[..., 0])
    x, y, z = v[..., 0], v[..., 1], v[..., 2]
    k = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*v.shape[:-1], 3, 3)
    return np.eye(3) + np.sinc(angle / np.pi) * k + np.sinc(angle / (2 * np.pi)) ** 2 / 2 * (k @ k)


def draw_parameters(seeds: range) -> np.ndarray:
    """The parameters of the bodies of these seeds, float32 [N, 6]."""
    draws = [np.random.Generator(np.random.Philox(key=np.array([seed, 0xB0D1], dtype=np.uint64))).uniform(-1, 1, 6)
             for seed in seeds]
    return (np.array(draws) * list(PARAMETERS.values())).astype(np.float32)


def pictures(vertices: np.ndarray, height: int = SIZE, width: int = SIZE) -> np.ndarray:
    """Vertices [N, V, 3] -> uint8 [N, height, width], a picture of each body."""
    return shade(vertices, polygons(), height, width, EXTENT)


@dataclass(frozen=True)
class MeshSplit:
    """A split in memory: ``vertices`` float32 [N, V, 3], and the ``parameters`` behind each body, float32 [N, 6].

    ``ranges``: by the names of the parameters, the largest value of each.
    """

    vertices: Tensor
    parameters: Tensor
    ranges: Mapping[str, float] = field(default_factory=lambda: PARAMETERS)
    labels: None = None

    def __len__(self) -> int:
        return len(self.vertices)

    def __getitem__(self, rows: slice | Tensor) -> MeshSplit:
        return MeshSplit(self.vertices[rows], self.parameters[rows])

    def batch(self, rows: Tensor, device: torch.device | str = "cpu") -> tuple[Tensor, None]:
        """Rows as a model of meshes wants them: vertices float32 [n, V, 3], and no labels."""
        return self.vertices[rows].to(device), None

    @cached_property
    def images(self) -> Tensor:
        """A picture of each body, uint8 [N, H, W], for all that looks at a data set."""
        return torch.from_numpy(pictures(self.vertices.numpy()))


def _read(root: Path, split: str, download: bool) -> MeshSplit:
    start, count = SPLIT_SIZES[split]
    parameters = draw_parameters(range(start, start + count))
    return MeshSplit(torch.from_numpy(sweep(parameters)), torch.from_numpy(parameters))


BODIES = Dataset("Bodies", "same as this project",
                 "swept by genmodels/data/bodies.py, since the scans of the paper may not be passed on", _read,
                 height=SIZE, width=SIZE, framing="photo", in_data_folder=False, kind="meshes")
