"""What the tests of the metrics share: images, points and a classifier with known results."""

from __future__ import annotations

import numpy as np
import torch

from genmodels.images import to_unit


def draw_bar(half_width: float = 1.5, lean: float = 0.0, height: int = 20) -> np.ndarray:
    """An upright bar [28, 28], 2 ``half_width`` pixels wide, leaning ``lean`` pixels to the right per pixel upwards."""
    y, x = np.mgrid[:28, :28] - 13.5
    inside = np.clip(half_width + 0.5 - abs(x + lean * y), 0, 1) * (abs(y) < height / 2)
    return (255 * inside).round().astype(np.uint8)


def cloud(n: int, seed: int, shift: float = 0.0, spread: float = 1.0) -> torch.Tensor:
    """Normal points [n, 6] about ``shift``."""
    return shift + spread * torch.randn(n, 6, generator=torch.Generator().manual_seed(seed)).double()


class CornerClassifier:
    """Predicts the class that the gray level of the corner pixel gives."""

    def classify(self, x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.one_hot((to_unit(x[:, 0, 0, 0]) * 255).round().long(), 10).float()
