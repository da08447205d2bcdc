"""Conditional GAN: Mirza & Osindero 2014, arXiv:1411.1784.

G is given the digit to draw, D the digit that it should be looking at. As in the paper G gets the label beside the
noise; D differs: it has one output per class, and the label picks the one that counts (Mescheder et al. 2018,
arXiv:1801.04406). Real and generated images of a step share their labels, so the relativistic loss compares a three
with a three. Otherwise it is DCGAN.

D also learns to classify real images, and G is held to the digit that was asked for by that classifier: the auxiliary
classifier of Odena et al. 2017 (arXiv:1610.09585), without its half on generated images, on which the two networks
could agree on signs of their own. The game alone leaves one digit in a hundred between two classes. ``aux_weight=0``
is without.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.latents import Categorical, LatentSpec, Normal
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.adversarial import GANConfig, penalized_d_loss
from genmodels.nn.layers import ConvEncoder, ConvGenerator, clipped_tanh, frozen, one_hot, optimizer_step
from genmodels.nn.losses import generator_loss


@dataclass(frozen=True)
class Config(GANConfig):
    noise_dim: int = 64  # normal noise
    g_channels: int = 96  # feature maps of G at 7x7, halved at each doubling of the size
    d_channels: int = 48  # feature maps of D at 14x14, doubled at 7x7
    feature_dim: int = 128  # units of D's last hidden layer
    aux_weight: float = 1.0  # weight of the auxiliary classifier (Odena 2017), in nats; 0 is none
    steps: int = 16_000
    lr: float = 5e-4


class Generator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        inputs = config.noise_dim + config.classes
        self.net = ConvGenerator(inputs, config.g_channels, image_shape=config.image_shape)
        self.classes = config.classes

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        return clipped_tanh(self.net(torch.cat([z, one_hot(y, self.classes)], 1)).float())


class Discriminator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = ConvEncoder(config.d_channels, config.feature_dim, config.image_shape)
        self.head = nn.Linear(config.feature_dim, config.classes)
        self.aux_head = nn.Linear(config.feature_dim, config.classes)  # the auxiliary classifier

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [N] of a real image of class y, and the auxiliary classifier's class logits [N, classes]."""
        h = self.backbone(x)
        return self.head(h).gather(1, y[:, None]).squeeze(1).float(), self.aux_head(h).float()


class CGAN(GenerativeModel):
    Config = Config
    needs_labels = True
    info = ModelInfo(
        paper="Mirza & Osindero, Conditional Generative Adversarial Nets", year=2014,
        url="https://arxiv.org/abs/1411.1784", family="GAN",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.G = Generator(config)
        self.D = Discriminator(config)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Categorical("digit", self.config.classes), Normal("noise", self.config.noise_dim)))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.G(z, y)

    def score(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.D(x, y)[0]

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        betas = (self.config.beta1, 0.99)
        return {
            "D": torch.optim.Adam(self.D.parameters(), self.config.lr, betas),
            "G": torch.optim.Adam(self.G.parameters(), self.config.lr, betas),
        }

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config, y = self.config, batch.y
        noise = self.latent.sample_batch(len(batch.x), batch.x.device)
        apply_penalty = config.penalizes(batch.step)

        x = batch.x.detach().requires_grad_(apply_penalty)
        fake = self.G(noise.z, y)
        fake_detached = fake.detach().requires_grad_(apply_penalty)
        (real_logits, class_logits), (fake_logits, _) = self.D(x, y), self.D(fake_detached, y)
        loss_d, losses = penalized_d_loss(config, real_logits, fake_logits, x, fake_detached)
        optimizer_step(optimizers["D"], loss_d + config.aux_weight * F.cross_entropy(class_logits, y))

        with frozen(self.D):
            with torch.no_grad():
                real_logits, _ = self.D(batch.x, y)
            fake_logits, class_logits = self.D(fake, y)
            loss_g = generator_loss(config.loss, real_logits, fake_logits)
            loss_aux = F.cross_entropy(class_logits, y)
            optimizer_step(optimizers["G"], loss_g + config.aux_weight * loss_aux)
        return losses | {"loss_g": loss_g.detach(), "loss_aux": loss_aux.detach()}
