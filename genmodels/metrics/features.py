"""The feature space in which sets of images are compared: the last hidden layer of a trained classifier.

An Inception network knows photographs, not digits; for small images a classifier of the same data set is the usual
substitute. Distances in its features have no absolute scale: compare them with those of real images and of the
controls.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from genmodels.capabilities import CanClassify
from genmodels.images import from_uint8
from genmodels.model import map_in_batches

ROWS_PER_BATCH = 250  # large batches for speed: nothing here has to be equal to the last bit


def features(classifier: CanClassify, images: np.ndarray | Tensor) -> Tensor:
    """uint8 [N, H, W], or [N, H, W, 3] for a classifier of color -> float64 [N, F]."""
    rows = torch.as_tensor(images)
    return map_in_batches(lambda x: classifier.features(from_uint8(x)), rows, batch_size=ROWS_PER_BATCH).double()
