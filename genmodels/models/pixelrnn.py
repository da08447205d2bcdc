"""PixelRNN, the Row LSTM: van den Oord et al. 2016, arXiv:1601.06759, section 3.1.

Each pixel is predicted from those before it. An LSTM goes down the image row by row, all columns at once; a column's
state is made from three of the row above, so that it may remember anything in a triangle that widens upwards, where
``pixelcnn`` sees as far as its kernels reach. Each layer adds to the features that it reads, as in figure 5;
``PixelNetwork`` says what is not the paper's.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
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
from genmodels.nn.row_lstm import RowLSTM, cell, neighbors


@dataclass(frozen=True)
class Config(AutoregressiveConfig):
    layers: int = 3
    steps: int = 14_000


class RowLSTMLayer(CausalLayer):
    """Input to state by a masked 1x3 convolution, state to state by a 1x3 one over the row above, 1x1 back to 2h."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.input_to_state = CausalConv2d(2 * hidden, 4 * hidden, rows=0, reach=1, sees_itself=True)
        self.state_to_state = nn.Linear(3 * hidden, 4 * hidden, bias=False)
        self.widen = zeros(nn.Linear(hidden, 2 * hidden))

    def forward(self, h: Tensor) -> Tensor:
        rows, weight = h.transpose(0, 1).contiguous(), self.state_to_state.weight  # [H, N, W, 2 hidden]
        states = RowLSTM.apply(self.input_to_state(rows).to(weight.dtype), weight)
        return h + self.widen(states).transpose(0, 1)

    @property
    def operations(self) -> list[Operation]:
        return [("conv", self.input_to_state), ("lstm", self.state_to_state), ("linear", self.widen)]

    def steps(self, n: int, width: int) -> RowLSTMSteps:
        return RowLSTMSteps(self, n, width)


class RowLSTMSteps:
    def __init__(self, layer: RowLSTMLayer, n: int, width: int) -> None:
        self.layer, self.inputs = layer, CausalConvSteps(layer.input_to_state, n, width)
        empty = layer.widen.weight.new_zeros(n, layer.hidden)
        self.states, self.cells = [empty] * width, [empty] * width  # by column, of the latest row there

    def next_row(self) -> None:
        self.inputs.next_row()
        self.from_above = self.layer.state_to_state(neighbors(torch.stack(self.states, 1))).unbind(1)

    def step(self, column: int, h: Tensor) -> Tensor:
        gates = self.inputs.step(column, h) + self.from_above[column]
        self.states[column], self.cells[column] = cell(gates, self.cells[column])
        return h + self.layer.widen(self.states[column])


class PixelRNN(AutoregressiveModel):
    Config = Config
    info = ModelInfo(
        paper="van den Oord et al., Pixel Recurrent Neural Networks", year=2016,
        url="https://arxiv.org/abs/1601.06759", family="autoregressive",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.network = PixelNetwork(config, [RowLSTMLayer(config.hidden) for _ in range(config.layers)])
