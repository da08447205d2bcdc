"""Autoencoders on real images: reconstructions, evidence lower bound, the bottleneck and the use of the latents.

Kingma & Welling 2014, arXiv:1312.6114; Burda et al. 2016, arXiv:1509.00519.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import torch
from torch import Tensor

from genmodels.capabilities import CanEncode, CanReconstruct, HasCodes, HasElbo, Posterior
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


def sharpness(x: Tensor) -> Tensor:
    """Images [N, C, H, W] in [-1, 1] -> the mean gradient at their edges, in units of the whole range per pixel [N].

    A place counts as much as its gradient is large. A plain mean over the image would not notice blur: an edge that is
    spread over three pixels has a third of the gradient, three times. 0 for an image without an edge.
    """
    unit = to_unit(x).double()
    down, right = unit.diff(dim=2)[..., :-1], unit.diff(dim=3)[..., :-1, :]
    gradient = torch.hypot(down, right).flatten(1)
    return gradient.square().sum(1) / gradient.sum(1).clamp_min(1e-12)


def bottleneck_bits(model: CanReconstruct, images: Tensor, labels: Tensor | None = None) -> float:
    """Bits of an image that pass a model's bottleneck, as a mean over uint8 [N, H, W].

    Of discrete codes, the bits that number them. Of a posterior, its KL divergence from the prior, which an ideal coder
    needs (Hinton & van Camp 1993). Of a code without one, 32 bits for each number. ValueError for other models.
    """
    if isinstance(model, HasCodes):
        codes = model.codes(from_uint8(images[:1]))
        return sum(b[0].numel() * math.log2(size) for b, size in zip(codes, model.codebook_sizes, strict=True))
    if not isinstance(model, CanEncode):
        raise ValueError("this model shows nothing of its bottleneck")
    posterior = encode(model, images, labels)
    if hasattr(posterior, "kl"):
        return posterior.kl().double().sum(1).mean().item() / math.log(2)
    return 32.0 * posterior.mean.shape[1]


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
