"""Classification accuracy score: Ravuri & Vinyals 2019, arXiv:1905.10887."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from genmodels.data import ImageSplit
from genmodels.metrics import predictions
from genmodels.metrics.classifiers import train_classifier
from genmodels.nn.augment import random_affine


def cas(samples: Tensor | np.ndarray, labels: Tensor, real: ImageSplit, steps: int, seed: int = 0) -> float:
    """Accuracy on real images of a classifier that was trained on samples alone.

    ``samples`` uint8 [N, H, W], ``labels`` int64 [N]: what each was conditioned on.
    """
    network = train_classifier(ImageSplit(torch.as_tensor(samples), labels), steps, seed, random_affine,
                               base_channels=16, classes=int(real.labels.max()) + 1)
    return predictions.accuracy(predictions.predict(network, real.images), real.labels)
