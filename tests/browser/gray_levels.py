"""Images of a page compared with those of torch."""

from __future__ import annotations

import base64

import numpy as np


def from_base64(images: list[str], *shape: int) -> np.ndarray:
    """uint8 [n, *shape] of texts as ``read_pixels`` returns them; ``shape`` is that of an image, gray or in color."""
    return np.stack([np.frombuffer(base64.b64decode(text), np.uint8) for text in images]).reshape(-1, *shape)


def assert_close(found: np.ndarray, expected: np.ndarray, name: str = "") -> None:
    """At most one gray level of 255 apart."""
    assert found.shape == expected.shape, name
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= 1, name
