"""Fixtures of the tests of the metrics."""

from __future__ import annotations

import numpy as np
import pytest

from genmodels.data import ImageSplit


@pytest.fixture(scope="session")
def digits(images: ImageSplit) -> np.ndarray:
    """Forty synthetic digits, uint8 [40, 28, 28], each class in turn."""
    return images.images.numpy()
