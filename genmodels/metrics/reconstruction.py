"""What an encoder and its decoder preserve of real images: reconstruction error, the evidence lower bound, and which
latents are used (Kingma & Welling 2014, arXiv:1312.6114; Burda et al. 2016, arXiv:1509.00519)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from genmodels.images import from_uint8, to_unit
from genmodels.losses import gaussian_kl
from genmodels.model import CanEncode, Posterior, in_chunks


def encode(model: CanEncode, images: np.ndarray | Tensor, labels: Tensor | None = None) -> Posterior:
    """uint8 [N, 28, 28] (and int64 [N] for a conditional model) -> posterior, [N, d]; row i from image i alone."""

    def rows(x: Tensor, y: Tensor | None) -> Tensor:
        posterior = model.encode(from_uint8(x), y)
        return torch.stack([posterior.mu, posterior.logvar], 1)

    return Posterior(*in_chunks(rows, torch.as_tensor(images), labels).unbind(1))


def reconstruction_mse(model: CanEncode, images: Tensor, posterior: Posterior, labels: Tensor | None = None) -> float:
    """Mean squared error per pixel, on [0, 1], of decoding the posterior mean; uint8 [N, 28, 28]."""

    def rows(x: Tensor, mu: Tensor, y: Tensor | None) -> Tensor:
        return (to_unit(model.decode(mu, y)) - to_unit(from_uint8(x))).square().flatten(1).mean(1)

    return in_chunks(rows, images, posterior.mu, labels).double().mean().item()


def elbo(model: CanEncode, images: Tensor, posterior: Posterior, labels: Tensor | None = None, seed: int = 0) -> float:
    """Mean evidence lower bound in nats per image, from one sample of each posterior; uint8 [N, 28, 28].

    Gray levels are taken as the probabilities of a white pixel, as in training: comparable between these models, not
    with values on binarized images.
    """

    def rows(x: Tensor, mu: Tensor, logvar: Tensor, y: Tensor | None) -> Tensor:
        given = Posterior(mu, logvar)
        return model.elbo(from_uint8(x), given.sample(), given, y).elbo

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return in_chunks(rows, images, posterior.mu, posterior.logvar, labels).double().mean().item()


def active_units(mu: Tensor) -> int:
    """Number of latents whose posterior mean ``mu`` [N, d] varies by more than 0.01 (Burda et al., section 5.2)."""
    return int((mu.double().var(0) > 0.01).sum())


def latent_usage(posterior: Posterior) -> dict[str, list]:
    """How much each latent is used, over the images behind ``posterior`` [N, d].

    ``kl``: mean KL divergence from the prior in nats; ``order``: the latents by decreasing KL; ``range``: the 1st and
    99th percentile of the posterior mean.
    """
    kl = gaussian_kl(posterior.mu, posterior.logvar).double().mean(0)
    ends = np.percentile(posterior.mu.numpy(), [1, 99], axis=0).T
    return {
        "kl": [round(v, 3) for v in kl.tolist()],
        "order": kl.argsort(descending=True, stable=True).tolist(),
        "range": [[round(float(v), 2) for v in pair] for pair in ends],
    }
