"""Four Gaussians by maximum likelihood and by the ELBO, against brute force and what is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp

from genmodels.evaluation import factorized

RECTANGLE = [[-1.5, -1], [-1.5, 1], [1.5, -1], [1.5, 1]]  # z1 across, z2 upwards
TRIANGLE = [[0, -0.27], [-0.57, -0.84], [0.57, -0.84], [0, 0.87]]  # with a middle, which comes first
ROW = [[-2.1, 0], [-0.7, 0], [0.7, 0], [2.1, 0]]
STD = 0.5


def test_quadrature_has_the_moments_of_the_mixture():
    x, weights = factorized.quadrature(RECTANGLE, STD)
    assert weights.sum() == pytest.approx(1)
    assert weights @ x == pytest.approx([0, 0])
    assert weights @ x**2 == pytest.approx([1.5**2 + STD**2, 1 + STD**2])


def test_best_factorized_against_a_search():
    """Tables of 2 x 2, among them the one with mass on the diagonal, where there are two optima."""
    rng = np.random.default_rng(0)
    joint = np.concatenate([rng.normal(0, 3, (30, 4)), [[0, -9, -9, 0.1], [-9, 0, 0.1, -9]]])
    q, bound = factorized.best_factorized(joint, 200)
    p = np.linspace(0, 1, 401)
    a, b = (grid.ravel() for grid in np.meshgrid(p, p))
    tables = np.stack([(1 - a) * (1 - b), (1 - a) * b, a * (1 - b), a * b], 1)
    entropy = -(tables * np.log(np.maximum(tables, 1e-300))).sum(1)
    searched = (tables @ joint.T + entropy[:, None]).max(0)
    assert (bound >= searched - 1e-9).all() and bound == pytest.approx(searched, abs=1e-3)
    assert q.sum(1) == pytest.approx(np.ones(len(q)))
    assert (bound <= logsumexp(joint, 1) + 1e-9).all()


@pytest.mark.parametrize("turn", [0, 0.4])
def test_the_posterior_of_a_rectangle_factorizes(turn):
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    likelihood, elbo = factorized.compare(np.array(RECTANGLE) @ rotation.T, STD)
    assert likelihood.gap < 1e-6 and elbo.gap < 1e-6
    assert elbo.centers == pytest.approx(likelihood.centers, abs=1e-6)


def test_for_a_triangle_with_a_middle_the_elbo_gives_up_likelihood():
    likelihood, elbo = factorized.compare(TRIANGLE, STD)
    x, weights = factorized.quadrature(TRIANGLE, STD)
    for order in factorized.LABELINGS:  # no way to label the centers of the likeliest model helps
        joint = factorized.log_joint(x, likelihood.centers[list(order)], likelihood.std)
        assert likelihood.log_likelihood - weights @ factorized.best_factorized(joint)[1] > 0.1
    assert elbo.gap < 0.02 and elbo.elbo > likelihood.elbo + 0.08
    assert 0.015 < likelihood.log_likelihood - elbo.log_likelihood < 0.025
    truth = logsumexp(factorized.log_joint(x, np.array(TRIANGLE), STD), axis=1)
    assert likelihood.log_likelihood == pytest.approx(weights @ truth, abs=1e-4)


def test_for_four_in_a_row_the_elbo_chooses_the_labels():
    """Either explains the points as well; neighbors differ in one bit where the ELBO has named them."""
    likelihood, elbo = factorized.compare(ROW, STD)
    assert elbo.log_likelihood == pytest.approx(likelihood.log_likelihood, abs=1e-3)
    assert likelihood.gap > 0.04 and elbo.gap < 0.002
    bits = [(z >> 1, z & 1) for z in np.argsort(elbo.centers[:, 0])]  # from left to right
    assert all(sum(a != b for a, b in zip(one, other, strict=True)) == 1
               for one, other in zip(bits, bits[1:], strict=False))
