"""What the ELBO prefers, on the smallest model that shows it: four Gaussians in the plane.

Shekhovtsov, Schlesinger & Flach 2022 (ICLR, openreview OIs3SxU5Ynl): an encoder's posteriors are of a family, such as
distributions that factorize, and the ELBO prefers models whose true posterior is of that family to models that are more
likely; deeper networks do not change that.

No decoder is too shallow here: the latent is z in {0, 1}^2 with p(z) = 1/4, and each of its values has a center of its
own, p(x | z) = N(x; c_z, s^2 I). q(z | x) = q(z1 | x) q(z2 | x) is the best one for each point, as if an encoder were
perfect. Maximum likelihood (EM) and the ELBO (variational EM) fit centers and width to the same points.

The true posterior factorizes everywhere if the centers are the corners of a rectangle, z1 and z2 its sides.

Points are nodes of a quadrature, not samples, so that results have no noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp, xlogy

NODES = 9  # of the quadrature, per axis and Gaussian
ITERATIONS = 100  # of EM
SWEEPS = 12  # of the two factors of q
# Which value of z a center is that of: z = (0, 0), (0, 1), (1, 0), (1, 1) in turn. All other ways to label four centers
# are one of these three with z1 and z2 renamed.
LABELINGS = ((0, 1, 2, 3), (0, 1, 3, 2), (0, 3, 2, 1))


@dataclass(frozen=True)
class Fit:
    """A mixture, and in nats per point its log-likelihood and its ELBO at the best factorized posteriors."""

    centers: np.ndarray  # [4, 2], of z = (0, 0), (0, 1), (1, 0), (1, 1)
    std: float
    log_likelihood: float
    elbo: float

    @property
    def gap(self) -> float:
        """KL(q || p(z | x)), which the family of q costs."""
        return self.log_likelihood - self.elbo


def quadrature(centers: np.ndarray, std: float, nodes: int = NODES) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Hermite nodes of a mixture of equal parts: points [4 nodes^2, 2] and their weights, of sum 1."""
    at, weight = np.polynomial.hermite_e.hermegauss(nodes)
    offsets = np.stack(np.meshgrid(at, at, indexing="ij"), -1).reshape(-1, 2)
    weights = np.outer(weight, weight).ravel() / weight.sum() ** 2
    points = np.asarray(centers, float)[:, None] + std * offsets
    return points.reshape(-1, 2), np.tile(weights, len(centers)) / len(centers)


def log_joint(x: np.ndarray, centers: np.ndarray, std: float) -> np.ndarray:
    """log p(x, z) of points [n, 2], [n, 4]."""
    distance = np.square(x[:, None] - centers).sum(-1)
    return -distance / (2 * std**2) - np.log(2 * np.pi * std**2) - np.log(4)


def best_factorized(joint: np.ndarray, sweeps: int = SWEEPS) -> tuple[np.ndarray, np.ndarray]:
    """log p(x, z) [n, 4] -> the factorized q(z | x) of least KL divergence from p(z | x), [n, 4], and its ELBO [n].

    Each factor in turn is set to its best given the other, from three starts, since there may be two optima.
    """
    table = joint.reshape(-1, 2, 2)
    for_z1, for_z2 = table[:, 1] - table[:, 0], table[:, :, 1] - table[:, :, 0]  # log odds, given the other one
    best_q, best = np.zeros_like(joint), np.full(len(joint), -np.inf)
    for start in (0.0, 0.5, 1.0):
        a = np.full(len(joint), start)  # q(z1 = 1)
        for _ in range(sweeps):
            b = expit((1 - a) * for_z2[:, 0] + a * for_z2[:, 1])  # q(z2 = 1)
            a = expit((1 - b) * for_z1[:, 0] + b * for_z1[:, 1])
        q = np.stack([(1 - a) * (1 - b), (1 - a) * b, a * (1 - b), a * b], 1)
        bound = (q * joint - xlogy(q, q)).sum(1)
        better = bound > best
        best_q[better], best[better] = q[better], bound[better]
    return best_q, best


def fit(x: np.ndarray, weights: np.ndarray, centers: np.ndarray, std: float, factorized: bool) -> Fit:
    """Fit a mixture to weighted points, from the given one, with exact posteriors or with the best factorized ones."""
    for _ in range(ITERATIONS):
        joint = log_joint(x, centers, std)
        q = best_factorized(joint)[0] if factorized else np.exp(joint - logsumexp(joint, 1, keepdims=True))
        q = q * weights[:, None]
        centers = (q.T @ x) / np.maximum(q.sum(0), 1e-12)[:, None]
        std = float(np.sqrt((q * np.square(x[:, None] - centers).sum(-1)).sum() / 2))
    joint = log_joint(x, centers, std)
    return Fit(centers, std, float(weights @ logsumexp(joint, 1)), float(weights @ best_factorized(joint)[1]))


def compare(centers: np.ndarray, std: float) -> tuple[Fit, Fit]:
    """The fits by maximum likelihood and by the ELBO to four Gaussians of equal parts and width.

    ``centers`` [4, 2]. Maximum likelihood cannot tell one labeling of the centers from another and keeps the given one;
    the ELBO takes the best of the three.
    """
    centers = np.asarray(centers, float)
    x, weights = quadrature(centers, std)
    by_elbo = [fit(x, weights, centers[list(order)], std, True) for order in LABELINGS]
    return fit(x, weights, centers, std, False), max(by_elbo, key=lambda found: found.elbo)
