"""Variational autoencoder: Kingma & Welling 2014, arXiv:1312.6114.

An encoder turns an image into a small Gaussian over latents, a decoder turns latents back into an image; both learn
by one bound on the likelihood. The paper's networks are fully connected, these are convolutional; the loss is the
paper's, with beta = 1 and no free bits by default.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genmodels.capabilities import Elbo, GaussianPosterior
from genmodels.config import BaseConfig, at_least
from genmodels.images import from_unit, to_unit
from genmodels.latents import LatentSpec, Normal
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.layers import ConvEncoder, ConvGenerator, optimizer_step
from genmodels.nn.losses import bernoulli_nll, log_p_over_q


@dataclass(frozen=True)
class Config(BaseConfig):
    latent_dim: int = 40  # latents; 2 makes a map
    encoder_channels: int = 32  # feature maps of the encoder at 14x14, doubled at 7x7
    decoder_channels: int = 96  # feature maps of the decoder at 7x7, halved at each doubling of the size
    decoder_hidden: int = at_least(0, default=256)  # units of each of two layers before the projection; 0 is none
    feature_dim: int = 256  # units of the encoder's last hidden layer
    importance_samples: int = 1  # per image in the bound (k of Burda et al. 2016, arXiv:1509.00519); 1 is the paper
    beta: float = 0.85  # weight of the KL term; 1 is the paper, others Higgins et al. 2017: less is sharper
    free_bits: float = 0.0  # nats a dimension that cost nothing (Kingma et al. 2016, arXiv:1606.04934); 0 is the paper
    binarize: bool = True  # sample each pixel black or white at every step, instead of gray levels as probabilities
    steps: int = 18_000
    batch_size: int = 128
    lr: float = 2e-3


class Encoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = ConvEncoder(config.encoder_channels, config.feature_dim, config.image_shape)
        self.mu = nn.Linear(config.feature_dim, config.latent_dim)
        self.logvar = nn.Linear(config.feature_dim, config.latent_dim)

    def forward(self, x: Tensor) -> GaussianPosterior:
        h = self.backbone(x)
        return GaussianPosterior(self.mu(h).float(), self.logvar(h).float().clamp(-12, 4))


class Decoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.net = ConvGenerator(config.latent_dim, config.decoder_channels, config.decoder_hidden, config.image_shape)

    def forward(self, z: Tensor) -> Tensor:
        return self.net(z).float()  # logits of a white pixel, [N, C, H, W]


class VAE(GenerativeModel):
    Config = Config
    pixel_likelihood = "bernoulli"
    info = ModelInfo(
        paper="Kingma & Welling, Auto-Encoding Variational Bayes", year=2014,
        url="https://arxiv.org/abs/1312.6114", family="VAE",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Normal("z", self.config.latent_dim, role="style"),))

    def encode(self, x: Tensor, y: Tensor | None = None) -> GaussianPosterior:
        return self.encoder(x)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return from_unit(torch.sigmoid(self.decoder(z)))

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.decode(self.encode(x).mean)

    def elbo(self, x: Tensor, z: Tensor, posterior: GaussianPosterior, y: Tensor | None = None) -> Elbo:
        """Both terms of equation 10 for images ``x``; pixels are Bernoulli, gray levels taken as probabilities."""
        return Elbo(bernoulli_nll(self.decoder(z), to_unit(x)), posterior.kl().sum(1))

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"vae": torch.optim.Adam(self.parameters(), self.config.lr)}

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config, n = self.config, len(batch.x)
        x = from_unit(torch.bernoulli(to_unit(batch.x))) if config.binarize else batch.x
        posterior = self.encode(x)
        if config.importance_samples > 1:
            x = x.repeat(config.importance_samples, 1, 1, 1)
            posterior = posterior.repeat(config.importance_samples)
        z = posterior.sample()
        bound = self.elbo(x, z, posterior)
        if config.importance_samples > 1:
            log_weights = config.beta * log_p_over_q(z, posterior.mu, posterior.logvar) - bound.reconstruction_nll
            loss = math.log(config.importance_samples) - log_weights.view(-1, n).logsumexp(0).mean()
        else:
            kl = posterior.kl().mean(0)  # [d]
            loss = bound.reconstruction_nll.mean() + config.beta * kl.clamp_min(config.free_bits).sum()
        optimizer_step(optimizers["vae"], loss)
        return {"loss": loss.detach(), "reconstruction_nll": bound.reconstruction_nll.detach().mean(),
                "kl": bound.kl.detach().mean()}
