"""What a fresh classifier learns from samples: to tell them from real pictures, or to read real digits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from genmodels.augment import random_affine
from genmodels.data import Pictures, batch_rows
from genmodels.layers import descend
from genmodels.metrics import reading
from genmodels.model import CanClassify
from genmodels.registry import model_class

BATCH = 128


def two_sample(real: Tensor | np.ndarray, fake: Tensor | np.ndarray, steps: int, seed: int = 0) -> float:
    """Accuracy, on held-out halves, of a small network told to tell real from generated; 0.5 where it cannot.

    Both uint8 [N, 28, 28], of one length. The classifier two-sample test of Lopez-Paz & Oquab 2017, arXiv:1610.06545.
    No augmentation: the least trace of a generator may count.
    """
    images = torch.stack([torch.as_tensor(real), torch.as_tensor(fake)], 1)  # pairs, so that each half is balanced
    sides = torch.arange(2).repeat(len(images), 1)

    def half(start: int) -> Pictures:
        return Pictures(images[start::2].flatten(0, 1), sides[start::2].flatten())

    learn, held_out = half(0), half(1)
    network = _fit(learn, steps, seed, width=12, features=64, classes=2)
    return reading.agreement(reading.read(network, held_out.images), held_out.labels)


def accuracy_score(samples: Tensor | np.ndarray, labels: Tensor, real: Pictures, steps: int, seed: int = 0) -> float:
    """Accuracy on real digits of a classifier that has seen samples alone: Ravuri & Vinyals 2019, arXiv:1905.10887.

    ``samples`` uint8 [N, 28, 28], ``labels`` int64 [N]: what each was asked to show.
    """
    network = _fit(Pictures(torch.as_tensor(samples), labels), steps, seed, random_affine, width=16,
                   classes=int(real.labels.max()) + 1)
    return reading.agreement(reading.read(network, real.images), real.labels)


def _fit(pictures: Pictures, steps: int, seed: int, augment: Callable[[Tensor], Tensor] | None = None,
         **config: object) -> CanClassify:
    """The registry's classifier, trained from scratch; the same seed gives the same network."""
    cls = model_class("cnn")
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        model = cls(cls.Config(**config)).to(memory_format=torch.channels_last).train()
        (optimizer,) = model.optimizers().values()
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, model.config.lr, total_steps=steps)
        for step in range(steps):
            x, y = pictures.batch(batch_rows(len(pictures), BATCH, step, seed))
            with torch.autocast("cpu", torch.bfloat16):
                logits = model.classify(augment(x) if augment else x)
            descend(optimizer, F.cross_entropy(logits, y))
            schedule.step()
    return model.eval().requires_grad_(False)
