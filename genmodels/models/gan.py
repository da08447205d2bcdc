"""The first generative adversarial network: Goodfellow et al. 2014, arXiv:1406.2661.

Two fully connected networks play against each other: G turns noise into images, D tells them from real ones. As in
the paper D is a maxout network with dropout and G a plain network of rectifiers; nothing in them knows that pixels
have neighbors, and it shows: specks, and strokes that dissolve. Noise on all that D sees and weight decay of G keep
the specks few.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.latents import LatentSpec, Uniform
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.adversarial import GANConfig, penalized_d_loss
from genmodels.nn.layers import clipped_tanh, frozen, init_weights, optimizer_step
from genmodels.nn.losses import generator_loss


@dataclass(frozen=True)
class Config(GANConfig):
    noise_dim: int = 64  # uniform noise, as in the paper
    hidden: int = 768  # units of each of G's two hidden layers
    maxout_units: int = 200  # units of each of D's two hidden layers
    maxout_pieces: int = 5  # linear pieces that a maxout unit takes the largest of (Goodfellow et al. 2013)
    dropout: float = 0.0  # share of D's hidden units dropped; the paper drops
    instance_noise: float = 0.4  # standard deviation, on all that D sees (Sonderby et al. 2017, arXiv:1610.04490)
    weight_decay: float = 0.3  # of G (Loshchilov & Hutter 2019): random initial weights, which show as specks, fade
    r1: float = 5.0
    r2: float = 5.0
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
        self.image_shape = config.image_shape
        self.hidden1 = nn.Linear(config.noise_dim, config.hidden)
        self.hidden2 = nn.Linear(config.hidden, config.hidden)
        self.out = nn.Linear(config.hidden, prod(config.image_shape))
        init_weights(self)
        nn.init.zeros_(self.out.weight)  # it grows from zero: no random initial weight is left to show as specks

    def forward(self, z: Tensor) -> Tensor:
        h = F.relu(self.hidden2(F.relu(self.hidden1(z))))
        return clipped_tanh(self.out(h)).unflatten(1, self.image_shape)


class Discriminator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.hidden1 = Maxout(prod(config.image_shape), config.maxout_units, config.maxout_pieces)
        self.hidden2 = Maxout(config.maxout_units, config.maxout_units, config.maxout_pieces)
        self.out = nn.Linear(config.maxout_units, 1)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        h = self.dropout(self.hidden1(x.flatten(1)))
        return self.out(self.dropout(self.hidden2(h))).squeeze(1).float()


class GAN(GenerativeModel):
    Config = Config
    info = ModelInfo(
        paper="Goodfellow et al., Generative Adversarial Networks", year=2014,
        url="https://arxiv.org/abs/1406.2661", family="GAN",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.G = Generator(config)
        self.D = Discriminator(config)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Uniform("noise", self.config.noise_dim),))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.G(z)

    def score(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.D(x)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        betas = (self.config.beta1, 0.99)
        return {
            "D": torch.optim.Adam(self.D.parameters(), self.config.lr, betas),
            "G": torch.optim.AdamW(self.G.parameters(), self.config.lr, betas, weight_decay=self.config.weight_decay),
        }

    def add_instance_noise(self, x: Tensor) -> Tensor:
        """Images as D sees them in training: under fresh noise, so that no speck of G's gives it away."""
        return x + self.config.instance_noise * torch.randn_like(x)

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config = self.config
        noise = self.latent.sample_batch(len(batch.x), batch.x.device)
        apply_penalty = config.penalizes(batch.step)

        x = self.add_instance_noise(batch.x).detach().requires_grad_(apply_penalty)
        fake = self.G(noise.z)
        fake_detached = self.add_instance_noise(fake).detach().requires_grad_(apply_penalty)
        loss_d, losses = penalized_d_loss(config, self.D(x), self.D(fake_detached), x, fake_detached)
        optimizer_step(optimizers["D"], loss_d)

        with frozen(self.D):
            with torch.no_grad():
                real_logits = self.D(self.add_instance_noise(batch.x))
            loss_g = generator_loss(config.loss, real_logits, self.D(self.add_instance_noise(fake)))
            optimizer_step(optimizers["G"], loss_g)
        return losses | {"loss_g": loss_g.detach()}
