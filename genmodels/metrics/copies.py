"""Does the model copy what it has learnt from? By the distance of its samples to their nearest training digit."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

QUANTILE = 0.01


def flat(images: Tensor | np.ndarray) -> Tensor:
    """uint8 [N, 28, 28] -> float32 [N, 784] in [0, 1]."""
    return torch.as_tensor(images).flatten(1).float() / 255


def nearest(points: Tensor, among: Tensor, rows: int = 500) -> tuple[Tensor, Tensor]:
    """Distance [N] from each of ``points`` [N, d] to the nearest of ``among`` [M, d], and which one that is [N]."""
    lengths = among.square().sum(1)
    found = [(lengths - 2 * part @ among.T).min(1) for part in points.split(rows)]
    squared = torch.cat([f.values for f in found]) + points.square().sum(1)
    return squared.clamp_min(0).sqrt(), torch.cat([f.indices for f in found])


def copied(distances: Tensor, usual: Tensor) -> float:
    """Share of samples nearer to a training digit than all but 1 % of held-out digits are: 0.01 where none is copied.

    ``distances`` [N] of samples and ``usual`` [M] of held-out digits to their nearest training digit. Blurred pictures
    are nearer to everything; ``preference`` is deaf to that.
    """
    return (distances < usual.quantile(QUANTILE)).double().mean().item()


def preference(to_training: Tensor, to_held_out: Tensor, chance: float) -> float:
    """How much the nearest digit is a training digit rather than a held-out one: 0 as by chance, 1 for copies.

    Distances [N] of the same samples to the nearest digit of each kind; ``chance``: the share that training digits have
    of both kinds together. After the test of Meehan et al. 2020, arXiv:2004.05675. Below 0 where samples are nearer to
    the held-out digits.
    """
    wins, ties = to_training < to_held_out, to_training == to_held_out
    return ((wins.double() + ties.double() / 2).mean().item() - chance) / (1 - chance)
