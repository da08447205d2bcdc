"""Kernel distance between two sets of features, unbiased: Binkowski et al. 2018, arXiv:1801.01401."""

from __future__ import annotations

from torch import Tensor


def distance(a: Tensor, b: Tensor) -> float:
    """Squared maximum mean discrepancy under (x.y / F + 1)^3; 0 on average, also below, for sets of one source.

    ``a`` [N, F], ``b`` [M, F], float64; the diagonal is left out, which makes the estimate unbiased (section 4).
    """

    def kernel(x: Tensor, y: Tensor) -> Tensor:
        return (x @ y.T / x.shape[1] + 1) ** 3

    def within(x: Tensor) -> Tensor:
        k = kernel(x, x)
        return (k.sum() - k.diagonal().sum()) / (len(x) * (len(x) - 1))

    return (within(a) + within(b) - 2 * kernel(a, b).mean()).item()
