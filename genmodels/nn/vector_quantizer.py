"""A codebook that is learned by counting: van den Oord et al. 2017, arXiv:1711.00937, section 3 and appendix A.1."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.nn.mixture import spread_rows


class Quantized(NamedTuple):
    """``vectors`` [N, D, H, W] of ``codes`` int64 [N, H, W], and the ``commitment`` loss, a scalar."""

    vectors: Tensor
    codes: Tensor
    commitment: Tensor


class VectorQuantizer(nn.Module):
    """Replaces each vector of a map by the nearest of ``size`` vectors, whose numbers are the codes.

    In training each vector of the codebook is the moving average of what it stands for (the form of appendix A.1, with
    the running sums divided out), and one that stands for hardly anything moves to where the error is large: without
    that, a few codes soon do all the work (Razavi et al. 2019 restart such codes too).

    ``dim``: numbers of a vector. ``decay``: of the averages. ``min_share``: of a fair share of all vectors, below which
    a code is moved; 0 moves none.
    """

    def __init__(self, size: int, dim: int, decay: float = 0.99, min_share: float = 0.1) -> None:
        super().__init__()
        self.decay, self.min_share = decay, min_share
        self.register_buffer("vectors", torch.randn(size, dim))
        self.register_buffer("share", torch.zeros(size))  # of all vectors; zeros until the first step of training

    def forward(self, z: Tensor) -> Quantized:
        """z [N, D, H, W]; gradients pass straight through (equation 3's second term is left to the averages)."""
        z = z.float().movedim(1, -1)  # [N, H, W, D]
        rows = z.detach().reshape(-1, z.shape[-1])
        if self.training and not self.share.any():
            self.vectors.copy_(rows[spread_rows(rows, len(self.vectors))])
            self.share.fill_(1 / len(self.share))
        codes, distances = self._nearest(rows)
        quantized = F.embedding(codes, self.vectors).view_as(z)
        if self.training:
            self._follow(rows, codes, distances)
        commitment = F.mse_loss(z, quantized)
        passed = (z + (quantized - z).detach()) if torch.is_grad_enabled() else quantized
        return Quantized(passed.movedim(-1, 1), codes.view(z.shape[:-1]), commitment)

    def lookup(self, codes: Tensor) -> Tensor:
        """Codes int64 [N, H, W] -> their vectors [N, D, H, W]."""
        return F.embedding(codes, self.vectors).movedim(-1, 1)

    def _nearest(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """The code of each row [M, D], and its squared distance; [M] each."""
        with torch.autocast(rows.device.type, enabled=False):  # a rounded distance would be another code
            squared, codes = (self.vectors.square().sum(1) - 2 * rows @ self.vectors.T).min(1)
        return codes, (squared + rows.square().sum(1)).clamp_min(0)

    @torch.no_grad()
    def _follow(self, rows: Tensor, codes: Tensor, distances: Tensor) -> None:
        """Move the codebook towards the vectors that it has just stood for."""
        size = len(self.vectors)
        counts = codes.bincount(minlength=size).to(rows)
        sums = torch.zeros_like(self.vectors).index_add_(0, codes, rows)
        gained = (1 - self.decay) * counts / len(rows)
        self.share.mul_(self.decay).add_(gained)
        pull = gained / self.share.clamp_min(1e-12)  # equation 8 over equation 6
        self.vectors.add_(pull[:, None] * (sums / counts.clamp_min(1)[:, None] - self.vectors))
        idle = (self.share < self.min_share / size).nonzero().squeeze(1)
        if len(idle) and distances.any():
            self.vectors[idle] = rows[torch.multinomial(distances, len(idle), replacement=True)]
            self.share[idle] = 1 / size
        if dist.is_available() and dist.is_initialized():  # all processes go by the first one's counts
            dist.broadcast(self.vectors, 0)
            dist.broadcast(self.share, 0)
