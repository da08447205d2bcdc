"""Autoencoders on real images: reconstruction error, evidence lower bound, and use of the latents.

Kingma & Welling 2014, arXiv:1312.6114; Burda et al. 2016, arXiv:1509.00519.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from torch import Tensor

from genmodels.capabilities import CanEncode, CanReconstruct, HasElbo, Posterior
from genmodels.images import from_uint8, to_unit
from genmodels.model import map_in_batches


def encode(model: CanEncode, images: np.ndarray | Tensor, labels: Tensor | None = None) -> Posterior:
    """uint8 [N, H, W] (and int64 [N] for a conditional model) -> posterior, [N, d]; row i from image i alone."""
    kind: list[type] = []

    def rows(x: Tensor, y: Tensor | None) -> Tensor:
        posterior = model.encode(from_uint8(x), y)
        kind.append(type(posterior))
        return _stack(posterior)

    stacked = map_in_batches(rows, torch.as_tensor(images), labels)
    return kind[0](*stacked.unbind(1))


def reconstruct(model: CanReconstruct, images: np.ndarray | Tensor, labels: Tensor | None = None) -> Tensor:
    """uint8 [N, H, W] -> reconstructions, float32 [N, C, H, W] in [-1, 1]."""
    return map_in_batches(lambda x, y: model.reconstruct(from_uint8(x), y), torch.as_tensor(images), labels)


def reconstruction_mse(model: CanReconstruct, images: Tensor, labels: Tensor | None = None) -> float:
    """Mean squared error per pixel, on [0, 1], of the reconstructions of uint8 [N, H, W]."""

    def rows(x: Tensor, y: Tensor | None) -> Tensor:
        x = from_uint8(x)
        return (to_unit(model.reconstruct(x, y)) - to_unit(x)).square().flatten(1).mean(1)

    return map_in_batches(rows, images, labels).double().mean().item()


def elbo(model: HasElbo, images: Tensor, posterior: Posterior, labels: Tensor | None = None, seed: int = 0) -> float:
    """Mean evidence lower bound in nats per image, from one sample of each posterior; uint8 [N, H, W].

    Models with Bernoulli pixels take gray levels as the probabilities of a white pixel; their values are comparable
    with each other, not with values on binarized images. Models with a density take them as intensities.
    """

    def rows(x: Tensor, stacked: Tensor, y: Tensor | None) -> Tensor:
        given = type(posterior)(*stacked.unbind(1))
        return model.elbo(from_uint8(x), given.sample(), given, y).elbo

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return map_in_batches(rows, images, _stack(posterior), labels).double().mean().item()


def active_units(mu: Tensor) -> int:
    """Number of latents whose posterior mean ``mu`` [N, d] varies by more than 0.01 (Burda et al., section 5.2)."""
    return int((mu.double().var(0) > 0.01).sum())


def latent_usage(posterior: Posterior) -> dict[str, list]:
    """How much each latent is used, over the images behind ``posterior`` [N, d].

    ``range``: the 1st and 99th percentile of the posterior mean; ``order``: the latents by decreasing KL
    divergence from the prior (``kl``, its mean in nats); in their own order where the posterior has no divergence.
    """
    ends = np.percentile(posterior.mean.numpy(), [1, 99], axis=0).T
    usage: dict[str, list] = {"order": list(range(posterior.mean.shape[1])),
                              "range": [[round(float(v), 2) for v in pair] for pair in ends]}
    if hasattr(posterior, "kl"):
        kl = posterior.kl().double().mean(0)
        usage["kl"] = [round(v, 3) for v in kl.tolist()]
        usage["order"] = kl.argsort(descending=True, stable=True).tolist()
    return usage


def _stack(posterior: Posterior) -> Tensor:
    """The parameters of a posterior side by side, [N, number of them, d]."""
    return torch.stack([getattr(posterior, field.name) for field in dataclasses.fields(posterior)], 1)
