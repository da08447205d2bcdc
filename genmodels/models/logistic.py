"""Logistic regression, the discriminative half of the oldest comparison: Ng & Jordan 2001 (NeurIPS 14).

It learns p(digit | image) and nothing else: the boundary between the digits is what ``naive_bayes`` has too, but fitted
to tell them apart rather than to describe them. It cannot draw: its weights say where ink speaks for a digit, not what
a digit looks like.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.capabilities import PixelWeights
from genmodels.config import BaseConfig
from genmodels.images import to_unit
from genmodels.model import Batch, Model, ModelInfo
from genmodels.nn.layers import optimizer_step


@dataclass(frozen=True)
class Config(BaseConfig):
    weight_decay: float = 1e-3  # AdamW's (Loshchilov & Hutter 2019)
    steps: int = 4_000
    batch_size: int = 250
    lr: float = 3e-3
    lr_final: float = 0.01


class Logistic(Model):
    Config = Config
    needs_labels = True
    info = ModelInfo(
        paper="Ng & Jordan, On Discriminative vs. Generative Classifiers", year=2001,
        url="https://papers.nips.cc/paper/2020-on-discriminative-vs-generative-classifiers", family="discriminative",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.linear = nn.Linear(prod(config.image_shape), config.classes)

    def classify(self, x: Tensor) -> Tensor:
        return self.linear(to_unit(x).flatten(1)).float()

    def pixel_weights(self) -> PixelWeights:
        return PixelWeights(self.linear.weight, self.linear.bias, bernoulli=False)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        config = self.config
        return {"linear": torch.optim.AdamW(self.parameters(), config.lr, weight_decay=config.weight_decay)}

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        logits = self.classify(batch.x)
        loss = F.cross_entropy(logits, batch.y)
        optimizer_step(optimizers["linear"], loss)
        return {"loss": loss.detach(), "accuracy": (logits.argmax(1) == batch.y).float().mean()}
