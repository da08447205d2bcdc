"""The space in which sets of pictures are compared: the last hidden layer of the frozen classifier.

An Inception network knows photographs, not digits; a classifier of the data set itself is the usual stand-in for small
pictures. Distances in it have no absolute meaning: read them beside those of real pictures and of the controls.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from genmodels.images import from_uint8
from genmodels.model import CanClassify, in_chunks

CHUNK = 250  # rows a pass; here speed counts, not the last bit


def features(judge: CanClassify, images: np.ndarray | Tensor) -> Tensor:
    """uint8 [N, 28, 28] -> float64 [N, F]."""
    rows = torch.as_tensor(images)
    return in_chunks(lambda x: judge.features(from_uint8(x)), rows, chunk=CHUNK).double()
