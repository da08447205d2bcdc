"""Classifier two-sample test: Lopez-Paz & Oquab 2017, arXiv:1610.06545."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from genmodels.data import ImageSplit
from genmodels.metrics import predictions
from genmodels.metrics.classifiers import train_classifier


def c2st_accuracy(real: Tensor | np.ndarray, fake: Tensor | np.ndarray, steps: int, seed: int = 0) -> float:
    """Accuracy, on held-out halves, of a small network trained to tell real from generated; 0.5 where it cannot.

    Both uint8 [N, H, W] or [N, H, W, 3], of the same length. No augmentation: the slightest artifact of a generator
    may count.
    """
    images = torch.stack([torch.as_tensor(real), torch.as_tensor(fake)], 1)  # pairs, so that each half is balanced
    is_fake = torch.arange(2).repeat(len(images), 1)

    def half(start: int) -> ImageSplit:
        return ImageSplit(images[start::2].flatten(0, 1), is_fake[start::2].flatten())

    train, held_out = half(0), half(1)
    network = train_classifier(train, steps, seed, base_channels=12, feature_dim=64, classes=2)
    return predictions.accuracy(predictions.predict(network, held_out.images), held_out.labels)
