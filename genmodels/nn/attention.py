"""Transformer blocks on grids of tokens, as in TransGAN (Jiang et al. 2021, arXiv:2102.07074): tokens look at tokens.

Two norms of a token, mapped to queries, keys and values; each token takes a weighted mean of the values, its weights
are the attention. A learned bias for every offset between two places (equation 2) is what tells a token its neighbors
from tokens far away.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.nn.layers import lrelu


def token_norm(h: Tensor) -> Tensor:
    """Tokens [..., d] moved and scaled to mean 0 and variance 1, without parameters."""
    return F.layer_norm(h, h.shape[-1:])


def grid_offsets(height: int, width: int, extra: int = 0) -> Tensor:
    """Which of the (2 height - 1)(2 width - 1) offsets leads from each place of a grid to each: int64 [T, T].

    Row t are the offsets of all places, in reading order, seen from place t. ``extra`` tokens without a place come
    first; offsets from and to them are all one more number, the last.
    """
    place = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij"), -1).flatten(0, 1)
    down, right = (place[None] - place[:, None]).unbind(-1)  # [T, T] each
    index = (down + height - 1) * (2 * width - 1) + right + width - 1
    return F.pad(index, (extra, 0, extra, 0), value=(2 * height - 1) * (2 * width - 1))


class Attention(nn.Module):
    """Multi-head self-attention over a grid of tokens [N, extra + height * width, dim], whose shape it keeps."""

    def __init__(self, dim: int, heads: int, grid: tuple[int, int], extra: int = 0) -> None:
        super().__init__()
        if dim % heads:
            raise ValueError(f"{heads} heads do not divide {dim} features")
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.out = nn.Linear(dim, dim)
        self.bias = nn.Parameter(torch.zeros(heads, (2 * grid[0] - 1) * (2 * grid[1] - 1) + 1))
        self.register_buffer("offsets", grid_offsets(*grid, extra), persistent=False)

    def split(self, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q, k, v = self.qkv(h).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return q, k, v

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        """How much each token (row) takes from each (column), by head: [N, heads, T, T], rows sum to 1.

        From plain operations, since the gradient penalties differentiate them twice, which fused attention cannot be.
        """
        scores = (q / q.shape[-1] ** 0.5) @ k.mT
        return torch.softmax(scores + self.bias[:, self.offsets].to(scores.dtype), -1)

    def forward(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """The tokens' updates, and the attention that they come by."""
        q, k, v = self.split(h)
        weights = self.weights(q, k)
        return self.out((weights.to(v.dtype) @ v).transpose(1, 2).flatten(2)), weights


class Block(nn.Module):
    """Attention, then a layer of each token for itself; both add to the tokens."""

    def __init__(self, dim: int, heads: int, grid: tuple[int, int], extra: int = 0, mlp_ratio: int = 2) -> None:
        super().__init__()
        self.attention = Attention(dim, heads, grid, extra)
        self.hidden = nn.Linear(dim, mlp_ratio * dim)
        self.out = nn.Linear(mlp_ratio * dim, dim)

    def forward(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens [N, T, dim] after the block, and its attention [N, heads, T, T]."""
        update, weights = self.attention(token_norm(h))
        h = h + update
        return h + self.out(lrelu(self.hidden(token_norm(h)))), weights
