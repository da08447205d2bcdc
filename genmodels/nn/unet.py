"""A small U-Net from images to images that is told a time and a label, without normalization.

The outline is that of Ho et al. 2020 (arXiv:2006.11239), with the time and the label scaling and shifting the features
of each residual block (Perez et al. 2018, arXiv:1709.07871). Full resolution is left to the first and the last layers.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from genmodels.nn.layers import init_weights, lrelu, quarter_size

FREQUENCIES = 8  # of the features of time


class Block(nn.Module):
    """A residual block: two 3x3 convolutions, the features between them scaled and shifted by the embedding."""

    def __init__(self, channels: int, embedding_dim: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.film = nn.Linear(embedding_dim, 2 * channels)  # scales, less 1, then shifts
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, h: Tensor, embedding: Tensor) -> Tensor:
        scale, shift = self.film(embedding)[..., None, None].chunk(2, 1)  # [N, channels, 1, 1] each
        return h + self.conv2(lrelu(torch.addcmul(shift, self.conv1(lrelu(h)), 1 + scale)))


class UNet(nn.Module):
    """Images [N, C, H, W], times [N] in [0, 1] and labels [N, classes] -> images [N, C, H, W], unbounded.

    A label is one-hot, or zeros where there is none. ValueError unless height and width are multiples of 4.

    ``base``, ``mid`` and ``head``: feature maps at H/2 x W/2, at H/4 x W/4, and at H x W before the last convolution.
    ``mid_blocks``, ``up_blocks``: residual blocks at H/4 x W/4, and at H/2 x W/2 on the way up; there is one on the way
    down.
    """

    def __init__(self, image_shape: tuple[int, int, int], classes: int, base: int, mid: int, head: int,
                 embedding_dim: int, mid_blocks: int, up_blocks: int) -> None:
        super().__init__()
        quarter_size(image_shape)
        self.embed1 = nn.Linear(2 * FREQUENCIES + classes, embedding_dim)
        self.embed2 = nn.Linear(embedding_dim, embedding_dim)
        self.stem = nn.Conv2d(image_shape[0], base, 4, stride=2, padding=1)
        self.block_down = Block(base, embedding_dim)
        self.down = nn.Conv2d(base, mid, 4, stride=2, padding=1)
        self.blocks_mid = nn.ModuleList(Block(mid, embedding_dim) for _ in range(mid_blocks))
        self.up = nn.ConvTranspose2d(mid, base, 4, stride=2, padding=1)
        self.blocks_up = nn.ModuleList(Block(base, embedding_dim) for _ in range(up_blocks))
        self.head = nn.ConvTranspose2d(base, head, 4, stride=2, padding=1)
        self.out = nn.Conv2d(head, image_shape[0], 3, padding=1)
        init_weights(self)
        for block in self.modules():
            if isinstance(block, Block):  # at first it adds nothing, and nothing is scaled
                nn.init.zeros_(block.conv2.weight)
                nn.init.zeros_(block.film.weight)

    def forward(self, x: Tensor, t: Tensor, label: Tensor) -> Tensor:
        e = lrelu(self.embed2(lrelu(self.embed1(torch.cat([time_features(t), label], 1)))))
        skip = self.block_down(self.stem(x), e)  # [N, base, H/2, W/2]
        h = self.down(skip)  # [N, mid, H/4, W/4]
        for block in self.blocks_mid:
            h = block(h, e)
        h = self.up(h) + skip  # [N, base, H/2, W/2]
        for block in self.blocks_up:
            h = block(h, e)
        return self.out(lrelu(self.head(lrelu(h)))).float()  # [N, C, H, W]


def frequencies() -> Tensor:
    """Angles per unit of time, from half a turn to sixteen [FREQUENCIES]."""
    return math.pi * 2 ** torch.linspace(0, 5, FREQUENCIES)


def time_features(t: Tensor) -> Tensor:
    """Cosines, then sines, of times [N]: [N, 2 * FREQUENCIES]."""
    angle = t[:, None] * frequencies().to(t.device)
    return torch.cat([angle.cos(), angle.sin()], 1)
