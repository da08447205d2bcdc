"""Models of meshes: how far vertices are off, what a walk between bodies does to their volume, what latents mean."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from genmodels.capabilities import HasMesh, Posterior
from genmodels.model import map_in_batches
from genmodels.nn.surface import volume

WALK_STEPS = 10  # places of a walk at which the volume is measured, but for its start


def encode_mesh(model: HasMesh, vertices: Tensor) -> Posterior:
    """Vertices [N, V, 3] -> posterior, [N, d]; row i from mesh i alone."""
    kind: list[type] = []

    def rows(x: Tensor) -> Tensor:
        posterior = model.encode_mesh(x)
        kind.append(type(posterior))
        return torch.stack(list(vars(posterior).values()), 1)

    stacked = map_in_batches(rows, vertices)
    return kind[0](*stacked.unbind(1))


def decode_mesh(model: HasMesh, z: Tensor) -> Tensor:
    """Latents [N, d] -> vertices [N, V, 3]."""
    return map_in_batches(model.decode_mesh, z)


def vertex_rmse(found: Tensor, true: Tensor) -> float:
    """Root of the mean squared distance of vertices [N, V, 3], as a share of the diagonal of the true body's box.

    Averaged over the bodies. Where a body stands does not count: both have their vertices' mean at 0.
    """
    found, true = (v - v.mean(1, keepdim=True) for v in (found, true))
    diagonals = (true.amax(1) - true.amin(1)).norm(dim=1)
    return ((found - true).square().sum(-1).mean(1).sqrt() / diagonals).double().mean().item()


def walk_volume_errors(start: Tensor, end: Tensor, faces: Tensor, walk: Callable[[float], Tensor]) -> Tensor:
    """The largest deviation of the volume on the way from ``start`` to ``end`` [N, V, 3], as a share, [N].

    Deviation from what the two true volumes give when they are mixed as the walk is; ``walk(t)``: the bodies at t from
    0 to 1, [N, V, 3].
    """
    first, last = volume(start, faces), volume(end, faces)
    errors = [(volume(walk(t), faces) / ((1 - t) * first + t * last) - 1).abs()
              for t in torch.linspace(0, 1, WALK_STEPS + 1).tolist()]
    return torch.stack(errors).amax(0)


class PCA:
    """The principal components of points [N, d], as many as ``dim``: the linear autoencoder of that size."""

    def __init__(self, points: Tensor, dim: int) -> None:
        self.mean = points.mean(0)
        _, axes = torch.linalg.eigh(torch.cov(points.T.double()))  # in the order of growing variance
        self.axes = axes[:, -dim:].T.to(points)

    def encode(self, points: Tensor) -> Tensor:
        return (points - self.mean) @ self.axes.T

    def decode(self, codes: Tensor) -> Tensor:
        return codes @ self.axes + self.mean


def fit_linear(inputs: Tensor, outputs: Tensor) -> Tensor:
    """The best linear map in the sense of least squares, [d + 1, k] for [N, d] and [N, k]; its last row is constant."""
    return torch.linalg.lstsq(_with_one(inputs), outputs.double()).solution


def apply_linear(matrix: Tensor, inputs: Tensor) -> Tensor:
    return _with_one(inputs) @ matrix


def r2(found: Tensor, true: Tensor) -> Tensor:
    """The share of the variance of ``true`` [N, k] that ``found`` explains, [k]."""
    true = true.double()
    return 1 - (found - true).square().sum(0) / (true - true.mean(0)).square().sum(0)


def _with_one(inputs: Tensor) -> Tensor:
    return torch.cat([inputs.double(), torch.ones(len(inputs), 1, dtype=torch.float64, device=inputs.device)], 1)
