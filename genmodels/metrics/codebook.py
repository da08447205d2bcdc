"""Discrete codes of images: how much of a codebook is used, and what a prior needs to write the codes down.

Perplexity depends on how many images it is taken over; here it is over a whole split, not over a batch as in many
training logs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.capabilities import HasCodes
from genmodels.images import from_uint8
from genmodels.metrics.features import ROWS_PER_BATCH
from genmodels.model import map_in_batches


@dataclass(frozen=True)
class CodebookUse:
    """Of a codebook of ``size`` vectors: how many are ``used``, and the ``perplexity``; ``share`` is that over size."""

    size: int
    used: int
    perplexity: float

    @property
    def share(self) -> float:
        return self.perplexity / self.size


def codebook_use(codes: Tensor, size: int) -> CodebookUse:
    """Codes int64 [N, ...] from 0 to size - 1 -> how evenly they use the codebook.

    The perplexity is the exponential of the codes' entropy: ``size`` where all are equally frequent, 1 where it is one
    alone.
    """
    shares = codes.flatten().bincount(minlength=size).double() / codes.numel()
    return CodebookUse(size, int((shares > 0).sum()), math.exp(torch.special.entr(shares).sum().item()))


def boards(model: HasCodes, images: Tensor) -> list[Tensor]:
    """uint8 [N, H, W] -> the codes of each level, int64 [N, h, w]; row i from image i alone."""
    shapes = [board.shape[1:] for board in model.codes(from_uint8(images[:1]))]
    rows = map_in_batches(lambda x: torch.cat([b.flatten(1) for b in model.codes(from_uint8(x))], 1), images,
                          batch_size=min(ROWS_PER_BATCH, len(images)))
    return [part.unflatten(1, shape) for part, shape in
            zip(rows.split([shape.numel() for shape in shapes], 1), shapes, strict=True)]


def prior_bits(model: HasCodes, images: Tensor, labels: Tensor | None = None) -> list[float]:
    """uint8 [N, H, W] (and int64 [N] for a conditional model) -> mean bits that the prior needs for each level."""
    nats = map_in_batches(lambda x, y: -model.code_log_prob(from_uint8(x), y), images, labels,
                          batch_size=min(ROWS_PER_BATCH, len(images)))
    return (nats.double().mean(0) / math.log(2)).tolist()
