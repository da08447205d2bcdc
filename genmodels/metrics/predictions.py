"""What networks predict from images: a classifier's classes, a discriminator's logits, the codes of InfoGAN's Q.

The accuracy of conditional samples is the "GAN-test" of Shmelkov et al. 2018 (arXiv:1807.09499).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from genmodels.capabilities import CanClassify, CanInferCodes, CanScore, Codes
from genmodels.images import from_uint8
from genmodels.metrics.features import ROWS_PER_BATCH
from genmodels.model import map_in_batches


def predict(classifier: CanClassify, images: np.ndarray | Tensor) -> Tensor:
    """uint8 [N, H, W], or [N, H, W, 3] for a classifier of color -> the most likely class of each image, int64 [N]."""
    rows = torch.as_tensor(images)
    return map_in_batches(lambda x: classifier.classify(from_uint8(x)), rows,
                     batch_size=min(ROWS_PER_BATCH, len(rows))).argmax(1)


def score(discriminator: CanScore, images: np.ndarray | Tensor, labels: Tensor | None = None) -> Tensor:
    """uint8 [N, H, W], and labels int64 [N] for a conditional model -> the discriminator's logits [N]."""
    return map_in_batches(lambda x, y: discriminator.score(from_uint8(x), y), torch.as_tensor(images), labels)


def infer_codes(model: CanInferCodes, images: np.ndarray | Tensor) -> Codes:
    """uint8 [N, H, W] -> the codes that the model's own Q infers; row i from image i alone."""
    categories = model.latent.categorical.classes

    def rows(x: Tensor) -> Tensor:
        codes = model.infer_codes(from_uint8(x))
        return torch.cat([codes.logits, codes.continuous], 1)

    joined = map_in_batches(rows, torch.as_tensor(images))
    return Codes(joined[:, :categories], joined[:, categories:])


def accuracy(predicted: Tensor, labels: Tensor) -> float:
    """The share of images whose prediction is their label; int64 [N] each."""
    return (predicted == labels).double().mean().item()


def class_histogram(predicted: Tensor, classes: int) -> list[float]:
    """The share of each class among the predictions int64 [N]."""
    return (predicted.bincount(minlength=classes) / len(predicted)).tolist()


def class_kl(histogram: Sequence[float]) -> float:
    """KL divergence of a histogram from equal shares, in nats; at most ln K. MNIST's own classes are nearly equal."""
    return sum(share * math.log(share * len(histogram)) for share in histogram if share)
