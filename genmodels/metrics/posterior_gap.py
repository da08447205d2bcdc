"""How far a VAE's bound lies below the likelihood, and why, for models of two latents: Cremer et al. 2018,
arXiv:1801.03558.

    log p(x) - ELBO(encoder's q)  =  approximation gap  +  amortization gap
    approximation gap: log p(x) - ELBO(q*), where q* is the best diagonal Gaussian for this image alone: what it costs
        that the posterior is no such Gaussian.
    amortization gap: ELBO(q*) - ELBO(encoder's q): what it costs that one network guesses q for all images.

In a plane nothing needs to be sampled: log p(x) is a sum over a grid, which is refined to where the posterior has its
mass, and expectations under a Gaussian are sums over the nodes of a quadrature.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from genmodels.capabilities import GaussianPosterior, HasElbo
from genmodels.images import from_unit
from genmodels.nn.losses import gaussian_log_prob

EXTENT, SIDE = 4.5, 61  # how far the grid reaches, in standard deviations of the prior, and its cells along each side
MAX_SPLITS = 5  # of a cell in 3 x 3
# Cells are split that lie within so many nats of the highest one: more at first, where a cell may miss a narrow peak.
FIRST_RANGE, RANGE = 40.0, 20.0
FINE_ENOUGH = 600  # cells within that range, from which they need no splitting
SETTLED = 0.002  # nats by which log p(x) changes, below which no more is split
STEPS, STEP_NODES = 40, 7  # at most, towards the best Gaussian; quadrature nodes per axis for each
ENOUGH = 1e-4  # nats that a step gains, below which there are no more
FINAL_NODES = 15  # of the quadrature per axis, for the bounds that are reported
ROWS_PER_BATCH = 500  # decodings

LogJoint = Callable[[Tensor], Tensor]  # z [K, 2] -> log p(x, z) of one image, float64 [K]


@dataclass(frozen=True)
class PosteriorGaps:
    """Of N images, in nats, float64 [N] each."""

    log_prob: np.ndarray  # log p(x)
    best_elbo: np.ndarray  # of the best diagonal Gaussian
    encoder_elbo: np.ndarray

    @property
    def approximation(self) -> np.ndarray:
        return self.log_prob - self.best_elbo

    @property
    def amortization(self) -> np.ndarray:
        return self.best_elbo - self.encoder_elbo


@torch.inference_mode()
def posterior_gaps(model: HasElbo, images: Tensor) -> PosteriorGaps:
    """The gaps of a model of two standard normal latents.

    ``images``: float32 [N, C, H, W] in [0, 1], binary where the model's pixels are.
    """
    found = []
    for x in from_unit(images).split(1):
        encoded = model.encode(x)
        encoder = GaussianPosterior(encoded.mu.double(), encoded.logvar.double())
        found.append(image_posterior(lambda z, x=x: log_joint(model, x, z), encoder))
    return PosteriorGaps(*(np.array([getattr(one, name) for one in found])
                           for name in ("log_prob", "best_elbo", "encoder_elbo")))


@dataclass(frozen=True)
class ImagePosterior:
    """Of one image: log p(x), the best diagonal Gaussian [1, 2], its ELBO and the encoder's, in nats."""

    log_prob: float
    best: GaussianPosterior
    best_elbo: float
    encoder_elbo: float


def image_posterior(joint: LogJoint, encoder: GaussianPosterior) -> ImagePosterior:
    """Compare the encoder's Gaussian [1, 2] with the posterior that a log joint gives."""
    z, mass = posterior_cells(joint)
    candidates = [encoder, *(climb(joint, start) for start in (encoder, *starts_of(z, mass)))]
    bounds = [gaussian_elbo(joint, q) for q in candidates]
    best = bounds.index(max(bounds))
    return ImagePosterior(float(mass.logsumexp(0)), candidates[best], bounds[best], bounds[0])


def log_joint(model: HasElbo, x: Tensor, z: Tensor) -> Tensor:
    """log p(x, z) of one image [1, C, H, W] with latents [K, d], float64 [K]."""
    parts = []
    for part in z.float().split(ROWS_PER_BATCH):
        unused = GaussianPosterior(torch.zeros_like(part), torch.zeros_like(part))  # the bound's other term is not used
        parts.append(-model.elbo(x.expand(len(part), -1, -1, -1), part, unused).reconstruction_nll.double())
    return torch.cat(parts) + gaussian_log_prob(z, torch.zeros(()), torch.zeros(())).sum(1)


