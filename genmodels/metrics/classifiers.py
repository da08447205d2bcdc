"""The small classifier that is trained from scratch for a metric (``cas``, ``c2st``)."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from genmodels.capabilities import CanClassify
from genmodels.data import ImageSplit, batch_indices
from genmodels.images import is_color
from genmodels.models.cnn import CNN
from genmodels.nn.layers import optimizer_step

BATCH_SIZE = 128


def train_classifier(split: ImageSplit, steps: int, seed: int, augment: Callable[[Tensor], Tensor] | None = None,
                     **config: object) -> CanClassify:
    """A classifier trained on ``split``, in eval mode; ``config`` are fields of its configuration.

    The same seed gives the same network; torch's global generator is left as it was.
    """
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        channels = 3 if is_color(split.images) else 1
        model = CNN(CNN.Config(channels=channels, **config)).to(memory_format=torch.channels_last).train()
        (optimizer,) = model.optimizers().values()
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, model.config.lr, total_steps=steps)
        for step in range(steps):
            x, y = split.batch(batch_indices(len(split), BATCH_SIZE, step, seed))
            with torch.autocast("cpu", torch.bfloat16):
                logits = model.classify(augment(x) if augment else x)
            optimizer_step(optimizer, F.cross_entropy(logits, y))
            schedule.step()
    return model.eval().requires_grad_(False)
