"""Fixtures of the tests of the metrics."""

from __future__ import annotations

import numpy as np
import pytest

from genmodels.data import synthetic


@pytest.fixture(scope="session")
def digits() -> np.ndarray:
    """Forty synthetic digits, uint8 [40, 28, 28], four of each class in turn."""
    return np.stack([synthetic.draw_digit(i % 10, i) for i in range(40)])
