"""Log-likelihood: exact where the model has one, else by importance sampling (Burda et al. 2016, arXiv:1509.00519)."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from genmodels.capabilities import HasElbo, HasLogProb
from genmodels.images import from_unit, require_gray
from genmodels.model import map_in_batches
from genmodels.nn.losses import log_p_over_q

ROWS_PER_BATCH = 500  # decodings
IMAGES_PER_BATCH = 100  # of an exact likelihood


def binarize(images: Tensor, how: str, seed: int = 0) -> Tensor:
    """uint8 [N, H, W] -> float32 [N, 1, H, W] of 0 and 1.

    ``dynamic``: each pixel white with the probability given by its gray level, sampled by ``seed`` (Salakhutdinov &
    Murray 2008; training samples anew at every step). ``static``: white from half gray upwards. ValueError otherwise,
    and for images in color.
    """
    require_gray(images, "pixels are binarized")
    gray = images.unsqueeze(1).float() / 255
    if how == "static":
        return (gray >= 0.5).float()
    if how != "dynamic":
        raise ValueError(f"images are binarized dynamic or static, not {how!r}")
    return torch.bernoulli(gray, generator=torch.Generator().manual_seed(seed))


def exact_log_likelihood(model: HasLogProb, images: Tensor, labels: Tensor | None = None) -> np.ndarray:
    """log p(x) in nats; ``images`` float32 [N, C, H, W] of 0 and 1, labels as for ``log_likelihood`` -> float64 [N]."""
    rows = map_in_batches(model.log_prob, from_unit(images), labels, batch_size=min(IMAGES_PER_BATCH, len(images)))
    return rows.double().numpy()


@torch.inference_mode()
def log_likelihood(model: HasElbo, images: Tensor, importance_samples: int, labels: Tensor | None = None,
                   seed: int = 0) -> np.ndarray:
    """log 1/k sum_i p(x | z_i) p(z_i) / q(z_i | x) in nats (equation 8): a lower bound on log p(x) that rises with k.

    ``images`` float32 [N, C, H, W] in [0, 1], binary where the model's pixels are (and labels int64 [N] for a
    conditional model) -> float64 [N]; k is ``importance_samples``. The samples of image i depend on (seed, i) alone.
    """
    k = importance_samples
    bounds, per_batch = np.empty(len(images)), max(1, ROWS_PER_BATCH // k)  # images
    for start in range(0, len(images), per_batch):
        x = from_unit(images[start : start + per_batch])
        y = None if labels is None else labels[start : start + per_batch]
        posterior = model.encode(x, y)
        generators = [torch.Generator().manual_seed(seed * 1_000_003 + start + i) for i in range(len(x))]
        log_weights = []
        for done in range(0, k, ROWS_PER_BATCH):
            n = min(ROWS_PER_BATCH, k - done)
            repeated = posterior.repeat(n)  # [n * images, d], sample by sample
            noise = torch.stack([torch.randn(n, repeated.mu.shape[1], generator=g) for g in generators], 1)
            z = repeated.mu + torch.exp(0.5 * repeated.logvar) * noise.flatten(0, 1)
            bound = model.elbo(x.repeat(n, 1, 1, 1), z, repeated, None if y is None else y.repeat(n))
            ratio = log_p_over_q(z.double(), repeated.mu.double(), repeated.logvar.double())
            log_weights.append((ratio - bound.reconstruction_nll).view(n, len(x)))
        bounds[start : start + per_batch] = torch.cat(log_weights).logsumexp(0) - math.log(k)
    return bounds
