"""Conditional GAN: Mirza & Osindero 2014, arXiv:1411.1784.

G is told which digit to draw, D which digit it should be looking at. As in the paper G gets the label beside the
noise; D differs: it has one output a class, and the label picks the one that counts (Mescheder et al. 2018,
arXiv:1801.04406). Real and generated pictures of a step share their labels, so the relativistic loss compares
a three with a three. Otherwise it is DCGAN.

D also learns to read the digit in real pictures, and G is held to what it was asked for by that reading: the auxiliary
classifier of Odena et al. 2017 (arXiv:1610.09585), less its half on generated pictures, on which the two networks could
agree on signs of their own. The game alone leaves one digit in a hundred between two classes. ``reading=0`` is without.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.latents import Categorical, LatentSpec, Normal
from genmodels.layers import ConvGenerator, ConvTrunk, descend, frozen, one_hot, to_range
from genmodels.losses import discriminator_loss, generator_loss, gradient_penalty
from genmodels.model import BaseConfig, Batch, GenerativeModel, ModelInfo


@dataclass(frozen=True)
class Config(BaseConfig):
    noise_dim: int = 64  # normal noise
    g_width: int = 96  # channels of G at 7x7, halved at each doubling of the side
    d_width: int = 48  # channels of D at 14x14, doubled at 7x7
    features: int = 128  # units of D's last hidden layer
    reading: float = 1.0  # weight of the auxiliary classifier (Odena 2017), in nats; 0 is none
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
        self.net = ConvGenerator(config.noise_dim + config.classes, config.g_width)
        self.classes = config.classes

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        return to_range(self.net(torch.cat([z, one_hot(c, self.classes)], 1)).float())


class Discriminator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.trunk = ConvTrunk(config.d_width, config.features)
        self.head = nn.Linear(config.features, config.classes)
        self.reader = nn.Linear(config.features, config.classes)

    def forward(self, x: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [N] of a real picture of class c, and logits [N, classes] of the class read in it."""
        h = self.trunk(x)
        return self.head(h).gather(1, c[:, None]).squeeze(1).float(), self.reader(h).float()


class CGAN(GenerativeModel):
    Config = Config
    info = ModelInfo(
        title="Conditional GAN", paper="Mirza & Osindero, Conditional Generative Adversarial Nets", year=2014,
        url="https://arxiv.org/abs/1411.1784", family="GAN",
        summary="Both networks are told the digit, so you choose what is drawn and the noise only chooses the hand.",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.G = Generator(config)
        self.D = Discriminator(config)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Categorical("digit", self.config.classes), Normal("noise", self.config.noise_dim)))

    def sample(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return self.G(z, c)

    def score(self, x: Tensor, c: Tensor | None = None) -> Tensor:
        return self.D(x, c)[0]

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        betas = (self.config.beta1, 0.99)
        return {
            "D": torch.optim.Adam(self.D.parameters(), self.config.lr, betas),
            "G": torch.optim.Adam(self.G.parameters(), self.config.lr, betas),
        }

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config, kind, c = self.config, self.config.loss, batch.y
        noise = self.latent.noise(len(batch.x), batch.x.device)
        penalise = (config.r1 > 0 or config.r2 > 0) and batch.step % config.penalty_every == 0

        x = batch.x.detach().requires_grad_(penalise)
        drawn = self.G(noise.z, c)
        x_fake = drawn.detach().requires_grad_(penalise)
        (real, read), (fake, _) = self.D(x, c), self.D(x_fake, c)
        d_loss = discriminator_loss(kind, real, fake)
        losses = {"d": d_loss.detach()}
        if penalise:
            r1, r2 = gradient_penalty(real, x), gradient_penalty(fake, x_fake)
            d_loss = d_loss + config.penalty_every * (config.r1 * r1 + config.r2 * r2)
            losses |= {"r1": r1.detach(), "r2": r2.detach()}
        descend(optimizers["D"], d_loss + config.reading * F.cross_entropy(read, c))

        with frozen(self.D):
            with torch.no_grad():
                real, _ = self.D(batch.x, c)
            fake, read = self.D(drawn, c)
            g_loss, r_loss = generator_loss(kind, real, fake), F.cross_entropy(read, c)
            descend(optimizers["G"], g_loss + config.reading * r_loss)
        return losses | {"g": g_loss.detach(), "read": r_loss.detach()}
