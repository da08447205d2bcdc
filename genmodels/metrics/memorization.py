"""Whether a model copies its training images, from the distance of its samples to the nearest of them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

QUANTILE = 0.01


def flatten(images: Tensor | np.ndarray) -> Tensor:
    """uint8 [N, H, W] or [N, H, W, 3] -> float32 [N, d] in [0, 1]."""
    return torch.as_tensor(images).flatten(1).float() / 255


def nearest(points: Tensor, candidates: Tensor, rows: int = 500) -> tuple[Tensor, Tensor]:
    """For each of ``points`` [N, d]: the distance to the nearest of ``candidates`` [M, d], and its index; [N] each."""
    norms = candidates.square().sum(1)
    minima = [(norms - 2 * part @ candidates.T).min(1) for part in points.split(rows)]
    squared = torch.cat([m.values for m in minima]) + points.square().sum(1)
    return squared.clamp_min(0).sqrt(), torch.cat([m.indices for m in minima])


def copy_rate(distances: Tensor, held_out_distances: Tensor) -> float:
    """Share of samples nearer to a training image than 99 % of held-out images are; 0.01 where nothing is copied.

    Distances to the nearest training image: ``distances`` [N] of samples, ``held_out_distances`` [M] of held-out
    images. Blur brings an image nearer to everything, which raises this rate but not ``data_copying_score``.
    """
    return (distances < held_out_distances.quantile(QUANTILE)).double().mean().item()


def data_copying_score(to_training: Tensor, to_held_out: Tensor, chance: float) -> float:
    """How much more often than by chance the nearest real image is a training image: 0 for chance, 1 for copies.

    Distances [N] of the same samples to the nearest image of each kind; ``chance``: the share of training images among
    both kinds together. Negative where samples are nearer to the held-out images. After the test of Meehan et al.
    2020, arXiv:2004.05675.
    """
    wins, ties = to_training < to_held_out, to_training == to_held_out
    return ((wins.double() + ties.double() / 2).mean().item() - chance) / (1 - chance)
