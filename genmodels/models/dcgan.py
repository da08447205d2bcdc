"""DCGAN: Radford et al. 2016, arXiv:1511.06434.

The game of the first GAN, played by convolutional networks: strided convolutions in D, transposed ones in G. What
differs from the paper: no batch normalization, and by default the relativistic loss with R1 and R2 penalties, which
does not collapse where the paper's loss does; ``loss=nonsaturating r1=0 r2=0`` is the paper's.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genmodels.config import at_least
from genmodels.latents import LatentSpec, Normal
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.adversarial import GANConfig, penalized_d_loss
from genmodels.nn.layers import ConvEncoder, ConvGenerator, clipped_tanh, frozen, optimizer_step
from genmodels.nn.losses import generator_loss


@dataclass(frozen=True)
class Config(GANConfig):
    noise_dim: int = 64  # normal noise
    g_channels: int = 96  # feature maps of G at 7x7, halved at each doubling of the size
    g_hidden: int = at_least(0, default=0)  # units of each of the two layers that the noise passes first; 0 is none
    d_channels: int = 48  # feature maps of D at 14x14, doubled at 7x7
    feature_dim: int = 128  # units of D's last hidden layer
    steps: int = 16_000
    lr: float = 5e-4


class Generator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.net = ConvGenerator(config.noise_dim, config.g_channels, config.g_hidden, image_shape=config.image_shape)

    def forward(self, z: Tensor) -> Tensor:
        return clipped_tanh(self.net(z).float())


class Discriminator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = ConvEncoder(config.d_channels, config.feature_dim, config.image_shape)
        self.head = nn.Linear(config.feature_dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.backbone(x)).squeeze(1).float()


class DCGAN(GenerativeModel):
    Config = Config
    info = ModelInfo(
        paper="Radford et al., Unsupervised Representation Learning with DCGANs", year=2016,
        url="https://arxiv.org/abs/1511.06434", family="GAN",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.G = Generator(config)
        self.D = Discriminator(config)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Normal("noise", self.config.noise_dim),))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.G(z)

    def score(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.D(x)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        betas = (self.config.beta1, 0.99)
        return {
            "D": torch.optim.Adam(self.D.parameters(), self.config.lr, betas),
            "G": torch.optim.Adam(self.G.parameters(), self.config.lr, betas),
        }

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config = self.config
        noise = self.latent.sample_batch(len(batch.x), batch.x.device)
        apply_penalty = config.penalizes(batch.step)

        x = batch.x.detach().requires_grad_(apply_penalty)
        fake = self.G(noise.z)
        fake_detached = fake.detach().requires_grad_(apply_penalty)
        loss_d, losses = penalized_d_loss(config, self.D(x), self.D(fake_detached), x, fake_detached)
        optimizer_step(optimizers["D"], loss_d)

        with frozen(self.D):
            with torch.no_grad():
                real_logits = self.D(batch.x)
            loss_g = generator_loss(config.loss, real_logits, self.D(fake))
            optimizer_step(optimizers["G"], loss_g)
        return losses | {"loss_g": loss_g.detach()}
