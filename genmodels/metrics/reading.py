"""What a classifier reads in pictures: its accuracy on real digits, samples' agreement with their label, class shares.

As a measure of conditional samples, the agreement is the "GAN-test" of Shmelkov et al. 2018 (arXiv:1807.09499).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from genmodels.images import from_uint8
from genmodels.metrics.features import CHUNK
from genmodels.model import CanClassify, CanScore, in_chunks


def read(judge: CanClassify, images: np.ndarray | Tensor) -> Tensor:
    """uint8 [N, 28, 28] -> the likeliest class of each picture, int64 [N]."""
    rows = torch.as_tensor(images)
    return in_chunks(lambda x: judge.classify(from_uint8(x)), rows, chunk=min(CHUNK, len(rows))).argmax(1)


def score(discriminator: CanScore, images: np.ndarray | Tensor, labels: Tensor | None = None) -> Tensor:
    """uint8 [N, 28, 28], and labels int64 [N] where the model wants them -> the discriminator's logits [N]."""
    return in_chunks(lambda rows, c: discriminator.score(from_uint8(rows), c), torch.as_tensor(images), labels)


def agreement(read: Tensor, asked: Tensor) -> float:
    """The share of pictures read as what they were asked to be; int64 [N] each."""
    return (read == asked).double().mean().item()


def class_shares(read: Tensor, classes: int) -> list[float]:
    """The share of each class among the pictures; ``read`` int64 [N]. All equal is what MNIST has, nearly."""
    return (read.bincount(minlength=classes) / len(read)).tolist()
