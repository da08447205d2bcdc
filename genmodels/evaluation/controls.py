"""Controls: sets of images with one known defect each, evaluated like a model's samples; some metric must show it.

Real validation images are the control without a defect: their values are the best that a model can reach.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from genmodels.data import ImageSplit
from genmodels.evaluation.context import EvalContext, EvalSubject

BLUR = 1.0  # standard deviation in pixels


def real(data: Callable[[str], ImageSplit], n: int) -> ImageSplit:
    """Images of the validation split."""
    return _first(data("validation"), n)


def copies(data: Callable[[str], ImageSplit], n: int) -> ImageSplit:
    """Images of the training split: a model that has memorized it."""
    return _first(data("train"), n)


def blurred(data: Callable[[str], ImageSplit], n: int) -> ImageSplit:
    """Validation images, out of focus."""
    sharp = _first(data("validation"), n)
    soft = gaussian_filter(sharp.images.numpy().astype(np.float32), (0, BLUR, BLUR))
    return ImageSplit(torch.from_numpy(soft.round().astype(np.uint8)), sharp.labels)


def class_means(data: Callable[[str], ImageSplit], n: int) -> ImageSplit:
    """The mean training image of each class in turn: a model without diversity."""
    train = data("train")
    classes = int(train.labels.max()) + 1
    means = torch.stack([train.images[train.labels == k].float().mean(0).round().to(torch.uint8)
                         for k in range(classes)])
    labels = torch.arange(n) % classes
    return ImageSplit(means[labels], labels)


def one_class(data: Callable[[str], ImageSplit], n: int) -> ImageSplit:
    """Real images of class 1 alone: complete mode collapse. Training images follow where validation has too few."""
    splits = [data("validation"), data("train")]
    ones = torch.cat([split.images[split.labels == 1] for split in splits])
    images = ones[torch.arange(n) % len(ones)]
    return ImageSplit(images, torch.ones(n, dtype=torch.int64))


CONTROLS = {"real": real, "copies": copies, "blurred": blurred, "class-means": class_means, "one-class": one_class}


def control_subject(context: EvalContext, name: str) -> EvalSubject:
    """A control under evaluation."""

    def sampler(n: int) -> tuple[np.ndarray, Tensor]:
        split = CONTROLS[name](context.data, n)
        return split.images.numpy(), split.labels

    return EvalSubject(context, sampler)


def _first(split: ImageSplit, n: int) -> ImageSplit:
    return ImageSplit(split.images[:n], split.labels[:n])
