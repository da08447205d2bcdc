"""Random small deformations of digits, on the batch, in torch."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def random_affine(x: Tensor, degrees: float = 12, stretch: float = 0.15, shear: float = 0.25,
                  shift: float = 0.08) -> Tensor:
    """Rotate, stretch, shear and shift each picture [N, C, H, W] by its own draw; the background is -1.

    ``degrees``: largest turn. ``stretch``: largest change of each side, as a share. ``shear``: largest sideways
    displacement a unit of height. ``shift``: largest move as a share of the half side. No flips: a flipped digit is
    another sign. Randomness from torch's global generator.
    """
    n, device = len(x), x.device

    def uniform(bound: float) -> Tensor:
        return (torch.rand(n, device=device) * 2 - 1) * bound

    turn, slant = uniform(math.radians(degrees)), uniform(shear)
    wide, high = 1 + uniform(stretch), 1 + uniform(stretch)
    cos, sin = torch.cos(turn), torch.sin(turn)
    rows = [
        torch.stack([cos * wide, cos * slant - sin * high, uniform(shift)], 1),
        torch.stack([sin * wide, sin * slant + cos * high, uniform(shift)], 1),
    ]
    where = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return F.grid_sample(x.float() + 1, where, align_corners=False) - 1
