"""The losses that several models share, in the notation of their papers."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

GAN_LOSSES = ("minimax", "nonsaturating", "relativistic")


def discriminator_loss(loss_type: str, real: Tensor, fake: Tensor) -> Tensor:
    """What D minimizes, from the logits of real and generated images [N] each.

    minimax, nonsaturating: -log D(x) - log(1 - D(G(z))), Goodfellow et al. 2014 (arXiv:1406.2661), equation 1.
    relativistic: softplus(-(D(x) - D(G(z)))), the pairing of Jolicoeur-Martineau 2019 (arXiv:1807.00734) in the form
    of Huang et al. 2024 (R3GAN, arXiv:2501.05441), equation 2.
    """
    if loss_type == "relativistic":
        return F.softplus(fake - real).mean()
    _check_loss_type(loss_type)
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def generator_loss(loss_type: str, real: Tensor, fake: Tensor) -> Tensor:
    """What G minimizes, from the same logits; see ``discriminator_loss`` for the sources.

    minimax: log(1 - D(G(z))). nonsaturating: -log D(G(z)) (Goodfellow et al. 2014, section 3).
    relativistic: softplus(-(D(G(z)) - D(x))).
    """
    if loss_type == "relativistic":
        return F.softplus(real - fake).mean()
    _check_loss_type(loss_type)
    return -F.softplus(fake).mean() if loss_type == "minimax" else F.softplus(-fake).mean()


def gradient_penalty(logits: Tensor, x: Tensor) -> Tensor:
    """E[|grad_x D(x)|^2] / 2: R1 where ``x`` is real, R2 where it is generated.

    Mescheder et al. 2018 (arXiv:1801.04406), equation 9.

    ``x`` [N, ...] must require its gradient and ``logits`` [N] be computed from it.
    """
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return gradient.float().square().flatten(1).sum(1).mean() / 2


def gaussian_kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, exp(logvar)) || N(0, 1)) of each dimension, in nats: Kingma & Welling 2014, appendix B."""
    return (mu.square() + logvar.exp() - 1 - logvar) / 2


def gaussian_log_prob(x: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """log N(x; mu, exp(logvar)) of each dimension, in nats."""
    return -(logvar + (x - mu).square() / logvar.exp() + math.log(2 * math.pi)) / 2


def log_p_over_q(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """log p(z) - log q(z | x) in nats, summed over the latents: z, mu and logvar [..., d] -> [...].

    p is N(0, 1), q is N(mu, exp(logvar)). Plus log p(x | z) it is the log weight of a sample in Burda et al. 2016
    (arXiv:1509.00519), equation 8.
    """
    return ((logvar + (z - mu).square() / logvar.exp() - z.square()) / 2).sum(-1)


def bernoulli_nll(logits: Tensor, x: Tensor) -> Tensor:
    """Negative log-likelihood in nats per image [N] of ``x`` in [0, 1] under Bernoulli pixels with these logits.

    Gray levels count as probabilities (cross-entropy), as is usual for digits.
    """
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)


def iic_mutual_information(p: Tensor, q: Tensor) -> Tensor:
    """Mutual information in nats between the class predicted for an image and for its augmented copy, at most ln K.

    ``p``, ``q``: class probabilities [N, K] of the images and of their copies. Invariant Information Clustering,
    Ji et al. 2019 (arXiv:1807.06653), equation 3: the joint P is the mean outer product, made symmetric.
    """
    joint = p.T @ q / len(p)
    joint = ((joint + joint.T) / 2).clamp_min(1e-8)
    rows, columns = joint.sum(1, keepdim=True), joint.sum(0, keepdim=True)
    return (joint * (joint.log() - rows.log() - columns.log())).sum()


def _check_loss_type(loss_type: str) -> None:
    if loss_type not in GAN_LOSSES:
        raise ValueError(f"an adversarial loss is one of {', '.join(GAN_LOSSES)}, not {loss_type!r}")
