"""Which codes follow which on a board: the prior of Razavi et al. 2019, arXiv:1906.00446, section 3.2.

The paper's priors are gated PixelCNNs with attention. These are residual blocks of causal convolutions that see far
enough for a small board, with a map that tells them where on the board they are.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.images import to_unit
from genmodels.nn.causal import CausalConv2d, CausalConvSteps

REACH = 2  # cells that a block sees to the left and right, and rows above


class Block(nn.Module):
    """h [..., width] -> the same and something added, from a bottleneck in which cells see those before them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.down = nn.Linear(width, width // 2)
        self.conv = CausalConv2d(width // 2, width // 2, REACH, REACH, sees_itself=True)
        self.up = nn.Linear(width // 2, width)

    def forward(self, h: Tensor) -> Tensor:
        return h + self.up(F.gelu(self.conv(F.gelu(self.down(self.norm(h))))))

    def step(self, h: Tensor, seen: CausalConvSteps, column: int) -> Tensor:
        """The same for one cell in this column [N, width]."""
        return h + self.up(F.gelu(seen.step(column, F.gelu(self.down(self.norm(h))))))


class BoardPrior(nn.Module):
    """p(board | start): a board of cells in the order of reading, each of ``parts`` codes in turn.

    The probability is the product over all codes of that of each given those before it. ``codes``: how many there are.
    ``size``: rows and columns of the board. ``width``: numbers that are carried from block to block.
    """

    def __init__(self, codes: int, size: tuple[int, int], parts: int, width: int, blocks: int) -> None:
        super().__init__()
        self.codes, self.size, self.parts = codes, size, parts
        self.embed = nn.Embedding(parts * codes, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(parts))
        self.drawn = nn.ModuleList(nn.Embedding(k * codes, width) for k in range(1, parts))
        self.logits = nn.ModuleList(nn.Linear(width, codes) for _ in range(parts))

    def forward(self, board: Tensor, start: Tensor) -> Tensor:
        """int64 [N, cells, parts] -> log-probability of each code given those before it [N, cells, parts].

        ``start`` [N, cells, width]: what is known of each cell beforehand.
        """
        before = F.pad(self._sum(self.embed, board)[:, :-1], (0, 0, 1, 0))
        h = (start + before).unflatten(1, self.size)
        for block in self.blocks:
            h = block(h)
        h = self.norm(h).flatten(1, 2)
        logits = torch.stack([self._part(h, board, k) for k in range(self.parts)], 2)
        return -F.cross_entropy(logits.float().movedim(-1, 1), board, reduction="none")

    def steps(self, n: int) -> list[CausalConvSteps]:
        """What the blocks remember of ``n`` boards while these are drawn."""
        return [CausalConvSteps(block.conv, n, self.size[1]) for block in self.blocks]

    def draw(self, place: int, before: Tensor | None, start: Tensor, dice: Tensor,
             steps: list[CausalConvSteps], temperature: float = 1.0) -> Tensor:
        """The codes of the cell at a place, int64 [N, parts], by dice [N, parts] in [-1, 1].

        ``before``: those of the cell before it, None at the first. ``start`` [N, width]: of this cell.
        ``temperature``: below 1, likely codes are chosen more often than they are likely.
        """
        column = place % self.size[1]
        drawn = torch.empty_like(dice, dtype=torch.int64)
        with torch.autocast(dice.device.type, enabled=False):  # a rounded probability can be another code
            h = start if before is None else start + self._sum(self.embed, before)
            for block, seen in zip(self.blocks, steps, strict=True):
                if column == 0:
                    seen.next_row()
                h = block.step(h, seen, column)
            h = self.norm(h)
            for k in range(self.parts):
                cumulative = (self._part(h, drawn, k) / temperature).softmax(-1).cumsum(-1)
                drawn[:, k] = (cumulative <= to_unit(dice[:, k : k + 1])).sum(-1).clamp_max(self.codes - 1)
        return drawn

    def _sum(self, table: nn.Embedding, codes: Tensor) -> Tensor:
        """Codes [..., k] -> the sum of their embeddings [..., width], each part's from its own rows."""
        offsets = torch.arange(codes.shape[-1], device=codes.device) * self.codes
        return table(codes + offsets).sum(-2)

    def _part(self, h: Tensor, board: Tensor, k: int) -> Tensor:
        """Logits [..., codes] of part ``k`` of a cell, given the cells before in ``h`` and the parts before it."""
        h = self.hidden[k](h) + (self._sum(self.drawn[k - 1], board[..., :k]) if k else 0)
        return self.logits[k](F.gelu(h))
