"""What Q reads in pictures, and how much of the code they carry: InfoGAN, Chen et al. 2016, arXiv:1606.03657."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from genmodels.images import from_uint8
from genmodels.model import CanRecognise, Codes, in_chunks


def recognise(model: CanRecognise, images: np.ndarray | Tensor) -> Codes:
    """uint8 [N, 28, 28] -> what the model's own Q reads in each picture; row i from picture i alone."""
    categories = model.latent.categorical.classes

    def rows(x: Tensor) -> Tensor:
        codes = model.recognise(from_uint8(x))
        return torch.cat([codes.logits, codes.continuous], 1)

    found = in_chunks(rows, torch.as_tensor(images))
    return Codes(found[:, :categories], found[:, categories:])


def code_bound(logits: Tensor, c: Tensor) -> float:
    """The lower bound on I(c; G(z, c)) in nats, equation 5: H(c) + E[log Q(c | x)], at most ln K.

    ``logits`` [N, K]: what Q reads in the model's own samples; ``c`` int64 [N]: their codes, drawn uniformly.
    """
    return math.log(logits.shape[1]) - F.cross_entropy(logits.double(), c).item()
