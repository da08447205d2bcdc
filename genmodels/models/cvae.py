"""Conditional VAE: Kingma et al. 2014 (M2, arXiv:1406.5298) and Sohn et al. 2015, with every label given.

The digit is told to encoder and decoder alike, so the latents need not carry it and are left with the style: the same
latents under another label are the same hand writing another digit. As in M2 a classifier q(y | x) learns beside them;
here it also reads the pictures of prior draws, and the decoder is held to what it was asked for (``reading``), since
the bound alone says little of latents that no digit was encoded to. ``reading=0`` is the papers' loss. Otherwise it is
the VAE.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.augment import random_affine
from genmodels.images import from_unit, to_unit
from genmodels.latents import Categorical, LatentSpec, Normal
from genmodels.layers import ConvGenerator, ConvTrunk, descend, frozen, leaky, one_hot
from genmodels.losses import gaussian_kl
from genmodels.model import BaseConfig, Batch, Elbo, GenerativeModel, ModelInfo, Posterior


@dataclass(frozen=True)
class Config(BaseConfig):
    latent_dim: int = 40  # latents, for the style alone
    label_scale: float = 8.0  # of the label's one-hot beside the latents; at 1 the decoder learns to read them, not it
    reading: float = 5.0  # weight of q(y | x) on prior draws, in nats; 0 is the papers' loss
    encoder_width: int = 32  # channels of the encoder at 14x14, doubled at 7x7
    reader_width: int = 16  # channels of q(y | x) at 14x14, doubled at 7x7
    decoder_width: int = 96  # channels of the decoder at 7x7, halved at each doubling of the side
    decoder_hidden: int = 256  # units of each of two layers between latents and projection; 0 is none
    features: int = 256  # units of the encoder's last hidden layer
    beta: float = 1.0  # weight of the KL term; 1 is the paper, others Higgins et al. 2017
    free_bits: float = 0.0  # nats a dimension that cost nothing (Kingma et al. 2016, arXiv:1606.04934); 0 is the paper
    binarize: bool = True  # draw each pixel black or white at every step, instead of grey levels as probabilities
    steps: int = 9_000
    batch_size: int = 128
    lr: float = 2e-3
    precision: str = "bfloat16"


class Encoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.trunk = ConvTrunk(config.encoder_width, config.features)
        self.hidden = nn.Linear(config.features + config.classes, config.features)
        self.mu = nn.Linear(config.features, config.latent_dim)
        self.logvar = nn.Linear(config.features, config.latent_dim)
        self.classes = config.classes

    def forward(self, x: Tensor, c: Tensor) -> Posterior:
        h = leaky(self.hidden(torch.cat([self.trunk(x), one_hot(c, self.classes)], 1)))
        return Posterior(self.mu(h).float(), self.logvar(h).float().clamp(-12, 4))


class Reader(nn.Module):
    """q(y | x), in training alone."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.trunk = ConvTrunk(config.reader_width, config.features)
        self.head = nn.Linear(config.features, config.classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.trunk(random_affine(x))).float()  # logits [N, classes]


class Decoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.net = ConvGenerator(config.latent_dim + config.classes, config.decoder_width, config.decoder_hidden)
        self.classes, self.scale = config.classes, config.label_scale

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        label = self.scale * one_hot(c, self.classes)
        return self.net(torch.cat([z, label], 1)).float()  # logits of a white pixel, [N, 1, 28, 28]


class CVAE(GenerativeModel):
    Config = Config
    info = ModelInfo(
        title="Conditional VAE", paper="Kingma et al., Semi-Supervised Learning with Deep Generative Models", year=2014,
        url="https://arxiv.org/abs/1406.5298", family="VAE",
        summary="A VAE that is told the digit: what is left in its latents is the handwriting alone.",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.reader = Reader(config)

    def for_use(self) -> Self:
        self.reader = None
        return self

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Categorical("digit", self.config.classes), Normal("z", self.config.latent_dim)))

    def encode(self, x: Tensor, c: Tensor | None = None) -> Posterior:
        return self.encoder(x, c)

    def decode(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return from_unit(torch.sigmoid(self.decoder(z, c)))

    def sample(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return self.decode(z, c)

    def elbo(self, x: Tensor, z: Tensor, posterior: Posterior, c: Tensor | None = None) -> Elbo:
        """Both terms of equation 10 for pictures ``x``; pixels are Bernoulli, grey levels taken as probabilities."""
        logits = self.decoder(z, c)
        reconstruction = F.binary_cross_entropy_with_logits(logits, to_unit(x), reduction="none").flatten(1).sum(1)
        return Elbo(reconstruction, gaussian_kl(posterior.mu, posterior.logvar).sum(1))

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"vae": torch.optim.Adam(self.parameters(), self.config.lr)}

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config, c = self.config, batch.y
        x = from_unit(torch.bernoulli(to_unit(batch.x))) if config.binarize else batch.x
        posterior = self.encode(x, c)
        bound = self.elbo(x, posterior.sample(), posterior, c)
        kl = gaussian_kl(posterior.mu, posterior.logvar).mean(0)  # [d]
        loss = bound.reconstruction.mean() + config.beta * kl.clamp_min(config.free_bits).sum()
        losses = {"reconstruction": bound.reconstruction.detach().mean(), "kl": bound.kl.detach().mean()}
        if config.reading:
            drawn = self.decode(self.latent.noise(len(x), x.device).z, c)
            with frozen(self.reader):  # it learns from real digits alone, and so cannot agree with the decoder on signs
                read = F.cross_entropy(self.reader(drawn), c)
            loss = loss + config.reading * read + F.cross_entropy(self.reader(batch.x), c)
            losses["read"] = read.detach()
        descend(optimizers["vae"], loss)
        return losses
