"""Convolutions in which a pixel sees only those before it in reading order, all at once or one pixel at a time.

These are the masked convolutions of van den Oord et al. 2016 (arXiv:1601.06759, section 3.4), except that the weights
which the paper's masks set to zero do not exist. Feature maps have their channels last, [N, H, W, C], so that a layer
over single pixels is an ``nn.Linear``, which takes a map [N, H, W, C] and one pixel of each image [N, C] alike.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class CausalConv2d(nn.Module):
    """[N, H, W, inputs] -> [N, H, W, outputs]: a pixel sees ``rows`` rows above its own, and to its left.

    The pixel in column c sees columns c - reach to c + reach of the rows above; of its own row columns c - reach to
    c - 1, and itself too where ``sees_itself`` (the paper's mask B; without it, mask A). With a ``dilation`` of d, only
    each d-th of d times as many rows and columns (Yu & Koltun 2016, arXiv:1511.07122).
    """

    def __init__(self, inputs: int, outputs: int, rows: int, reach: int, sees_itself: bool, dilation: int = 1) -> None:
        super().__init__()
        self.rows, self.reach, self.sees_itself, self.dilation = rows, reach, sees_itself, dilation
        taps = rows * (2 * reach + 1), reach + sees_itself  # in the rows above, in its own row
        scale = math.sqrt(2 / (inputs * sum(taps)))  # He et al. 2015, arXiv:1502.01852
        self.above = nn.Parameter(scale * torch.randn(outputs, inputs, rows, 2 * reach + 1)) if rows else None
        self.left = nn.Parameter(scale * torch.randn(outputs, inputs, 1, taps[1]))
        self.bias = nn.Parameter(torch.zeros(outputs))

    @property
    def margin(self) -> int:
        """Columns of zeros that the kernel needs on each side of the image."""
        return self.reach * self.dilation

    def forward(self, h: Tensor) -> Tensor:
        d = self.dilation
        if self.above is None:
            h = F.pad(h, (0, 0, self.margin, 0 if self.sees_itself else -d)).permute(0, 3, 1, 2)
            return F.conv2d(h, self.left, self.bias, dilation=d).permute(0, 2, 3, 1)
        own_row = F.pad(self.left, (0, self.above.shape[3] - self.left.shape[3]))
        h = F.pad(h, (0, 0, 0, 0, self.rows * d, 0)).permute(0, 3, 1, 2)
        kernel = torch.cat([self.above, own_row], 2)
        return F.conv2d(h, kernel, self.bias, padding=(0, self.margin), dilation=d).permute(0, 2, 3, 1)


class CausalConvSteps:
    """The same convolution over ``n`` images pixel by pixel, with the same results.

    ``next_row`` begins a row; then, for each column in turn, ``put`` is given its inputs [n, inputs] and ``get`` has
    its outputs [n, outputs]. Where the convolution does not see the pixel itself, ``get`` comes before ``put``.
    """

    def __init__(self, conv: CausalConv2d, n: int, width: int) -> None:
        self.conv = conv
        self.own_row = conv.left.permute(3, 1, 2, 0).flatten(0, 2)  # [taps * inputs, outputs]
        # The rows that can still be seen, the current one last, with zeros on both sides.
        self.seen = conv.bias.new_zeros(conv.rows * conv.dilation + 1, n, width + 2 * conv.margin, conv.left.shape[1])
        self.from_above = (conv.bias.expand(n, -1),) * width  # by column, [n, outputs]

    def next_row(self) -> None:
        """Begin a row: what the rows above contribute is computed for all of it at once."""
        conv = self.conv
        self.seen = self.seen.roll(-1, 0)
        self.seen[-1] = 0
        if conv.above is not None:
            rows = self.seen[: -1 : conv.dilation].permute(1, 3, 0, 2)  # [n, inputs, rows, columns]
            outputs = F.conv2d(rows, conv.above, conv.bias, dilation=(1, conv.dilation)).squeeze(2)
            self.from_above = outputs.permute(2, 0, 1).contiguous().unbind(0)

    def put(self, column: int, inputs: Tensor) -> None:
        self.seen[-1, :, self.conv.margin + column] = inputs

    def get(self, column: int) -> Tensor:
        conv = self.conv
        end = column + conv.margin + conv.sees_itself
        window = self.seen[-1, :, column : end : conv.dilation].flatten(1)
        return torch.addmm(self.from_above[column], window, self.own_row)

    def step(self, column: int, inputs: Tensor) -> Tensor:
        """``put``, then ``get``."""
        self.put(column, inputs)
        return self.get(column)
