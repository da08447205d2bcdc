"""Samples of no model at all, measured beside the models: each is wrong in one known way, and some measure must see it.

Real validation digits are the one that is not wrong: what they score is the best that a model can.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

from genmodels.data import Pictures

BLUR = 1.0  # pixels


def real(data: Callable[[str], Pictures], n: int) -> Pictures:
    """Digits of the validation split."""
    return _first(data("validation"), n)


def copies(data: Callable[[str], Pictures], n: int) -> Pictures:
    """Digits of the training split: a model that has learnt it by heart."""
    return _first(data("train"), n)


def blurred(data: Callable[[str], Pictures], n: int) -> Pictures:
    """Validation digits out of focus."""
    given = _first(data("validation"), n)
    soft = gaussian_filter(given.images.numpy().astype(np.float32), (0, BLUR, BLUR))
    return Pictures(torch.from_numpy(soft.round().astype(np.uint8)), given.labels)


def class_means(data: Callable[[str], Pictures], n: int) -> Pictures:
    """The mean training digit of each class, in turn: what a model without variety would draw."""
    train = data("train")
    classes = int(train.labels.max()) + 1
    means = torch.stack([train.images[train.labels == k].float().mean(0).round().to(torch.uint8)
                         for k in range(classes)])
    labels = torch.arange(n) % classes
    return Pictures(means[labels], labels)


def one_class(data: Callable[[str], Pictures], n: int) -> Pictures:
    """Ones, all real: mode collapse as thorough as can be. Training ones fill up where validation has too few."""
    sources = [data("validation"), data("train")]
    ones = torch.cat([source.images[source.labels == 1] for source in sources])
    images = ones[torch.arange(n) % len(ones)]
    return Pictures(images, torch.ones(n, dtype=torch.int64))


CONTROLS = {"real": real, "copies": copies, "blurred": blurred, "class-means": class_means, "one-class": one_class}


def _first(pictures: Pictures, n: int) -> Pictures:
    return Pictures(pictures.images[:n], pictures.labels[:n])
