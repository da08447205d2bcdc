"""Measures of models of meshes, on the bodies behind the pictures of their data set."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

from genmodels.capabilities import HasMesh
from genmodels.data import bodies
from genmodels.evaluation.context import EvalContext, EvalSubject
from genmodels.evaluation.measure import measure
from genmodels.interpolation import lerp
from genmodels.metrics import meshes, reconstruction
from genmodels.metrics.meshes import PCA, apply_linear, decode_mesh, encode_mesh, fit_linear, walk_volume_errors
from genmodels.nn.surface import volume

TURN = 120.0  # degrees
SHAPES = 8  # bodies whose latents the card stores


@measure("vertex_rmse", "vertex_rmse_pca", capabilities=(HasMesh,))
def vertices(subject: EvalSubject) -> None:
    """Beside it the same for as many principal components of the vertices."""
    test = subject.context.data("test").vertices
    found = decode_mesh(subject.model, encode_mesh(subject.model, test).mean)
    subject.record("vertex_rmse", round(meshes.vertex_rmse(found, test), 5), len(test), split="test")
    pca = _pca(subject)
    flat = pca.decode(pca.encode(test.flatten(1))).unflatten(1, test.shape[1:])
    subject.record("vertex_rmse_pca", round(meshes.vertex_rmse(flat, test), 5), len(test), split="test")


def _ways(subject: EvalSubject, start: Tensor, end: Tensor) -> dict[str, Callable[[float], Tensor]]:
    """Walks from ``start`` to ``end``: through the latents; straight, vertex by vertex; through PCA's codes."""
    model, pca = subject.model, _pca(subject)
    z = [encode_mesh(model, part).mean for part in (start, end)]
    codes = [pca.encode(part.flatten(1)) for part in (start, end)]
    return {"": lambda t: decode_mesh(model, lerp(*z, t)), "_offsets": lambda t: lerp(start, end, t),
            "_pca": lambda t: pca.decode(lerp(*codes, t)).unflatten(1, start.shape[1:])}


@measure("walk_volume_error", "walk_volume_error_offsets", "walk_volume_error_pca", capabilities=(HasMesh,))
def walks(subject: EvalSubject) -> None:
    """From each body of even number to the one after it."""
    test = subject.context.data("test").vertices
    start, end = test[0 : len(test) // 2 * 2 : 2], test[1::2]
    for name, way in _ways(subject, start, end).items():
        errors = walk_volume_errors(start, end, subject.model.faces, way)
        subject.record(f"walk_volume_error{name}", round(errors.double().mean().item(), 4), len(start), split="test",
                       largest=round(errors.max().item(), 4))


@measure("turn_volume_loss", "turn_volume_loss_offsets", "turn_volume_loss_pca", capabilities=(HasMesh,))
def turn(subject: EvalSubject) -> None:
    """The rod, bent by 120 degrees this way and that: each of its ends turns by 120 degrees on the way."""
    bent = [torch.from_numpy(bodies.sweep([[sign * TURN, 0, 0, 0, 0, 0]])) for sign in (1, -1)]
    ends = sum(volume(part, subject.model.faces) for part in bent) / 2
    for name, way in _ways(subject, *bent).items():
        share = (volume(way(0.5), subject.model.faces) / ends).item()
        subject.record(f"turn_volume_loss{name}", round(1 - share, 4), 1)


@measure("parameter_r2", "parameters", capabilities=(HasMesh,))
def parameters(subject: EvalSubject) -> None:
    """What the latents tell of the numbers behind a body, each on [-1, 1]: fitted on training bodies.

    ``parameters`` of the card: their names, the linear map from latents to them (``readout``), and the one from them to
    latents (``directions``), by which a hand moves one of them.
    """
    train, test = (subject.context.data(split) for split in ("train", "test"))
    scale = torch.tensor(list(train.ranges.values()))
    z, known = encode_mesh(subject.model, train.vertices).mean, train.parameters / scale
    readout, directions = fit_linear(z, known), fit_linear(known, z)
    found = apply_linear(readout, encode_mesh(subject.model, test.vertices).mean)
    shares = dict(zip(train.ranges, meshes.r2(found, test.parameters / scale).tolist(), strict=True))
    subject.record("parameter_r2", round(min(shares.values()), 4), len(test), split="test",
                   **{name: round(share, 4) for name, share in shares.items()})
    subject.latent_stats["parameters"] = {"names": list(train.ranges), "readout": _rounded(readout),
                                          "directions": _rounded(directions)}


@measure("shapes", capabilities=(HasMesh,))
def shapes(subject: EvalSubject) -> None:
    """The latents of a few test bodies to walk between: those at both ends of each of the first parameters."""
    test = subject.context.data("test")
    rows = [int(row) for column in test.parameters.T[:SHAPES // 2] for row in (column.argmin(), column.argmax())]
    subject.latent_stats["shapes"] = _rounded(encode_mesh(subject.model, test.vertices[rows]).mean)


@measure("active_units", "kl", "order", "range", "split", "n", capabilities=(HasMesh,))
def latent_usage(subject: EvalSubject) -> None:
    validation, train = (subject.context.data(split).vertices for split in ("validation", "train"))
    active = reconstruction.active_units(encode_mesh(subject.model, validation).mean)
    subject.record("active_units", active, len(validation), split="validation", dim=subject.model.latent.dim)
    usage = reconstruction.latent_usage(encode_mesh(subject.model, train))
    subject.latent_stats |= usage | {"split": "train", "n": len(train)}


def _pca(subject: EvalSubject) -> PCA:
    """Of the training bodies, of the size of the model's latent."""
    return _fit_pca(subject.context, subject.model.latent.dim)


@lru_cache(maxsize=1)
def _fit_pca(context: EvalContext, dim: int) -> PCA:
    return PCA(context.data("train").vertices.flatten(1), dim)


def _rounded(matrix: Tensor) -> list[list[float]]:
    return [[round(value, 4) for value in row] for row in matrix.tolist()]


MEASURES = (vertices, walks, turn, parameters, shapes, latent_usage)
