"""How far a few labels go: the semi-supervised VAE with its papers' loss and with agreement, and the CNN beside it.

All learn from the same labeled images (``choose_labeled``); the CNN sees no others, but deforms them as it always does.
Each is trained anew for every draw of labels and measured on test images. As in table 1 of Kingma et al. 2014, with
fewer draws.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from genmodels.data import ImageSplit, batch_indices
from genmodels.metrics.predictions import accuracy, predict
from genmodels.model import Batch, Model
from genmodels.models.cnn import CNN
from genmodels.models.ssvae import SSVAE, choose_labeled
from genmodels.registry import CHECKPOINTS

COUNTS = (100, 600)  # of labels
METHODS = ("ssvae", "ssvae_paper", "cnn")
PAPER = {100: 0.8803, 600: 0.9506}  # accuracy in table 1 of Kingma et al. 2014, on other draws of labels

Data = Callable[[str], ImageSplit]


def few_labels(method: str, data: Data, draws: int, steps: int,
               on_run: Callable[[str], None] = lambda run: None) -> dict[str, Any]:
    """Accuracy of one of ``METHODS``: ``points``, for each number of labels that of every draw, and their mean.

    ``steps``: of training, with a batch of the model's own size; the CNN's has all labeled images where they are fewer.
    """
    train, test, points = data("train"), data("test"), []
    for count in COUNTS:
        found = []
        for draw in range(draws):
            on_run(f"{count} labels, draw {draw}")
            model = train_model(*_task(method, train, count, draw), steps, draw)
            found.append(round(accuracy(predict(model, test.images), test.labels), 4))
        points.append({"labels": count, "accuracy": found, "mean": round(sum(found) / len(found), 4)}
                      | ({"paper": PAPER[count]} if method == "ssvae_paper" else {}))
    return {"steps": steps, "n_test": len(test), "points": points}


def train_model(build: Callable[[], Model], split: ImageSplit, steps: int, seed: int) -> Model:
    """A model after some steps of training, in eval mode; torch's global generator is left as it was.

    The learning rate rises and falls once (Smith & Topin 2017, arXiv:1708.07120), which takes fewer steps than the
    training loop's course and needs no averaged weights.
    """
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        model = build().train()
        ((name, optimizer),) = model.optimizers().items()
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, model.config.lr, total_steps=steps)
        split = model.prepare(split)
        for step in range(steps):
            x, y = split.batch(batch_indices(len(split), model.config.batch_size, step, seed))
            with torch.autocast("cpu", torch.bfloat16):
                model.train_step(Batch(x, y, step), {name: optimizer})
            schedule.step()
    return model.eval().requires_grad_(False)


def _task(method: str, train: ImageSplit, count: int, draw: int) -> tuple[Callable[[], Model], ImageSplit]:
    """What is built, and the images that it learns from."""
    size = dict(zip(("height", "width"), train.images.shape[1:3], strict=True))
    if method == "cnn":
        return (lambda: CNN(CNN.Config(**size))), train[choose_labeled(train.labels, CNN.Config.classes, count, draw)]
    fields = CHECKPOINTS["ssvae"].config if method == "ssvae" else {}  # by default it has the papers' loss
    return (lambda: SSVAE(SSVAE.Config(**size, **fields | {"labels": count, "label_draw": draw}))), train
