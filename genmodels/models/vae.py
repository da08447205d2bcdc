"""Variational autoencoder: Kingma & Welling 2014, arXiv:1312.6114.

An encoder turns a picture into a small Gaussian over latents, a decoder turns latents back into a picture; both learn
by one bound on the likelihood. The paper's networks are fully connected, these are convolutional; the loss is the
paper's, with beta = 1 and no free bits by default.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.images import from_unit, to_unit
from genmodels.latents import LatentSpec, Normal
from genmodels.layers import ConvGenerator, ConvTrunk, descend
from genmodels.losses import gaussian_kl, log_prior_ratio
from genmodels.model import BaseConfig, Batch, Elbo, GenerativeModel, ModelInfo, Posterior


@dataclass(frozen=True)
class Config(BaseConfig):
    latent_dim: int = 40  # latents; 2 makes a map
    encoder_width: int = 32  # channels of the encoder at 14x14, doubled at 7x7
    decoder_width: int = 96  # channels of the decoder at 7x7, halved at each doubling of the side
    decoder_hidden: int = 256  # units of each of two layers between latents and projection; 0 is none
    features: int = 256  # units of the encoder's last hidden layer
    importance: int = 1  # draws a picture in the bound (k of Burda et al. 2016, arXiv:1509.00519); 1 is the paper
    beta: float = 0.85  # weight of the KL term; 1 is the paper, others Higgins et al. 2017: less is sharper
    free_bits: float = 0.0  # nats a dimension that cost nothing (Kingma et al. 2016, arXiv:1606.04934); 0 is the paper
    binarize: bool = True  # draw each pixel black or white at every step, instead of grey levels as probabilities
    steps: int = 18_000
    batch_size: int = 128
    lr: float = 2e-3
    precision: str = "bfloat16"


class Encoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.trunk = ConvTrunk(config.encoder_width, config.features)
        self.mu = nn.Linear(config.features, config.latent_dim)
        self.logvar = nn.Linear(config.features, config.latent_dim)

    def forward(self, x: Tensor) -> Posterior:
        h = self.trunk(x)
        return Posterior(self.mu(h).float(), self.logvar(h).float().clamp(-12, 4))


class Decoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.net = ConvGenerator(config.latent_dim, config.decoder_width, config.decoder_hidden)

    def forward(self, z: Tensor) -> Tensor:
        return self.net(z).float()  # logits of a white pixel, [N, 1, 28, 28]


class VAE(GenerativeModel):
    Config = Config
    info = ModelInfo(
        title="VAE", paper="Kingma & Welling, Auto-Encoding Variational Bayes", year=2014,
        url="https://arxiv.org/abs/1312.6114", family="VAE",
        summary="A picture becomes a few numbers and comes back: a smooth space where neighbours look alike, "
        "a little soft at the edges.",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Normal("z", self.config.latent_dim),))

    def encode(self, x: Tensor, c: Tensor | None = None) -> Posterior:
        return self.encoder(x)

    def decode(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return from_unit(torch.sigmoid(self.decoder(z)))

    def sample(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return self.decode(z)

    def elbo(self, x: Tensor, z: Tensor, posterior: Posterior, c: Tensor | None = None) -> Elbo:
        """Both terms of equation 10 for pictures ``x``; pixels are Bernoulli, grey levels taken as probabilities."""
        logits = self.decoder(z)
        reconstruction = F.binary_cross_entropy_with_logits(logits, to_unit(x), reduction="none").flatten(1).sum(1)
        return Elbo(reconstruction, gaussian_kl(posterior.mu, posterior.logvar).sum(1))

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"vae": torch.optim.Adam(self.parameters(), self.config.lr)}

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config, n = self.config, len(batch.x)
        x = from_unit(torch.bernoulli(to_unit(batch.x))) if config.binarize else batch.x
        posterior = self.encode(x)
        if config.importance > 1:
            x, posterior = x.repeat(config.importance, 1, 1, 1), posterior.repeat(config.importance)
        z = posterior.sample()
        bound = self.elbo(x, z, posterior)
        if config.importance > 1:
            weights = config.beta * log_prior_ratio(z, posterior.mu, posterior.logvar) - bound.reconstruction
            loss = math.log(config.importance) - weights.view(-1, n).logsumexp(0).mean()
        else:
            kl = gaussian_kl(posterior.mu, posterior.logvar).mean(0)  # [d]
            loss = bound.reconstruction.mean() + config.beta * kl.clamp_min(config.free_bits).sum()
        descend(optimizers["vae"], loss)
        return {"loss": loss.detach(), "reconstruction": bound.reconstruction.detach().mean(),
                "kl": bound.kl.detach().mean()}
