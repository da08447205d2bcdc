"""DCGAN: Radford et al. 2016, arXiv:1511.06434.

The game of the first GAN, played by convolutional networks: strided convolutions in D, transposed ones in G. What
differs from the paper: no batch normalisation, and by default the relativistic loss with R1 and R2 penalties, which
does not collapse where the paper's loss does; ``loss=nonsaturating r1=0 r2=0`` is the paper's.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genmodels.latents import LatentSpec, Normal
from genmodels.layers import ConvGenerator, ConvTrunk, descend, frozen, to_range
from genmodels.losses import discriminator_loss, generator_loss, gradient_penalty
from genmodels.model import BaseConfig, Batch, GenerativeModel, ModelInfo


@dataclass(frozen=True)
class Config(BaseConfig):
    noise_dim: int = 64  # normal noise
    g_width: int = 96  # channels of G at 7x7, halved at each doubling of the side
    d_width: int = 48  # channels of D at 14x14, doubled at 7x7
    features: int = 128  # units of D's last hidden layer
    loss: str = "relativistic"  # minimax | nonsaturating (Goodfellow 2014) | relativistic (R3GAN, Huang 2024)
    r1: float = 1.0  # weight of the penalty on D's gradient at real pictures (Mescheder 2018); 0 is none
    r2: float = 1.0  # the same at generated pictures
    penalty_every: int = 4  # steps between penalties, weighted up to match (lazy regularisation, Karras 2020)
    beta1: float = 0.0  # Adam's momentum, of D and G
    steps: int = 16_000
    lr: float = 5e-4
    precision: str = "bfloat16"


class Generator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.net = ConvGenerator(config.noise_dim, config.g_width)

    def forward(self, z: Tensor) -> Tensor:
        return to_range(self.net(z).float())


class Discriminator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.trunk = ConvTrunk(config.d_width, config.features)
        self.head = nn.Linear(config.features, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.trunk(x)).squeeze(1).float()


class DCGAN(GenerativeModel):
    Config = Config
    info = ModelInfo(
        title="DCGAN", paper="Radford et al., Unsupervised Representation Learning with DCGANs", year=2016,
        url="https://arxiv.org/abs/1511.06434", family="GAN",
        summary="The same game played by convolutional networks, which know that pixels have neighbours: sharp digits.",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.G = Generator(config)
        self.D = Discriminator(config)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Normal("noise", self.config.noise_dim),))

    def sample(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return self.G(z)

    def score(self, x: Tensor, c: Tensor | None = None) -> Tensor:
        return self.D(x)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        betas = (self.config.beta1, 0.99)
        return {
            "D": torch.optim.Adam(self.D.parameters(), self.config.lr, betas),
            "G": torch.optim.Adam(self.G.parameters(), self.config.lr, betas),
        }

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config, kind = self.config, self.config.loss
        noise = self.latent.noise(len(batch.x), batch.x.device)
        penalise = (config.r1 > 0 or config.r2 > 0) and batch.step % config.penalty_every == 0

        x = batch.x.detach().requires_grad_(penalise)
        drawn = self.G(noise.z)
        x_fake = drawn.detach().requires_grad_(penalise)
        real, fake = self.D(x), self.D(x_fake)
        d_loss = discriminator_loss(kind, real, fake)
        losses = {"d": d_loss.detach()}
        if penalise:
            r1, r2 = gradient_penalty(real, x), gradient_penalty(fake, x_fake)
            d_loss = d_loss + config.penalty_every * (config.r1 * r1 + config.r2 * r2)
            losses |= {"r1": r1.detach(), "r2": r2.detach()}
        descend(optimizers["D"], d_loss)

        with frozen(self.D):
            with torch.no_grad():
                real = self.D(batch.x)
            g_loss = generator_loss(kind, real, self.D(drawn))
            descend(optimizers["G"], g_loss)
        return losses | {"g": g_loss.detach()}
