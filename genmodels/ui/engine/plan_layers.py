"""The layers that the page's engine has, and what is known of a tensor on its way through a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

Layer = dict[str, Any]


class UnsupportedOperation(Exception):
    """The engine has no such operation."""


@dataclass(frozen=True)
class TracedValue:
    """What is known of a traced tensor."""

    kind: Literal["y", "one_hot", "vector", "map"]
    shape: tuple[int, ...] = ()  # of one image's part of a vector [n] or map [C, H, W]
    scale: float = 1.0  # of a one-hot vector


def describe_layer(module: nn.Module, path: str, given: TracedValue) -> tuple[Layer, TracedValue]:
    """A layer of a plan (``plan.trace_decoder``) for the module at ``path``, and its output."""
    if isinstance(module, nn.Linear) and given.kind == "vector":
        sizes = {"op": "linear", "inputs": module.in_features, "outputs": module.out_features}
        value = TracedValue("vector", (module.out_features,))
    elif given.kind != "map":
        raise UnsupportedOperation(type(module).__name__)
    elif isinstance(module, nn.MaxPool2d | nn.AdaptiveAvgPool2d):
        return _pooling(module, given)
    else:
        op, side = convolution(module)
        sizes = {"op": op, "inputs": module.in_channels, "outputs": module.out_channels}
        value = TracedValue("map", (module.out_channels, *map(side, given.shape[1:])))
    bias = None if module.bias is None else f"{path}.bias"
    return {"weight": f"{path}.weight", "bias": bias, "slope": 1.0} | sizes, value


def describe_norm(module: nn.BatchNorm2d, path: str) -> dict[str, Any]:
    """What the normalization at ``path`` does to the outputs of the convolution before it, as its ``norm``."""
    if module.running_mean is None or module.weight is None:
        raise UnsupportedOperation("norm")
    names = {"weight": "weight", "bias": "bias", "mean": "running_mean", "variance": "running_var"}
    return {key: f"{path}.{name}" for key, name in names.items()} | {"eps": module.eps}


def tensor_names(layers: list[Layer]) -> list[str]:
    """The names of all tensors that layers need."""
    found = [layer[key] for layer in layers for key in ("weight", "bias") if layer.get(key)]
    return found + [name for layer in layers for name in layer.get("norm", {}).values() if isinstance(name, str)]


def _pooling(module: nn.Module, given: TracedValue) -> tuple[Layer, TracedValue]:
    channels, height, width = given.shape
    if isinstance(module, nn.AdaptiveAvgPool2d):
        op, size = "mean_pool", (module.output_size,) * 2
    elif (module.kernel_size, module.stride, module.padding, module.dilation, module.ceil_mode) == (2, 2, 0, 1, False):
        op, size = "max_pool", (height // 2, width // 2)
    else:
        raise UnsupportedOperation("max_pool")
    layer = {"op": op, "inputs": channels, "outputs": channels, "slope": 1.0, "height": size[0], "width": size[1]}
    return layer, TracedValue("map", (channels, *size))


def convolution(module: nn.Module) -> tuple[str, Callable[[int], int]]:
    """The engine's name for a convolution, and what it makes of the side of a map."""
    if _is(module, nn.Conv2d, kernel=3, stride=1, padding=1):
        return "conv", lambda side: side
    if _is(module, nn.Conv2d, kernel=1, stride=1, padding=0):
        return "conv_point", lambda side: side
    if _is(module, nn.Conv2d, kernel=4, stride=2, padding=1):
        return "conv_down", lambda side: side // 2
    if _is(module, nn.ConvTranspose2d, kernel=4, stride=2, padding=1):
        return "conv_transpose", lambda side: 2 * side
    raise UnsupportedOperation(type(module).__name__)


def _is(module: nn.Module, kind: type, kernel: int, stride: int, padding: int) -> bool:
    return (isinstance(module, kind) and module.kernel_size == (kernel,) * 2 and module.stride == (stride,) * 2
            and module.padding == (padding,) * 2 and module.padding_mode == "zeros" and module.dilation == (1, 1)
            and module.groups == 1 and getattr(module, "output_padding", (0, 0)) == (0, 0))
