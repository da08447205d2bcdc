"""The losses that several models share, each as its paper writes it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

ADVERSARIAL = ("minimax", "nonsaturating", "relativistic")


def discriminator_loss(kind: str, real: Tensor, fake: Tensor) -> Tensor:
    """What D minimises, from logits of real and generated pictures [N] each.

    minimax, nonsaturating: -log D(x) - log(1 - D(G(z))), Goodfellow et al. 2014 (arXiv:1406.2661), equation 1.
    relativistic: softplus(-(D(x) - D(G(z)))), the pairing of Jolicoeur-Martineau 2019 (arXiv:1807.00734) in the form
    of Huang et al. 2024 (R3GAN, arXiv:2501.05441), equation 2.
    """
    if kind == "relativistic":
        return F.softplus(fake - real).mean()
    _check(kind)
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def generator_loss(kind: str, real: Tensor, fake: Tensor) -> Tensor:
    """What G minimises, from the same logits; see ``discriminator_loss`` for the sources.

    minimax: log(1 - D(G(z))). nonsaturating: -log D(G(z)) (Goodfellow et al. 2014, section 3).
    relativistic: softplus(-(D(G(z)) - D(x))).
    """
    if kind == "relativistic":
        return F.softplus(real - fake).mean()
    _check(kind)
    return -F.softplus(fake).mean() if kind == "minimax" else F.softplus(-fake).mean()


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


def log_prior_ratio(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """log p(z) - log q(z | x) in nats, summed over the latents: z, mu and logvar [..., d] -> [...].

    p is N(0, 1), q is N(mu, exp(logvar)). With log p(x | z) on top it is the log weight of a draw in Burda et al. 2016
    (arXiv:1509.00519), equation 8.
    """
    return ((logvar + (z - mu).square() / logvar.exp() - z.square()) / 2).sum(-1)


def paired_information(p: Tensor, q: Tensor) -> Tensor:
    """Mutual information in nats between the class read in a picture and in its altered twin, at most ln K.

    ``p``, ``q``: class probabilities [N, K] of the pictures and of their twins. Invariant Information Clustering,
    Ji et al. 2019 (arXiv:1807.06653), equation 3: the joint P is the mean outer product, made symmetric.
    """
    joint = p.T @ q / len(p)
    joint = ((joint + joint.T) / 2).clamp_min(1e-8)
    rows, columns = joint.sum(1, keepdim=True), joint.sum(0, keepdim=True)
    return (joint * (joint.log() - rows.log() - columns.log())).sum()


def _check(kind: str) -> None:
    if kind not in ADVERSARIAL:
        raise ValueError(f"an adversarial loss is one of {', '.join(ADVERSARIAL)}, not {kind!r}")