# ---- The exact posterior


def posterior_cells(joint: LogJoint) -> tuple[Tensor, Tensor]:
    """A grid over the plane, finer where the posterior has its mass: centers of cells [K, 2], and for each the log of
    the mass p(x, z) dz in it [K], whose sum is p(x)."""
    size = 2 * EXTENT / SIDE
    axis = (torch.arange(SIDE).double() + 0.5) * size - EXTENT
    z = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    thirds = torch.tensor([[i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)]).double() / 3
    centers, masses, before = [], [], -float("inf")
    for level in range(MAX_SPLITS + 1):
        values = joint(z)
        mass = values + 2 * math.log(size)
        total = float(torch.cat([*masses, mass]).logsumexp(0))
        split = values > values.max() - (RANGE if level else FIRST_RANGE)
        if level == MAX_SPLITS or abs(total - before) < SETTLED or split.sum() > FINE_ENOUGH:
            break
        centers.append(z[~split])
        masses.append(mass[~split])
        z, before = (z[split, None] + size * thirds).reshape(-1, 2), total
        size /= 3
    return torch.cat([*centers, z]), torch.cat([*masses, mass])


def starts_of(z: Tensor, mass: Tensor) -> list[GaussianPosterior]:
    """Gaussians to start from: one with the moments of the posterior's cells, one around the heaviest cell."""
    weights = mass.softmax(0)
    mean = weights @ z
    variance = weights @ (z - mean).square()
    peak = z[mass.argmax()]
    near = weights * (((z - peak) / variance.sqrt()).square().sum(1) < 1)
    narrow = (near / near.sum() @ (z - peak).square()).clamp_min(1e-8)
    return [GaussianPosterior(mu[None], var.log()[None]) for mu, var in ((mean, variance), (peak, narrow))]


# ---- The best Gaussian


def climb(joint: LogJoint, start: GaussianPosterior, steps: int = STEPS) -> GaussianPosterior:
    """Natural gradient ascent on the ELBO of a diagonal Gaussian [1, 2]: Khan & Lin 2017, arXiv:1703.04265.

    Expected gradient and curvature of the log joint follow from its values alone (Stein's identity). A step that lowers
    the bound is taken back and halved.
    """
    nodes, weights = gauss_hermite(STEP_NODES)

    def look(mu: Tensor, std: Tensor) -> tuple[float, Tensor, Tensor]:
        """The ELBO up to a constant, and the expected gradient and curvature."""
        values = weights * joint(mu + std * nodes)
        return float(values.sum() + std.log().sum()), values @ nodes / std, values @ (nodes.square() - 1) / std**2

    mu, std, rate = start.mu[0].double(), (start.logvar[0].double() / 2).exp(), 1.0
    bound, gradient, curvature = look(mu, std)
    for _ in range(steps):
        precision = (1 - rate) / std**2 + rate * (-curvature).clamp_min(0.1 / std**2)
        new_std = precision.rsqrt()
        new_mu = mu + (rate * gradient / precision).clamp(-3 * std, 3 * std)
        new_bound, new_gradient, new_curvature = look(new_mu, new_std)
        if new_bound < bound:
            rate /= 2
            continue
        gain = new_bound - bound
        mu, std, bound, gradient, curvature = new_mu, new_std, new_bound, new_gradient, new_curvature
        rate = min(1.0, 2 * rate)
        if gain < ENOUGH:
            break
    return GaussianPosterior(mu[None], 2 * std.log()[None])


def gaussian_elbo(joint: LogJoint, q: GaussianPosterior, nodes_per_axis: int = FINAL_NODES) -> float:
    """The ELBO of a diagonal Gaussian [1, 2] in nats."""
    nodes, weights = gauss_hermite(nodes_per_axis)
    z = q.mu[0].double() + (q.logvar[0].double() / 2).exp() * nodes
    return float(weights @ (joint(z) - q.log_prob(z)))


def gauss_hermite(per_axis: int) -> tuple[Tensor, Tensor]:
    """Nodes [per_axis^2, 2] and weights of the expectation under a standard normal in the plane."""
    at, weight = (torch.from_numpy(found) for found in np.polynomial.hermite_e.hermegauss(per_axis))
    nodes = torch.stack(torch.meshgrid(at, at, indexing="ij"), -1).reshape(-1, 2)
    weights = torch.outer(weight, weight).flatten()
    return nodes, weights / weights.sum()
