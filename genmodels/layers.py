"""Blocks that three models or more are built from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvGenerator(nn.Module):
    """Latent [N, d] -> one-channel map [N, 1, 28, 28] without bounds: 7x7 -> 14x14 -> 28x28 by transposed convolution.

    The outline is DCGAN's (Radford et al. 2016, arXiv:1511.06434): project, reshape, fractionally strided
    convolutions. It has no batch normalisation, so that picture i depends on row i alone in training too, and a plain
    convolution after each resampling, which evens out the checkerboard that transposed convolutions leave
    (Odena et al. 2016, doi 10.23915/distill.00003).
    """

    def __init__(self, latent_dim: int, width: int, hidden: int = 0) -> None:
        super().__init__()
        half, quarter = width // 2, width // 4
        self.width = width
        # A layer or two of units before the projection bend the latent space, which few latents need the most.
        sizes = [latent_dim, hidden, hidden] if hidden else [latent_dim]
        self.bend = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.project = nn.Linear(sizes[-1], width * 7 * 7)
        self.conv7 = nn.Conv2d(width, width, 3, padding=1)
        self.up14 = nn.ConvTranspose2d(width, half, 4, stride=2, padding=1)
        self.conv14 = nn.Conv2d(half, half, 3, padding=1)
        self.up28 = nn.ConvTranspose2d(half, quarter, 4, stride=2, padding=1)
        self.out = nn.Conv2d(quarter, 1, 3, padding=1)
        initialise(self)

    def forward(self, h: Tensor) -> Tensor:
        for layer in self.bend:
            h = leaky(layer(h))  # [N, hidden]
        h = leaky(self.project(h)).unflatten(1, (self.width, 7, 7))
        h = leaky(self.conv7(h))  # [N, width, 7, 7]
        h = leaky(self.conv14(leaky(self.up14(h))))  # [N, width / 2, 14, 14]
        return self.out(leaky(self.up28(h)))  # [N, 1, 28, 28]


class ConvTrunk(nn.Module):
    """Picture [N, 1, 28, 28] -> features [N, features]: strided convolutions, no normalisation, no pooling."""

    def __init__(self, width: int, features: int) -> None:
        super().__init__()
        self.down14 = nn.Conv2d(1, width, 4, stride=2, padding=1)
        self.conv14 = nn.Conv2d(width, width, 3, padding=1)
        self.down7 = nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)
        self.conv7 = nn.Conv2d(2 * width, 2 * width, 3, padding=1)
        self.project = nn.Linear(2 * width * 7 * 7, features)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        h = leaky(self.conv14(leaky(self.down14(x))))  # [N, width, 14, 14]
        h = leaky(self.conv7(leaky(self.down7(h))))  # [N, 2 width, 7, 7]
        return leaky(self.project(h.flatten(1)))  # [N, features]


def leaky(h: Tensor) -> Tensor:
    """LeakyReLU with the slope of Radford et al. 2016."""
    return F.leaky_relu(h, 0.2)


class _Clip(torch.autograd.Function):
    @staticmethod
    def forward(context, h: Tensor) -> Tensor:
        context.save_for_backward(h)
        return h.clamp(-1, 1)

    @staticmethod
    def backward(context, gradient: Tensor) -> Tensor:
        (h,) = context.saved_tensors
        return gradient * ((h.abs() <= 1) | (h * gradient > 0))


def to_range(h: Tensor) -> Tensor:
    """[-1, 1], both ends within reach: a tanh a little too large, cut off; a gradient that leads back inside passes.

    A plain tanh never quite arrives: paper is exactly -1 in four fifths of a digit's pixels, and a veil of nearly black
    gives a generator away.
    """
    h = 1.05 * torch.tanh(h)
    return _Clip.apply(h) if torch.is_grad_enabled() else h.clamp(-1, 1)  # the same; what torch.fx can follow


def initialise(module: nn.Module) -> None:
    """He et al. 2015 (arXiv:1502.01852) for the slope of ``leaky``; biases at zero."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            # torch counts a transposed convolution's fan over its output channels: "fan_out" is its true input fan.
            mode = "fan_out" if isinstance(layer, nn.ConvTranspose2d) else "fan_in"
            nn.init.kaiming_normal_(layer.weight, a=0.2, mode=mode)
            if isinstance(layer, nn.ConvTranspose2d):  # each output pixel sees kernel / stride^2 of the inputs
                layer.weight.data.mul_(layer.stride[0])
            nn.init.zeros_(layer.bias)


def one_hot(c: Tensor, classes: int) -> Tensor:
    """int64 [N] -> float32 [N, classes]."""
    return F.one_hot(c, classes).float()


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """While the generator learns through a discriminator, spare the discriminator's weight gradients."""
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in module.parameters():
            parameter.requires_grad_(True)


def descend(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """One optimiser step down ``loss``."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
