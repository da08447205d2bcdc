"""Blocks that three models or more are built from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LRELU_SLOPE = 0.2  # Radford et al. 2016


class ConvGenerator(nn.Module):
    """Latent [N, d] -> unbounded map [N, C, H, W]: H/4 x W/4 -> H/2 x W/2 -> H x W by transposed convolution.

    The outline is DCGAN's (Radford et al. 2016, arXiv:1511.06434): project, reshape, fractionally strided
    convolutions. It has no batch normalization, so that image i depends on row i alone in training too, and a plain
    convolution after each resampling, which evens out the checkerboard that transposed convolutions leave
    (Odena et al. 2016, doi 10.23915/distill.00003). Layers are named for images of 28x28.

    ``channels``: feature maps at H/4 x W/4, halved at each doubling of the size. ``hidden``: units of each of the
    mapping's two layers before the projection; 0 is none. ValueError unless height and width are multiples of 4.
    """

    def __init__(self, latent_dim: int, channels: int, hidden: int = 0,
                 image_shape: tuple[int, int, int] = (1, 28, 28)) -> None:
        super().__init__()
        half, quarter = channels // 2, channels // 4
        self.quarter_shape = channels, *quarter_size(image_shape)
        # A mapping network (Karras et al. 2019, arXiv:1812.04948) warps the latent space before the projection, which
        # helps most where there are few latents.
        sizes = [latent_dim, hidden, hidden] if hidden else [latent_dim]
        self.mapping = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.project = nn.Linear(sizes[-1], channels * self.quarter_shape[1] * self.quarter_shape[2])
        self.conv7 = nn.Conv2d(channels, channels, 3, padding=1)
        self.up14 = nn.ConvTranspose2d(channels, half, 4, stride=2, padding=1)
        self.conv14 = nn.Conv2d(half, half, 3, padding=1)
        self.up28 = nn.ConvTranspose2d(half, quarter, 4, stride=2, padding=1)
        self.out = nn.Conv2d(quarter, image_shape[0], 3, padding=1)
        init_weights(self)

    def forward(self, h: Tensor) -> Tensor:
        for layer in self.mapping:
            h = lrelu(layer(h))  # [N, hidden]
        h = lrelu(self.project(h)).unflatten(1, self.quarter_shape)
        h = lrelu(self.conv7(h))  # [N, channels, H/4, W/4]
        h = lrelu(self.conv14(lrelu(self.up14(h))))  # [N, channels / 2, H/2, W/2]
        return self.out(lrelu(self.up28(h)))  # [N, C, H, W]


class ConvEncoder(nn.Module):
    """Image [N, C, H, W] -> features [N, feature_dim]: strided convolutions, no normalization, no pooling.

    ``channels``: feature maps at H/2 x W/2, doubled at H/4 x W/4.
    """

    def __init__(self, channels: int, feature_dim: int, image_shape: tuple[int, int, int] = (1, 28, 28)) -> None:
        super().__init__()
        height, width = quarter_size(image_shape)
        self.down14 = nn.Conv2d(image_shape[0], channels, 4, stride=2, padding=1)
        self.conv14 = nn.Conv2d(channels, channels, 3, padding=1)
        self.down7 = nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1)
        self.conv7 = nn.Conv2d(2 * channels, 2 * channels, 3, padding=1)
        self.project = nn.Linear(2 * channels * height * width, feature_dim)
        init_weights(self)

    def forward(self, x: Tensor) -> Tensor:
        h = lrelu(self.conv14(lrelu(self.down14(x))))  # [N, channels, H/2, W/2]
        h = lrelu(self.conv7(lrelu(self.down7(h))))  # [N, 2 channels, H/4, W/4]
        return lrelu(self.project(h.flatten(1)))  # [N, feature_dim]


def quarter_size(image_shape: tuple[int, int, int]) -> tuple[int, int]:
    """Height and width after two halvings; ValueError where they do not come out even."""
    _, height, width = image_shape
    if height % 4 or width % 4:
        raise ValueError(f"convolutional models take images whose height and width are multiples of 4, "
                         f"not {height}x{width}")
    return height // 4, width // 4


def lrelu(h: Tensor) -> Tensor:
    return F.leaky_relu(h, LRELU_SLOPE)


class _StraightThroughClamp(torch.autograd.Function):
    @staticmethod
    def forward(context, h: Tensor) -> Tensor:
        context.save_for_backward(h)
        return h.clamp(-1, 1)

    @staticmethod
    def backward(context, gradient: Tensor) -> Tensor:
        (h,) = context.saved_tensors
        return gradient * ((h.abs() <= 1) | (h * gradient > 0))


def clipped_tanh(h: Tensor) -> Tensor:
    """A tanh scaled up by a twentieth and clamped to [-1, 1], so that both ends can be reached exactly.

    A plain tanh never reaches them. The background of a digit, four fifths of its pixels, is exactly -1, and a nearly
    black one would give a generated image away. Where the clamp is active, only gradients that lead back inside pass.
    """
    h = 1.05 * torch.tanh(h)
    return _StraightThroughClamp.apply(h) if torch.is_grad_enabled() else h.clamp(-1, 1)  # torch.fx can trace this one


def init_weights(module: nn.Module) -> None:
    """He et al. 2015 (arXiv:1502.01852) for the slope of ``lrelu``; biases at zero."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            # torch counts a transposed convolution's fan over its output channels: "fan_out" is its true input fan.
            mode = "fan_out" if isinstance(layer, nn.ConvTranspose2d) else "fan_in"
            nn.init.kaiming_normal_(layer.weight, a=LRELU_SLOPE, mode=mode)
            if isinstance(layer, nn.ConvTranspose2d):  # each output pixel sees kernel / stride^2 of the inputs
                layer.weight.data.mul_(layer.stride[0])
            nn.init.zeros_(layer.bias)


def one_hot(y: Tensor, classes: int) -> Tensor:
    """int64 [N] -> float32 [N, classes]."""
    return F.one_hot(y, classes).float()


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """No gradients for the module's own weights, as for the discriminator in a step of the generator."""
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in module.parameters():
            parameter.requires_grad_(True)


def optimizer_step(optimizer: torch.optim.Optimizer, loss: Tensor, keep_graph: bool = False) -> None:
    """One step of the optimizer's own weights down the gradient of ``loss``; no other weights get a gradient.

    ``keep_graph``: for another optimizer's step on what led to ``loss``, by weights that this step leaves as they are.
    """
    optimizer.zero_grad(set_to_none=True)
    loss.backward(inputs=[p for group in optimizer.param_groups for p in group["params"]], retain_graph=keep_graph)
    optimizer.step()
