"""VAE with Gaussian pixels, for gray photographs: Kingma & Welling 2014, arXiv:1312.6114, appendix C.2 and figure 4.

Fully connected networks of tanh units as in the paper, with a second hidden layer, and a decoder that gives each pixel
a mean and a variance. What differs from ``vae`` is the likelihood. A density has no upper bound: where a pixel hardly
varies, its variance shrinks and the bound rises without end, so the variance has a floor, on which every bound that is
quoted depends. A thousand frames are soon learned by heart: the encoder sees them under noise and dropout.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genmodels.capabilities import Elbo, GaussianPosterior
from genmodels.config import BaseConfig
from genmodels.images import from_unit, to_unit
from genmodels.latents import LatentSpec, Normal
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.layers import optimizer_step
from genmodels.nn.losses import gaussian_log_prob


@dataclass(frozen=True)
class Config(BaseConfig):
    latent_dim: int = 2  # as in figure 4
    hidden: int = 200  # units of each hidden layer, as in the paper
    min_logvar: float = -7.0  # floor of a pixel's log variance, of intensities in [0, 1]
    input_noise: float = 0.3  # standard deviation of the noise that the encoder sees in training; 0 is the paper
    dropout: float = 0.2  # share of the encoder's hidden units dropped in training; 0 is the paper
    steps: int = 3_000
    batch_size: int = 100
    lr: float = 1e-3


class Encoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(math.prod(config.image_shape), config.hidden)
        self.hidden2 = nn.Linear(config.hidden, config.hidden)
        self.mu = nn.Linear(config.hidden, config.latent_dim)
        self.logvar = nn.Linear(config.hidden, config.latent_dim)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> GaussianPosterior:
        h = self.dropout(torch.tanh(self.hidden1(x.flatten(1))))
        h = self.dropout(torch.tanh(self.hidden2(h)))
        return GaussianPosterior(self.mu(h).float(), self.logvar(h).float().clamp(-12, 4))


class Decoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.image_shape, self.min_logvar = config.image_shape, config.min_logvar
        self.hidden1 = nn.Linear(config.latent_dim, config.hidden)
        self.hidden2 = nn.Linear(config.hidden, config.hidden)
        self.mean = nn.Linear(config.hidden, math.prod(config.image_shape))
        self.logvar = nn.Linear(config.hidden, math.prod(config.image_shape))

    def features(self, z: Tensor) -> Tensor:
        return torch.tanh(self.hidden2(torch.tanh(self.hidden1(z))))  # [N, hidden]

    def forward(self, z: Tensor) -> Tensor:
        """Mean intensities in [0, 1], [N, C, H, W]."""
        return torch.sigmoid(self.mean(self.features(z)).float()).unflatten(1, self.image_shape)

    def log_variance(self, z: Tensor) -> Tensor:
        """Of each pixel's intensity, [N, C, H, W]."""
        return self.logvar(self.features(z)).float().clamp(self.min_logvar, 0).unflatten(1, self.image_shape)


class GaussianVAE(GenerativeModel):
    Config = Config
    pixel_likelihood = "gaussian"
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
        return from_unit(self.decoder(z))

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.decode(self.encode(x).mean)

    def elbo(self, x: Tensor, z: Tensor, posterior: GaussianPosterior, y: Tensor | None = None) -> Elbo:
        """Both terms of the bound, in nats of a density on [0, 1] per pixel: it may well be positive."""
        log_likelihood = gaussian_log_prob(to_unit(x), self.decoder(z), self.decoder.log_variance(z))
        return Elbo(-log_likelihood.flatten(1).sum(1), posterior.kl().sum(1))

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"vae": torch.optim.Adam(self.parameters(), self.config.lr)}

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        posterior = self.encode(batch.x + self.config.input_noise * torch.randn_like(batch.x))
        bound = self.elbo(batch.x, posterior.sample(), posterior)
        loss = -bound.elbo.mean()
        optimizer_step(optimizers["vae"], loss)
        return {"loss": loss.detach(), "reconstruction_nll": bound.reconstruction_nll.detach().mean(),
                "kl": bound.kl.detach().mean()}
