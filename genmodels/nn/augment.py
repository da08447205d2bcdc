"""Random small deformations of images, on the batch, in torch."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def random_affine(x: Tensor, degrees: float = 12, scale: float = 0.15, shear: float = 0.25,
                  translate: float = 0.08) -> Tensor:
    """Rotate, scale, shear and move each image [N, C, H, W] by its own random amounts; the background is -1.

    ``degrees``: largest rotation. ``scale``: largest change of height and of width, as a share. ``shear``: largest
    sideways displacement per unit of height. ``translate``: largest move as a share of half the size. No flips, since a
    flipped digit is no digit. Uses torch's global generator.
    """
    n, device = len(x), x.device

    def uniform(bound: float) -> Tensor:
        return (torch.rand(n, device=device) * 2 - 1) * bound

    angle, slant = uniform(math.radians(degrees)), uniform(shear)
    wide, high = 1 + uniform(scale), 1 + uniform(scale)
    cos, sin = torch.cos(angle), torch.sin(angle)
    rows = [
        torch.stack([cos * wide, cos * slant - sin * high, uniform(translate)], 1),
        torch.stack([sin * wide, sin * slant + cos * high, uniform(translate)], 1),
    ]
    positions = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return F.grid_sample(x.float() + 1, positions, align_corners=False) - 1


def random_shift(x: Tensor, pixels: int) -> Tensor:
    """Move each image [N, C, H, W] by its own random number of whole pixels, at most ``pixels`` each way.

    What comes in at the edge is -1, the background. Uses torch's global generator.
    """
    if not pixels:
        return x
    n, _, height, width = x.shape
    down, right = torch.randint(2 * pixels + 1, (2, n, 1), device=x.device)
    rows = torch.arange(height, device=x.device) + down  # [N, H]
    columns = torch.arange(width, device=x.device) + right  # [N, W]
    padded = F.pad(x, (pixels,) * 4, value=-1).movedim(1, 3)
    every = torch.arange(n, device=x.device)[:, None, None]
    return padded[every, rows[:, :, None], columns[:, None]].movedim(3, 1)
