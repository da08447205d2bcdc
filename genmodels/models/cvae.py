"""Conditional VAE: Kingma et al. 2014 (M2, arXiv:1406.5298) and Sohn et al. 2015, with every label given.

The digit is given to encoder and decoder alike, so the latents need not carry it and are left with the style: the same
latents under another label are the same handwriting for another digit. As in M2 a classifier q(y | x) learns beside
them; here it also classifies decoded prior samples, and the decoder is held to the label that was asked for
(``aux_weight``), since the bound alone says little of latents that no digit was encoded to. ``aux_weight=0`` is the
papers' loss. Otherwise it is the VAE.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.capabilities import Elbo, GaussianPosterior
from genmodels.config import BaseConfig, at_least
from genmodels.images import from_unit, to_unit
from genmodels.latents import Categorical, LatentSpec, Normal
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.augment import random_affine
from genmodels.nn.layers import ConvEncoder, ConvGenerator, frozen, lrelu, one_hot, optimizer_step
from genmodels.nn.losses import bernoulli_nll


@dataclass(frozen=True)
class Config(BaseConfig):
    latent_dim: int = 40  # latents, for the style alone
    onehot_scale: float = 8.0  # of the label beside the latents; at 1 the decoder learns to use them, not it
    aux_weight: float = 5.0  # weight of q(y | x) on decoded prior samples, in nats; 0 is the papers' loss
    encoder_channels: int = 32  # feature maps of the encoder at 14x14, doubled at 7x7
    aux_channels: int = 16  # feature maps of q(y | x) at 14x14, doubled at 7x7
    decoder_channels: int = 96  # feature maps of the decoder at 7x7, halved at each doubling of the size
    decoder_hidden: int = at_least(0, default=256)  # units of each of two layers before the projection; 0 is none
    feature_dim: int = 256  # units of the encoder's last hidden layer
    beta: float = 1.0  # weight of the KL term; 1 is the paper, others Higgins et al. 2017
    free_bits: float = 0.0  # nats a dimension that cost nothing (Kingma et al. 2016, arXiv:1606.04934); 0 is the paper
    binarize: bool = True  # sample each pixel black or white at every step, instead of gray levels as probabilities
    steps: int = 9_000
    batch_size: int = 128
    lr: float = 2e-3


class Encoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = ConvEncoder(config.encoder_channels, config.feature_dim, config.image_shape)
        self.hidden = nn.Linear(config.feature_dim + config.classes, config.feature_dim)
        self.mu = nn.Linear(config.feature_dim, config.latent_dim)
        self.logvar = nn.Linear(config.feature_dim, config.latent_dim)
        self.classes = config.classes

    def forward(self, x: Tensor, y: Tensor) -> GaussianPosterior:
        h = lrelu(self.hidden(torch.cat([self.backbone(x), one_hot(y, self.classes)], 1)))
        return GaussianPosterior(self.mu(h).float(), self.logvar(h).float().clamp(-12, 4))


class AuxClassifier(nn.Module):
    """q(y | x), in training alone."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = ConvEncoder(config.aux_channels, config.feature_dim, config.image_shape)
        self.head = nn.Linear(config.feature_dim, config.classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.backbone(random_affine(x))).float()  # class logits [N, classes]


class Decoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        inputs = config.latent_dim + config.classes
        self.net = ConvGenerator(inputs, config.decoder_channels, config.decoder_hidden, config.image_shape)
        self.classes, self.scale = config.classes, config.onehot_scale

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        label = self.scale * one_hot(y, self.classes)
        return self.net(torch.cat([z, label], 1)).float()  # logits of a white pixel, [N, C, H, W]


class CVAE(GenerativeModel):
    Config = Config
    pixel_likelihood = "bernoulli"
    needs_labels = True
    info = ModelInfo(
        paper="Kingma et al., Semi-Supervised Learning with Deep Generative Models", year=2014,
        url="https://arxiv.org/abs/1406.5298", family="VAE",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.aux_classifier = AuxClassifier(config)

    def for_inference(self) -> Self:
        self.aux_classifier = None
        return self

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Categorical("digit", self.config.classes),
                           Normal("z", self.config.latent_dim, role="style")))

    def encode(self, x: Tensor, y: Tensor | None = None) -> GaussianPosterior:
        return self.encoder(x, y)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return from_unit(torch.sigmoid(self.decoder(z, y)))

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.decode(self.encode(x, y).mean, y)

    def elbo(self, x: Tensor, z: Tensor, posterior: GaussianPosterior, y: Tensor | None = None) -> Elbo:
        """Both terms of equation 10 for images ``x``; pixels are Bernoulli, gray levels taken as probabilities."""
        return Elbo(bernoulli_nll(self.decoder(z, y), to_unit(x)), posterior.kl().sum(1))

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"vae": torch.optim.Adam(self.parameters(), self.config.lr)}

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config, y = self.config, batch.y
        x = from_unit(torch.bernoulli(to_unit(batch.x))) if config.binarize else batch.x
        posterior = self.encode(x, y)
        bound = self.elbo(x, posterior.sample(), posterior, y)
        kl = posterior.kl().mean(0)  # [d]
        loss = bound.reconstruction_nll.mean() + config.beta * kl.clamp_min(config.free_bits).sum()
        losses = {"reconstruction_nll": bound.reconstruction_nll.detach().mean(), "kl": bound.kl.detach().mean()}
        if config.aux_weight:
            fake = self.decode(self.latent.sample_batch(len(x), x.device).z, y)
            with frozen(self.aux_classifier):  # it learns from real images alone: no signs agreed with the decoder
                loss_aux = F.cross_entropy(self.aux_classifier(fake), y)
            loss = loss + config.aux_weight * loss_aux + F.cross_entropy(self.aux_classifier(batch.x), y)
            losses["loss_aux"] = loss_aux.detach()
        optimizer_step(optimizers["vae"], loss)
        return losses
