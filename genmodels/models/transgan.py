"""TransGAN: Jiang et al. 2021, arXiv:2102.07074.

The game of the first GAN, played by two transformers: no convolution in G or in D. G starts from H/4 x W/4 tokens that
attend to each other, spreads each over four of half the width (pixel shuffle) and lets these attend to each other too,
and each of them writes the pixels of its place. D reads overlapping patches, and its verdict is that of one token more,
which attends to all of them.

What differs from the paper: three stages there, two here, since the third costs most; the relativistic loss with R1
and R2 penalties instead of WGAN-GP, as for all GANs here; no grids in the attention, and no augmentation unless
``translation`` is set.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.config import at_least
from genmodels.latents import LatentSpec, Normal
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.adversarial import GANConfig, penalized_d_loss
from genmodels.nn.attention import Block, token_norm
from genmodels.nn.augment import random_shift
from genmodels.nn.layers import clipped_tanh, frozen, optimizer_step, quarter_size
from genmodels.nn.losses import generator_loss

PATCH = 4  # pixels from one patch of D to the next, each way
WINDOW = 8  # pixels of a patch each way: neighbors overlap by half


@dataclass(frozen=True)
class Config(GANConfig):
    noise_dim: int = 64  # normal noise
    coarse_channels: int = 128  # features of a token of G at H/4 x W/4, halved at H/2 x W/2
    coarse_blocks: int = 4
    fine_blocks: int = 2
    d_channels: int = 128  # features of a token of D
    d_blocks: int = 3
    heads: int = 4  # of D and of G's coarse stage; the fine one has half as many
    translation: int = at_least(0, default=0)  # pixels that all images are moved by before D sees them
    steps: int = 5_000
    batch_size: int = 32
    lr: float = 8e-4


class Generator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        coarse, fine = config.coarse_channels, config.coarse_channels // 2
        height, width = quarter_size(config.image_shape)
        self.grid = height, width
        self.project = nn.Linear(config.noise_dim, coarse * height * width)
        self.coarse_places = nn.Parameter(torch.zeros(height * width, coarse))
        self.coarse = nn.ModuleList(
            Block(coarse, config.heads, (height, width)) for _ in range(config.coarse_blocks))
        self.spread = nn.Linear(coarse, 4 * fine)
        self.fine_places = nn.Parameter(torch.zeros(4 * height * width, fine))
        self.fine = nn.ModuleList(
            Block(fine, max(1, config.heads // 2), (2 * height, 2 * width)) for _ in range(config.fine_blocks))
        self.write = nn.Linear(fine, 4 * config.channels)

    def forward(self, z: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Noise [N, noise_dim] -> images [N, C, H, W], and the attention of each block [N, heads, T, T]."""
        height, width = self.grid
        attention = []
        h = self.project(z).unflatten(1, (height * width, -1))
        h = h + self.coarse_places.to(h.dtype)
        for block in self.coarse:
            h, weights = block(h)
            attention.append(weights)
        h = self.to_map(self.spread(token_norm(h)), height, width).flatten(2).mT
        h = h + self.fine_places.to(h.dtype)
        for block in self.fine:
            h, weights = block(h)
            attention.append(weights)
        return clipped_tanh(self.to_map(self.write(token_norm(h)), 2 * height, 2 * width).float()), attention

    @staticmethod
    def to_map(h: Tensor, height: int, width: int) -> Tensor:
        """Tokens of height x width places [N, T, 4 C] -> a map of twice the size [N, C, 2 height, 2 width]."""
        return F.pixel_shuffle(h.mT.unflatten(2, (height, width)), 2)


class Discriminator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        grid = quarter_size(config.image_shape)
        dim = config.d_channels
        self.patch = nn.Linear(config.channels * WINDOW**2, dim)
        self.places = nn.Parameter(0.02 * torch.randn(grid[0] * grid[1], dim))
        self.judge = nn.Parameter(0.02 * torch.randn(1, 1, dim))
        self.blocks = nn.ModuleList(Block(dim, config.heads, grid, extra=1) for _ in range(config.d_blocks))
        self.head = nn.Linear(dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Images [N, C, H, W] -> logits [N]."""
        # Beyond the image there is background: -1.
        patches = F.unfold(x + 1, WINDOW, padding=(WINDOW - PATCH) // 2, stride=PATCH).mT
        h = self.patch(patches)
        h = torch.cat([self.judge.expand(len(x), 1, -1).to(h.dtype), h + self.places.to(h.dtype)], 1)
        for block in self.blocks:
            h, _ = block(h)
        return self.head(token_norm(h[:, 0])).squeeze(1).float()


class TransGAN(GenerativeModel):
    Config = Config
    info = ModelInfo(
        paper="Jiang et al., TransGAN: Two Pure Transformers Can Make One Strong GAN", year=2021,
        url="https://arxiv.org/abs/2102.07074", family="GAN",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.G = Generator(config)
        self.D = Discriminator(config)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Normal("noise", self.config.noise_dim),))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.G(z)[0]

    def attention(self, z: Tensor) -> tuple[Tensor, ...]:
        coarse, fine = self.G.grid, tuple(2 * side for side in self.G.grid)
        grids = [coarse] * self.config.coarse_blocks + [fine] * self.config.fine_blocks
        return tuple(weights.float().unflatten(3, grid).unflatten(2, grid)
                     for weights, grid in zip(self.G(z)[1], grids, strict=True))

    def score(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.D(x)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        betas = (self.config.beta1, 0.99)
        return {
            name: torch.optim.Adam(network.parameters(), self.config.lr, betas, fused=True)
            for name, network in (("D", self.D), ("G", self.G))
        }

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config = self.config
        noise = self.latent.sample_batch(len(batch.x), batch.x.device)
        apply_penalty = config.penalizes(batch.step)

        x = random_shift(batch.x, config.translation).detach().requires_grad_(apply_penalty)
        fake = random_shift(self.G(noise.z)[0], config.translation)
        fake_detached = fake.detach().requires_grad_(apply_penalty)
        real_logits = self.D(x)
        loss_d, losses = penalized_d_loss(config, real_logits, self.D(fake_detached), x, fake_detached)
        optimizer_step(optimizers["D"], loss_d)

        with frozen(self.D):
            # The real images' logits are those from before D's step, which saves a pass in nine.
            loss_g = generator_loss(config.loss, real_logits.detach(), self.D(fake))
            optimizer_step(optimizers["G"], loss_g)
        return losses | {"loss_g": loss_g.detach()}
