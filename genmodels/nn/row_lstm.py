"""The recurrence of the Row LSTM over the rows of an image, with its gradient written out.

van den Oord et al. 2016, arXiv:1601.06759, section 3.1. Torch's own gradient of a loop keeps a graph of a dozen small
tensors for every row and sums the gradient of the weights row by row; this takes it of all rows at once.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def neighbors(h: Tensor) -> Tensor:
    """A row [N, W, h] -> [N, W, 3 h]: of each column, the values to its left, its own, those to its right."""
    return torch.cat([F.pad(h, (0, 0, 1, 0))[:, :-1], h, F.pad(h, (0, 0, 0, 1))[:, 1:]], 2)


def cell(gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Equation 3: gates before their activation [..., 4 h] (input, forget, output, content) and cell states [..., h].

    Returns the hidden and cell states after it, [..., h] each.
    """
    i, f, o, g = gates.chunk(4, -1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


class RowLSTM(torch.autograd.Function):
    """``RowLSTM.apply(inputs, weight)``: [H, N, W, 4 h] and [4 h, 3 h] -> hidden states [H, N, W, h].

    ``inputs``: what the input adds to the gates; ``weight``: what the row above adds, from ``neighbors``' values.
    """

    @staticmethod
    def forward(context, inputs: Tensor, weight: Tensor) -> Tensor:
        height, n, width, _ = inputs.shape
        size = weight.shape[1] // 3
        states = inputs.new_zeros(height + 1, n, width, size)  # after each row, and before the first
        cells, gates = torch.zeros_like(states), torch.empty_like(inputs, memory_format=torch.contiguous_format)
        squashed = inputs.new_empty(height, n, width, size)  # tanh of the cells
        for row in range(height):
            torch.addmm(inputs[row].flatten(0, 1), neighbors(states[row]).flatten(0, 1), weight.T,
                        out=gates[row].flatten(0, 1))
            gates[row, ..., : 3 * size].sigmoid_()
            gates[row, ..., 3 * size :].tanh_()
            i, f, o, g = gates[row].chunk(4, -1)
            torch.mul(f, cells[row], out=cells[row + 1]).addcmul_(i, g)
            torch.tanh(cells[row + 1], out=squashed[row])
            torch.mul(o, squashed[row], out=states[row + 1])
        context.save_for_backward(states, cells, gates, squashed, weight)
        return states[1:]

    @staticmethod
    def backward(context, d_states: Tensor) -> tuple[Tensor, Tensor]:
        states, cells, gates, squashed, weight = context.saved_tensors
        height, n, width, size = squashed.shape
        d_inputs, d_cell, d_above = torch.empty_like(gates), torch.zeros_like(cells[0]), torch.zeros_like(states[0])
        sigmoid_backward, tanh_backward = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward
        for row in reversed(range(height)):
            i, f, o, g = gates[row].chunk(4, -1)
            d_i, d_f, d_o, d_g = d_inputs[row].chunk(4, -1)
            d_state = d_states[row] + d_above
            d_cell += tanh_backward(d_state * o, squashed[row])
            torch.mul(d_cell, g, out=d_i)
            torch.mul(d_cell, cells[row], out=d_f)
            torch.mul(d_state, squashed[row], out=d_o)
            activations, d_activations = gates[row, ..., : 3 * size], d_inputs[row, ..., : 3 * size]
            d_activations.copy_(sigmoid_backward(d_activations, activations))
            d_g.copy_(tanh_backward(d_cell * i, g))
            d_cell *= f
            left, own, right = (d_inputs[row].flatten(0, 1) @ weight).view(n, width, -1).chunk(3, -1)
            d_above = own.clone()
            d_above[:, :-1] += left[:, 1:]
            d_above[:, 1:] += right[:, :-1]
        seen = neighbors(states[:-1].flatten(0, 1)).flatten(0, 1)  # by all rows
        return d_inputs, d_inputs.flatten(0, 2).T @ seen
