"""Fixtures of the tests of the metrics."""

from __future__ import annotations

import numpy as np
import pytest

from genmodels import strokes


@pytest.fixture(scope="session")
def digits() -> np.ndarray:
    """Forty synthetic digits, uint8 [40, 28, 28], four of each class in turn."""
    return np.stack([strokes.draw_digit(i % 10, i) for i in range(40)])
