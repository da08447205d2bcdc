"""Log-likelihood of binarised digits by importance sampling: Burda et al. 2016, arXiv:1509.00519, equation 8."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from genmodels.images import from_unit
from genmodels.losses import log_prior_ratio
from genmodels.model import CanEncode

ROWS = 500  # decodings a pass


def binarise(images: Tensor, how: str, seed: int = 0) -> Tensor:
    """uint8 [N, 28, 28] -> float32 [N, 1, 28, 28] of 0 and 1.

    ``dynamic``: each pixel white with the probability that its grey level gives, drawn by ``seed`` (Salakhutdinov &
    Murray 2008; what training draws anew at every step). ``static``: white from half grey upwards.
    """
    grey = images.unsqueeze(1).float() / 255
    if how == "static":
        return (grey >= 0.5).float()
    if how != "dynamic":
        raise ValueError(f"digits are binarised dynamic or static, not {how!r}")
    return torch.bernoulli(grey, generator=torch.Generator().manual_seed(seed))


@torch.inference_mode()
def log_likelihood(model: CanEncode, binary: Tensor, draws: int, labels: Tensor | None = None,
                   seed: int = 0) -> np.ndarray:
    """log 1/k sum_i p(x | z_i) p(z_i) / q(z_i | x) in nats, a lower bound on log p(x) that rises with k = ``draws``.

    ``binary`` float32 [N, 1, 28, 28] of 0 and 1 (and labels int64 [N] for a conditional model) -> float64 [N].
    Digit i's draws come from (seed, i) alone.
    """
    bounds, together = np.empty(len(binary)), max(1, ROWS // draws)  # digits a pass
    for start in range(0, len(binary), together):
        x = from_unit(binary[start : start + together])
        c = None if labels is None else labels[start : start + together]
        posterior = model.encode(x, c)
        generators = [torch.Generator().manual_seed(seed * 1_000_003 + start + i) for i in range(len(x))]
        weights = []
        for done in range(0, draws, ROWS):
            n = min(ROWS, draws - done)
            many = posterior.repeat(n)  # [n * digits, d], draw by draw
            noise = torch.stack([torch.randn(n, many.mu.shape[1], generator=g) for g in generators], 1).flatten(0, 1)
            z = many.mu + torch.exp(0.5 * many.logvar) * noise
            bound = model.elbo(x.repeat(n, 1, 1, 1), z, many, None if c is None else c.repeat(n))
            ratio = log_prior_ratio(z.double(), many.mu.double(), many.logvar.double())
            weights.append((ratio - bound.reconstruction).view(n, len(x)))
        bounds[start : start + together] = torch.cat(weights).logsumexp(0) - math.log(draws)
    return bounds
