"""Bernoulli naive Bayes, the generative half of the oldest comparison: Ng & Jordan 2001 (NeurIPS 14).

It learns p(digit) and p(image | digit), and classifies by Bayes' rule. "Naive" is that, given the digit, each pixel is
a coin of its own: so learning is counting, and a sample is a fog with the outline of a digit, since no pixel knows of
its neighbors. ``logistic`` has the same kind of decision boundary and learns it directly.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Self

import torch
from torch import Tensor, nn

from genmodels.capabilities import PixelWeights
from genmodels.config import BaseConfig
from genmodels.images import from_unit, to_unit
from genmodels.latents import Categorical, LatentSpec, Uniform
from genmodels.model import Batch, GenerativeModel, ModelInfo


@dataclass(frozen=True)
class Config(BaseConfig):
    smoothing: float = 1.0  # images of each class, half of them white in every pixel, added to those that were seen
    steps: int = 50  # all training images once
    batch_size: int = 1_000


class NaiveBayes(GenerativeModel):
    Config = Config
    needs_labels = True
    info = ModelInfo(
        paper="Ng & Jordan, On Discriminative vs. Generative Classifiers", year=2001,
        url="https://papers.nips.cc/paper/2020-on-discriminative-vs-generative-classifiers", family="naive Bayes",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        pixels = prod(config.image_shape)
        self.log_prior = nn.Parameter(torch.full((config.classes,), 1 / config.classes).log(), requires_grad=False)
        self.logits = nn.Parameter(torch.zeros(config.classes, pixels), requires_grad=False)  # of a white pixel
        self.register_buffer("white", torch.zeros(config.classes, pixels))  # counts
        self.register_buffer("seen", torch.zeros(config.classes))

    def for_inference(self) -> Self:
        self.white = self.seen = None
        return self

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Categorical("digit", self.config.classes),
                           Uniform("dice", prod(self.config.image_shape), editable=False)))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Pixel i is white where its die, z in [-1, 1], falls below the share of white pixels there."""
        white = to_unit(z) < torch.sigmoid(self.logits[y])
        return from_unit(white.float()).unflatten(1, self.config.image_shape)

    def classify(self, x: Tensor) -> Tensor:
        """log p(x, y) of each class [N, classes], of images binarized at half gray."""
        white = (to_unit(x).flatten(1) >= 0.5).float()
        return self.log_prior + white @ self.logits.T - nn.functional.softplus(self.logits).sum(1)

    def pixel_weights(self) -> PixelWeights:
        return PixelWeights(self.logits, self.log_prior, bernoulli=True)

    def log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """log p(x), or log p(x | y), of images binarized at half gray, in nats [N]."""
        joint = self.classify(x)
        if y is None:
            return joint.logsumexp(1)
        return joint.gather(1, y[:, None]).squeeze(1) - self.log_prior[y]

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {}

    @torch.no_grad()
    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        """Count: the closed form of the maximum likelihood estimate needs each image once."""
        white = (to_unit(batch.x).flatten(1) >= 0.5).float()
        self.white.index_add_(0, batch.y, white)
        self.seen += batch.y.bincount(minlength=self.config.classes)
        smoothing = self.config.smoothing
        logits = torch.logit((self.white + smoothing / 2) / (self.seen + smoothing)[:, None])
        self.logits.copy_(logits.half())  # as they will be stored: a die that falls between the two would flip a pixel
        self.log_prior.copy_(((self.seen + smoothing) / (self.seen + smoothing).sum()).log())
        return {"nll": -self.log_prob(batch.x).mean()}
