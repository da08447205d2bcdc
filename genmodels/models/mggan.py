"""MGGAN, manifold-guided training: Bang & Shim 2018, arXiv:1804.04391.

A GAN whose generator forgets modes, beside a guide that reminds it: an encoder, learned beforehand from real images
alone as half of an autoencoder, maps images to a space in which the modes lie apart, and a second, small discriminator
there tells the codes of real images from those of generated ones. It never sees a pixel, so G cannot please it by the
looks of a few images; it has to spread over the codes. Otherwise it is DCGAN with Goodfellow's loss.

What differs from the paper: the autoencoder removes noise from its input, and its loss is the squared error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn

from genmodels.config import at_least
from genmodels.images import to_unit
from genmodels.latents import LatentSpec, Normal
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.adversarial import GANConfig, penalized_d_loss
from genmodels.nn.layers import ConvEncoder, ConvGenerator, clipped_tanh, frozen, lrelu, optimizer_step
from genmodels.nn.losses import discriminator_loss, generator_loss


@dataclass(frozen=True)
class Config(GANConfig):
    loss: str = "nonsaturating"
    r1: float = 0.0
    r2: float = 0.0
    noise_dim: int = 64  # normal noise
    g_channels: int = 96  # feature maps of G at 7x7, halved at each doubling of the size
    d_channels: int = 48  # feature maps of D at 14x14, doubled at 7x7
    feature_dim: int = 128  # units of D's last hidden layer
    code_dim: int = 64  # numbers of a code of the guide
    encoder_channels: int = 32  # feature maps of the guide's encoder at 14x14, doubled at 7x7
    guide_hidden: int = 256  # units of its encoder's last layer, and of each of the two layers of its discriminator
    guidance: float = 0.5  # weight of its verdict for G; 0 is a plain GAN
    noise: float = 0.3  # standard deviation of what is added to the autoencoder's input, on [-1, 1]
    autoencoder_steps: int = at_least(0, default=1_500)  # of all steps; in the others the GAN learns
    autoencoder_lr: float = 1e-3
    steps: int = 16_000
    lr: float = 5e-4


class Generator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.net = ConvGenerator(config.noise_dim, config.g_channels, image_shape=config.image_shape)

    def forward(self, z: Tensor) -> Tensor:
        return clipped_tanh(self.net(z).float())


class Discriminator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = ConvEncoder(config.d_channels, config.feature_dim, config.image_shape)
        self.head = nn.Linear(config.feature_dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.backbone(x)).squeeze(1).float()


class Guide(nn.Module):
    """The autoencoder, of which only the encoder is used once it has learned, and the discriminator of its codes."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = ConvEncoder(config.encoder_channels, config.guide_hidden, config.image_shape)
        self.code = nn.Linear(config.guide_hidden, config.code_dim)
        self.decoder = ConvGenerator(config.code_dim, 2 * config.encoder_channels, image_shape=config.image_shape)
        sizes = config.code_dim, config.guide_hidden, config.guide_hidden
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False))
        self.head = nn.Linear(config.guide_hidden, 1)
        self.norm = nn.LayerNorm(config.code_dim, elementwise_affine=False)  # codes have no scale of their own

    def encode(self, x: Tensor) -> Tensor:
        return self.norm(self.code(self.backbone(x)).float())  # [N, code_dim]

    def reconstruct(self, x: Tensor) -> Tensor:
        return clipped_tanh(self.decoder(self.encode(x)).float())

    def forward(self, codes: Tensor) -> Tensor:
        for layer in self.layers:
            codes = lrelu(layer(codes))
        return self.head(codes).squeeze(1).float()  # logits [N]


class MGGAN(GenerativeModel):
    Config = Config
    info = ModelInfo(
        paper="Bang & Shim, MGGAN: Solving Mode Collapse using Manifold Guided Training", year=2018,
        url="https://arxiv.org/abs/1804.04391", family="GAN",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.G = Generator(config)
        self.D = Discriminator(config)
        self.guide = Guide(config)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Normal("noise", self.config.noise_dim),))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.G(z)

    def score(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.D(x)

    def for_inference(self) -> Self:
        self.guide = None
        return self

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        guide, betas = self.guide, (self.config.beta1, 0.99)
        autoencoder = [*guide.backbone.parameters(), *guide.code.parameters(), *guide.decoder.parameters()]
        judge = [*guide.layers.parameters(), *guide.head.parameters()]
        return {
            "D": torch.optim.Adam(self.D.parameters(), self.config.lr, betas),
            "G": torch.optim.Adam(self.G.parameters(), self.config.lr, betas),
            "autoencoder": torch.optim.Adam(autoencoder, self.config.autoencoder_lr),
            "D_codes": torch.optim.Adam(judge, self.config.lr, betas),
        }

    def phase(self, step: int) -> tuple[int, int]:
        first = min(self.config.autoencoder_steps, self.config.steps)
        return (0, first) if step < first else (first, self.config.steps)

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        """The guide's autoencoder first; then both discriminators, and G against the two of them."""
        if batch.step < self.config.autoencoder_steps:
            return self._autoencoder_step(batch, optimizers["autoencoder"])
        config, noise = self.config, self.latent.sample_batch(len(batch.x), batch.x.device)
        apply_penalty = config.penalizes(batch.step)

        x = batch.x.detach().requires_grad_(apply_penalty)
        fake = self.G(noise.z)
        fake_detached = fake.detach().requires_grad_(apply_penalty)
        loss_d, losses = penalized_d_loss(config, self.D(x), self.D(fake_detached), x, fake_detached)
        optimizer_step(optimizers["D"], loss_d)
        with torch.no_grad():
            real_codes, fake_codes = self.guide.encode(batch.x), self.guide.encode(fake_detached)
        loss_codes = discriminator_loss(config.loss, self.guide(real_codes), self.guide(fake_codes))
        optimizer_step(optimizers["D_codes"], loss_codes)

        with frozen(self.D), frozen(self.guide):
            with torch.no_grad():
                real_logits, real_code_logits = self.D(batch.x), self.guide(real_codes)
            loss_g = generator_loss(config.loss, real_logits, self.D(fake))
            loss_guide = generator_loss(config.loss, real_code_logits, self.guide(self.guide.encode(fake)))
            optimizer_step(optimizers["G"], loss_g + config.guidance * loss_guide)
        return losses | {"loss_d_codes": loss_codes.detach(), "loss_g": loss_g.detach(),
                         "loss_g_codes": loss_guide.detach()}

    def _autoencoder_step(self, batch: Batch, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
        noisy = batch.x + self.config.noise * torch.randn_like(batch.x)
        error = (to_unit(self.guide.reconstruct(noisy)) - to_unit(batch.x)).square().mean()
        optimizer_step(optimizer, error)
        return {"loss_autoencoder": error.detach()}
