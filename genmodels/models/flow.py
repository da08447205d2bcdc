"""Conditional flow matching: Lipman et al. 2023, arXiv:2210.02747; rectified flow, Liu et al. 2023, arXiv:2209.03003.

An image is what noise becomes when it moves along a field of velocities from time 0 to time 1. Training simulates
nothing: x_t = (1 - t) x_0 + t x_1 goes straight from noise x_0 to an image x_1, at the velocity x_1 - x_0, and the
network learns the mean velocity of all the lines that pass through x_t. A few Euler steps along that field make an
image.

The network's output is preconditioned as in Karras et al. 2022 (arXiv:2206.00364, table 1), for x_t as above: what is
asked of it has the same scale at all times. It is told the digit, but not for a tenth of the images, so that sampling
can enlarge the difference that the digit makes (classifier-free guidance, Ho & Salimans 2022, arXiv:2207.12598).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from genmodels.capabilities import FlowStep
from genmodels.config import BaseConfig
from genmodels.latents import Categorical, Latents, LatentSpec, Normal
from genmodels.model import Batch, GenerativeModel, ModelInfo, steps_in_batches
from genmodels.nn.layers import one_hot, optimizer_step
from genmodels.nn.unet import UNet


@dataclass(frozen=True)
class Config(BaseConfig):
    base_channels: int = 32  # feature maps at H/2 x W/2
    mid_channels: int = 64  # feature maps at H/4 x W/4
    head_channels: int = 16  # feature maps at H x W
    embedding_dim: int = 128  # of time and digit
    mid_blocks: int = 3  # residual blocks at H/4 x W/4
    up_blocks: int = 2  # residual blocks at H/2 x W/2 on the way up; there is one on the way down
    data_variance: float = 0.38  # of the pixels, in [-1, 1]; MNIST's
    label_dropout: float = 0.1  # share of the images whose digit the network is not told
    sampler_steps: int = 8  # Euler steps
    guidance: float = 1.5  # 0 follows the field without a digit, 1 that of the digit, more goes beyond it
    lr: float = 2e-3
    lr_final: float = 0.01
    steps: int = 12_000


class Flow(GenerativeModel):
    Config = Config
    needs_labels = True
    info = ModelInfo(
        paper="Lipman et al., Flow Matching for Generative Modeling", year=2023,
        url="https://arxiv.org/abs/2210.02747", family="flow",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        unet = UNet(config.image_shape, config.classes, config.base_channels, config.mid_channels,
                    config.head_channels, config.embedding_dim, config.mid_blocks, config.up_blocks)
        self.unet = unet.to(memory_format=torch.channels_last)  # a third faster on a CPU

    @property
    def latent(self) -> LatentSpec:
        noise = Normal("noise", math.prod(self.config.image_shape))
        return LatentSpec((Categorical("digit", self.config.classes), noise))

    # ---- The field

    def predict_end(self, x: Tensor, t: Tensor, label: Tensor) -> Tensor:
        """E[x_1 | x_t]: where the lines through x [N, C, H, W] at times t [N] end on average, [N, C, H, W].

        ``label`` [N, classes] is one-hot, or zeros for an image whose digit is not told. The velocity of the field is
        (E[x_1 | x_t] - x_t) / (1 - t).
        """
        keep, scale = preconditioning(t[:, None, None, None], self.config.data_variance)
        return keep * x + scale * self.unet(x, t, label)

    def guided_end(self, x: Tensor, t: float, y: Tensor, guidance: float) -> Tensor:
        """The same for digits y [N] under guidance, within the range of pixels."""
        times, label = x.new_full((len(x),), t), one_hot(y, self.config.classes)
        if guidance in (0, 1):  # of the two fields one alone
            return self.predict_end(x, times, guidance * label).clamp(-1, 1)
        untold = torch.zeros_like(label)
        ends = self.predict_end(torch.cat([x, x]), torch.cat([times, times]), torch.cat([untold, label]))
        without, told = ends.chunk(2)
        return (without + guidance * (told - without)).clamp(-1, 1)

    # ---- Sampling

    def integrate(self, z: Tensor, y: Tensor, steps: int | None = None, guidance: float | None = None,
                  start: float = 0.0) -> Iterator[FlowStep]:
        """Follow the field from ``z`` [N, C * H * W] at time ``start`` to time 1 in Euler steps of equal length.

        Yields the state before each step, and the last one; None takes the configuration's value.
        """
        steps = self.config.sampler_steps if steps is None else steps
        guidance = self.config.guidance if guidance is None else guidance
        x = z.unflatten(1, self.config.image_shape)
        for now, then in pairwise(start + (1 - start) * k / steps for k in range(steps + 1)):
            with torch.autocast(x.device.type, enabled=False):  # what bfloat16 rounds would add up over the steps
                end = self.guided_end(x, now, y, guidance)
            yield FlowStep(now, x, end)
            x = torch.lerp(x, end, (then - now) / (1 - now))
        yield FlowStep(1.0, x, x)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        *_, last = self.integrate(z, y)
        return last.x

    @torch.inference_mode()
    def generate_steps(self, latents: Latents) -> Iterator[Tensor]:
        """Where the images are expected to end, step by step."""

        def ends(z: Tensor, y: Tensor) -> Iterator[Tensor]:
            return (step.end for step in self.integrate(z, y))

        yield from steps_in_batches(ends, latents.z, latents.y)

    # ---- Training

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"unet": torch.optim.Adam(self.unet.parameters(), self.config.lr, betas=(0.9, 0.99))}

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        """The squared error of the velocity, equation 23 of Lipman et al.; times are logit-normal (Esser et al. 2024,
        arXiv:2403.03206, section 3.1), since the middle is the hardest to learn."""
        x1, n = batch.x, len(batch.x)
        t = torch.sigmoid(torch.randn(n, device=x1.device))
        rest = (1 - t)[:, None, None, None]
        x_t = torch.lerp(x1, torch.randn_like(x1), rest)
        told = torch.rand(n, 1, device=x1.device) >= self.config.label_dropout
        end = self.predict_end(x_t, t, one_hot(batch.y, self.config.classes) * told)
        loss = ((end - x1) / rest).square().mean()
        optimizer_step(optimizers["unet"], loss)
        return {"loss": loss.detach()}


def preconditioning(t: Tensor, data_variance: float) -> tuple[Tensor, Tensor]:
    """The share of x_t that is part of the predicted end, the best linear one, and the scale of what is added."""
    variance = t.square() * data_variance + (1 - t).square()
    return t * data_variance / variance, (1 - t) * (data_variance / variance).sqrt()
