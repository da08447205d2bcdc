"""Mutual information between the categorical code and the sample: InfoGAN, Chen et al. 2016, arXiv:1606.03657."""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor


def mi_lower_bound(logits: Tensor, c: Tensor) -> float:
    """The lower bound on I(c; G(z, c)) in nats, equation 5: H(c) + E[log Q(c | x)], at most ln K.

    ``logits`` [N, K]: what Q infers from the model's own samples; ``c`` int64 [N]: their codes, uniformly distributed.
    """
    return math.log(logits.shape[1]) - F.cross_entropy(logits.double(), c).item()
