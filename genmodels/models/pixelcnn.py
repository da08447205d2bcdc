"""PixelCNN: van den Oord et al. 2016, arXiv:1601.06759.

Each pixel is predicted from those before it by masked convolutions, so one pass has the probabilities of all pixels of
an image that is there; drawing one takes as many steps as it has pixels. Layers and sizes are the paper's for MNIST
(residual blocks as in its figure 5, h = 32), but that the kernels of its 3x3 convolutions are spread by 1, 2 and 4 in
turn: plain ones see half of the pixels before, in a cone that widens by one pixel a row. ``PixelNetwork`` says what
else is not the paper's. ``pixelrnn`` is its sibling, with rows of LSTMs for the convolutions.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.autoregressive import (
    AutoregressiveConfig,
    AutoregressiveModel,
    CausalLayer,
    Operation,
    PixelNetwork,
    zeros,
)
from genmodels.model import ModelInfo
from genmodels.nn.causal import CausalConv2d, CausalConvSteps


@dataclass(frozen=True)
class Config(AutoregressiveConfig):
    blocks: int = 7
    dilation_cycle: int = 3  # blocks in which a kernel's spread doubles, from 1, before it starts anew; 1 is the paper
    gated: bool = False  # tanh(a) * sigmoid(b) for the rectifier after the 3x3 (van den Oord 2016b, arXiv:1606.05328)
    steps: int = 8_000


class Block(CausalLayer):
    """The residual block of figure 5: 1x1 from 2h to h, masked 3x3, 1x1 back to 2h, a rectifier before each."""

    def __init__(self, hidden: int, dilation: int, gated: bool) -> None:
        super().__init__()
        self.gated = gated
        self.narrow = nn.Linear(2 * hidden, hidden)
        self.conv = CausalConv2d(hidden, hidden * (1 + gated), rows=1, reach=1, sees_itself=True, dilation=dilation)
        self.widen = zeros(nn.Linear(hidden, 2 * hidden))

    def forward(self, h: Tensor) -> Tensor:
        return h + self.leave(self.conv(self.enter(h)))

    def enter(self, h: Tensor) -> Tensor:
        return F.relu_(self.narrow(F.relu(h)))

    def leave(self, h: Tensor) -> Tensor:
        if self.gated:
            a, b = h.chunk(2, -1)
            return self.widen(torch.tanh(a) * torch.sigmoid(b))
        return self.widen(F.relu_(h))

    @property
    def operations(self) -> list[Operation]:
        return [("relu", None), ("linear", self.narrow), ("relu", None), ("conv", self.conv),
                ("gate" if self.gated else "relu", None), ("linear", self.widen)]

    def steps(self, n: int, width: int) -> BlockSteps:
        return BlockSteps(self, n, width)


class BlockSteps:
    def __init__(self, block: Block, n: int, width: int) -> None:
        self.block, self.conv = block, CausalConvSteps(block.conv, n, width)
        self.next_row = self.conv.next_row

    def step(self, column: int, h: Tensor) -> Tensor:
        return h + self.block.leave(self.conv.step(column, self.block.enter(h)))


class PixelCNN(AutoregressiveModel):
    Config = Config
    info = ModelInfo(
        paper="van den Oord et al., Pixel Recurrent Neural Networks", year=2016,
        url="https://arxiv.org/abs/1601.06759", family="autoregressive",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.network = PixelNetwork(config, [Block(config.hidden, 2 ** (k % config.dilation_cycle), config.gated)
                                             for k in range(config.blocks)])
