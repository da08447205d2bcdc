"""The discriminative counterpart: a convolutional classifier after LeCun et al. 1998 and Simonyan & Zisserman 2015.

It learns p(digit | image) and cannot draw one. It classifies the generative models' samples and visitors' drawings.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.config import BaseConfig
from genmodels.model import Batch, Model, ModelInfo
from genmodels.nn.augment import random_affine
from genmodels.nn.layers import optimizer_step


@dataclass(frozen=True)
class Config(BaseConfig):
    base_channels: int = 24  # feature maps at full size, doubled at each halving of it
    feature_dim: int = 128  # units of the last hidden layer, the space of Frechet distances
    dropout: float = 0.3  # of those units
    label_smoothing: float = 0.05  # Szegedy et al. 2016, arXiv:1512.00567
    steps: int = 2_500
    batch_size: int = 128
    lr: float = 2e-3
    lr_final: float = 0.01
    weight_decay: float = 1e-3  # AdamW's (Loshchilov & Hutter 2019)


class CNN(Model):
    Config = Config
    needs_labels = True
    info = ModelInfo(
        paper="LeCun et al., Gradient-Based Learning Applied to Document Recognition",
        year=1998, url="https://doi.org/10.1109/5.726791", family="discriminative",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        w = config.base_channels
        self.stages = nn.Sequential(
            *_stage(config.channels, w), nn.MaxPool2d(2),  # [N, w, H/2, W/2]
            *_stage(w, 2 * w), nn.MaxPool2d(2),  # [N, 2w, H/4, W/4]
            *_stage(2 * w, 4 * w), nn.AdaptiveAvgPool2d(3),  # [N, 4w, 3, 3]
        )
        self.project = nn.Linear(4 * w * 9, config.feature_dim)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.feature_dim, config.classes)

    def features(self, x: Tensor) -> Tensor:
        """Images -> the last hidden layer [N, feature_dim]."""
        return F.relu(self.project(self.stages(x).flatten(1)))

    def class_logits(self, h: Tensor) -> Tensor:
        return self.head(self.dropout(h)).float()

    def classify(self, x: Tensor) -> Tensor:
        return self.class_logits(self.features(x))

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        config = self.config
        return {"cnn": torch.optim.AdamW(self.parameters(), config.lr, weight_decay=config.weight_decay)}

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        logits = self.classify(random_affine(batch.x))
        loss = F.cross_entropy(logits, batch.y, label_smoothing=self.config.label_smoothing)
        optimizer_step(optimizers["cnn"], loss)
        return {"loss": loss.detach(), "accuracy": (logits.argmax(1) == batch.y).float().mean()}


def _stage(inputs: int, outputs: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
    ]
