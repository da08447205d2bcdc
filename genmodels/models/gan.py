"""The first generative adversarial network: Goodfellow et al. 2014, arXiv:1406.2661.

Two fully connected networks play against each other: G turns noise into pictures, D tells them from real ones. As in
the paper D is a maxout network with dropout and G a plain network of rectifiers; nothing knows that pixels
have neighbours, and it shows: specks, and strokes that dissolve. Noise on all that D sees and a decay of G's weights
keep them few.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.latents import LatentSpec, Uniform
from genmodels.layers import descend, frozen, initialise, to_range
from genmodels.losses import discriminator_loss, generator_loss, gradient_penalty
from genmodels.model import BaseConfig, Batch, GenerativeModel, ModelInfo


@dataclass(frozen=True)
class Config(BaseConfig):
    noise_dim: int = 64  # uniform noise, as in the paper
    hidden: int = 768  # units of each of G's two hidden layers
    maxout_units: int = 200  # units of each of D's two hidden layers
    maxout_pieces: int = 5  # linear pieces a maxout unit takes the largest of (Goodfellow et al. 2013)
    dropout: float = 0.0  # share of D's hidden units dropped; the paper drops
    loss: str = "relativistic"  # minimax | nonsaturating (both the paper's) | relativistic (R3GAN, Huang 2024)
    instance_noise: float = 0.4  # deviation, on all that D sees (Sonderby et al. 2017, arXiv:1610.04490)
    weight_decay: float = 0.3  # of G (Loshchilov & Hutter 2019): the leftovers of chance, which show as specks, fade
    r1: float = 5.0  # weight of the penalty on D's gradient at real pictures (Mescheder 2018); 0 is none
    r2: float = 5.0  # the same at generated pictures
    penalty_every: int = 4  # steps between penalties, weighted up to match (lazy regularisation, Karras 2020)
    beta1: float = 0.0  # Adam's momentum; the paper used plain momentum
    steps: int = 10_000
    batch_size: int = 100
    lr: float = 1e-3


class Maxout(nn.Module):
    """The largest of several linear pieces, unit by unit (Goodfellow et al. 2013, arXiv:1302.4389)."""

    def __init__(self, inputs: int, units: int, pieces: int) -> None:
        super().__init__()
        self.pieces = nn.Linear(inputs, units * pieces)
        self.shape = (pieces, units)

    def forward(self, h: Tensor) -> Tensor:
        return self.pieces(h).unflatten(1, self.shape).amax(1)  # [N, units]


class Generator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(config.noise_dim, config.hidden)
        self.hidden2 = nn.Linear(config.hidden, config.hidden)
        self.out = nn.Linear(config.hidden, 28 * 28)
        initialise(self)
        nn.init.zeros_(self.out.weight)  # each pixel's weights grow from nothing: no leftover of chance stays as specks

    def forward(self, z: Tensor) -> Tensor:
        h = F.relu(self.hidden2(F.relu(self.hidden1(z))))
        return to_range(self.out(h)).unflatten(1, (1, 28, 28))


class Discriminator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.hidden1 = Maxout(28 * 28, config.maxout_units, config.maxout_pieces)
        self.hidden2 = Maxout(config.maxout_units, config.maxout_units, config.maxout_pieces)
        self.out = nn.Linear(config.maxout_units, 1)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        h = self.dropout(self.hidden1(x.flatten(1)))
        return self.out(self.dropout(self.hidden2(h))).squeeze(1).float()


class GAN(GenerativeModel):
    Config = Config
    info = ModelInfo(
        title="GAN", paper="Goodfellow et al., Generative Adversarial Networks", year=2014,
        url="https://arxiv.org/abs/1406.2661", family="GAN",
        summary="Two fully connected networks, one forging digits, one hunting forgeries: the original, with specks.",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.G = Generator(config)
        self.D = Discriminator(config)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Uniform("noise", self.config.noise_dim),))

    def sample(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return self.G(z)

    def score(self, x: Tensor, c: Tensor | None = None) -> Tensor:
        return self.D(x)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        betas = (self.config.beta1, 0.99)
        return {
            "D": torch.optim.Adam(self.D.parameters(), self.config.lr, betas),
            "G": torch.optim.AdamW(self.G.parameters(), self.config.lr, betas, weight_decay=self.config.weight_decay),
        }

    def noised(self, x: Tensor) -> Tensor:
        """Pictures as D gets to see them in training: under fresh noise, so that no speck of G's gives it away."""
        return x + self.config.instance_noise * torch.randn_like(x)

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config, kind = self.config, self.config.loss
        noise = self.latent.noise(len(batch.x), batch.x.device)
        penalise = (config.r1 > 0 or config.r2 > 0) and batch.step % config.penalty_every == 0

        x = self.noised(batch.x).detach().requires_grad_(penalise)
        drawn = self.G(noise.z)
        x_fake = self.noised(drawn).detach().requires_grad_(penalise)
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
                real = self.D(self.noised(batch.x))
            g_loss = generator_loss(kind, real, self.D(self.noised(drawn)))
            descend(optimizers["G"], g_loss)
        return losses | {"g": g_loss.detach()}
