"""Random small deformations of images, on the batch, in torch."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def random_affine(x: Tensor, degrees: float = 12, scale: float = 0.15, shear: float | Tensor = 0.25,
                  translate: float = 0.08) -> Tensor:
    """Rotate, scale, shear and move each image [N, C, H, W] by its own random amounts; the background is -1.

    ``degrees``: largest rotation. ``scale``: largest change of height and of width, as a share. ``shear``: largest
    sideways displacement per unit of height, or the displacement of each image [N], to the right at the top where it
    is positive. ``translate``: largest move as a share of half the size. No flips, since a flipped digit is no digit.
    Uses torch's global generator.
    """
    n, device = len(x), x.device

    def uniform(bound: float) -> Tensor:
        return (torch.rand(n, device=device) * 2 - 1) * bound

    angle, slant = uniform(math.radians(degrees)), shear if isinstance(shear, Tensor) else uniform(shear)
    wide, high = 1 + uniform(scale), 1 + uniform(scale)
    cos, sin = torch.cos(angle), torch.sin(angle)
    rows = [
        torch.stack([cos * wide, cos * slant - sin * high, uniform(translate)], 1),
        torch.stack([sin * wide, sin * slant + cos * high, uniform(translate)], 1),
    ]
    positions = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return F.grid_sample(x.float() + 1, positions, align_corners=False) - 1


def thicken(x: Tensor, amount: Tensor) -> Tensor:
    """Widen the strokes of each image [N, C, H, W], light on dark, by its amount [N] in [-1, 1]; below 0 thin them.

    Gray dilation and erosion by a square (Serra 1982) at twice the resolution, mixed with the image itself. 1 adds
    about 0.7 pixels to the strokes of a digit and -1 takes 0.4 away.
    """
    fine = F.interpolate(x, scale_factor=2, mode="bilinear")
    grown, shrunk = F.max_pool2d(fine, 3, 1, 1), -F.max_pool2d(-fine, 3, 1, 1)
    amount = amount[:, None, None, None]
    towards = F.avg_pool2d(torch.where(amount > 0, grown, shrunk), 2)
    return x + torch.where(amount > 0, amount / 2, -amount) * (towards - x)
