"""A model's decoder as a list of layers that the page's engine can run, found by tracing it.

Nothing here knows a model's class: torch.fx follows the tensors from latent to image. A model that uses an operation
which the engine lacks has no plan; the server decodes it.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import fx, nn

from genmodels.model import GenerativeModel

Plan = dict[str, Any]


class _Decode(nn.Module):
    """``decode`` as a forward pass, which is what torch.fx traces."""

    def __init__(self, model: GenerativeModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, z):
        return self.model.decode(z)


class _ConditionalDecode(_Decode):
    """The same for a model that takes a category."""

    def forward(self, z, y):
        return self.model.decode(z, y)


class UnsupportedOperation(Exception):
    """The engine has no such operation."""


def trace_decoder(model: GenerativeModel) -> Plan | None:
    """What the engine needs to decode ``model``'s latents; None if it cannot.

    The plan, as JSON:
    dim: size of z.
    categories: number of values of y, 0 without it; y's one-hot vector times ``scale`` is appended to z.
    layers: for each its ``op`` (linear; conv: 3x3; conv_transpose: 4x4, stride 2), the names of its tensors ``weight``
        and ``bias``, its numbers of ``inputs`` and ``outputs``, the ``slope`` of its leaky rectifier (1 is none), and
        its ``activation`` if it has another (tanh or sigmoid). The output of a linear layer with ``channels``,
        ``height`` and ``width`` is reshaped to a feature map.
    output: the operations on each pixel after the last layer, up to [-1, 1], a list of [name, numbers...].
    height, width: of the image, which has one channel.
    """
    wrapped = (_ConditionalDecode if model.latent.categorical else _Decode)(model).eval()
    try:
        with torch.no_grad():
            graph = fx.Tracer().trace(wrapped)
            return GraphBuilder(wrapped, model.latent.dim).build(graph)
    except (UnsupportedOperation, fx.proxy.TraceError, TypeError, ValueError, NameError, LookupError, AttributeError):
        return None  # all but the first two: an operation with arguments that this module does not handle


@dataclass(frozen=True)
class TracedValue:
    """What is known of a traced tensor."""

    kind: Literal["z", "y", "one_hot", "vector", "map"]  # z: the latent, with or without the one-hot vector
    shape: tuple[int, ...] = ()  # of one image's part of a vector [n] or map [C, H, W]


class GraphBuilder:
    """Walks a traced graph from the latent to the image and collects its layers."""

    def __init__(self, module: nn.Module, dim: int) -> None:
        self.modules = dict(module.named_modules())
        self.plan: Plan = {"dim": dim, "categories": 0, "scale": 1.0, "layers": [], "output": []}
        self.values: dict[fx.Node, TracedValue] = {}
        self.output: fx.Node | None = None  # the node with the image so far

    def build(self, graph: fx.Graph) -> Plan:
        for node in graph.nodes:
            if node.op == "output":
                self._finish(node.args[0])
            elif node.op == "placeholder":
                self.values[node] = TracedValue("y" if self.values else "z")
            else:
                self.values[node] = self._trace(node)
        return self.plan

    def _trace(self, node: fx.Node) -> TracedValue:
        name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", "")
        if node.op == "call_module":
            return self._layer(node, self.modules[node.target], node.target)
        if node.op == "call_method" and node.kwargs:
            raise UnsupportedOperation(f"{name} by keyword")
        if node.op == "call_method" and name in ("float", "contiguous"):
            return self._unchanged(node)
        if node.op == "call_method" and name in ("tanh", "sigmoid"):
            return self._pointwise(node)
        if node.op == "call_method" and name in ("unflatten", "clamp"):
            return getattr(self, f"_{name}")(node)
        if node.op == "call_function":
            if node.target in (operator.mul, operator.sub, operator.add):
                return self._arithmetic(node, name)
            known = {F.one_hot: self._one_hot, torch.cat: self._cat, F.leaky_relu: self._rectifier,
                     F.relu: self._rectifier, torch.tanh: self._pointwise, torch.sigmoid: self._pointwise}
            if node.target in known:
                return known[node.target](node)
        raise UnsupportedOperation(f"{node.op} {name}")

    # ---- the latent

    def _one_hot(self, node: fx.Node) -> TracedValue:
        if self._argument(node).kind != "y":
            raise UnsupportedOperation("one_hot")
        self.plan["categories"] = int(node.args[1])
        return TracedValue("one_hot")

    def _cat(self, node: fx.Node) -> TracedValue:
        parts = [self.values[n].kind for n in node.args[0]]
        if parts != ["z", "one_hot"]:
            raise UnsupportedOperation("cat")
        return TracedValue("z")

    # ---- layers

    def _layer(self, node: fx.Node, module: nn.Module, path: str) -> TracedValue:
        given = self._argument(node)
        path = path.removeprefix("model.")
        if isinstance(module, nn.Tanh | nn.Sigmoid):
            return self._pointwise(node, name=type(module).__name__.lower())
        if getattr(module, "bias", None) is None:
            raise UnsupportedOperation("no bias")
        if isinstance(module, nn.Linear) and given.kind in ("z", "vector"):
            sizes = {"op": "linear", "inputs": module.in_features, "outputs": module.out_features}
            value = TracedValue("vector", (module.out_features,))
        elif given.kind == "map" and _is(module, nn.Conv2d, kernel=3, stride=1, padding=1):
            sizes = {"op": "conv", "inputs": module.in_channels, "outputs": module.out_channels}
            value = TracedValue("map", (module.out_channels, *given.shape[1:]))
        elif given.kind == "map" and _is(module, nn.ConvTranspose2d, kernel=4, stride=2, padding=1):
            sizes = {"op": "conv_transpose", "inputs": module.in_channels, "outputs": module.out_channels}
            value = TracedValue("map", (module.out_channels, *(2 * side for side in given.shape[1:])))
        else:
            raise UnsupportedOperation(type(module).__name__)
        self._end_previous_layer(node, given)
        self.plan["layers"].append({"weight": f"{path}.weight", "bias": f"{path}.bias", "slope": 1.0} | sizes)
        return self._set_output(node, value)

    def _end_previous_layer(self, node: fx.Node, given: TracedValue) -> None:
        """Complete the last layer, whose output another layer takes: all operations on it are known by now."""
        layers, output = self.plan["layers"], self.plan["output"]
        if given.kind == "z" and not layers:
            return
        if node.args[0] is not self.output:
            raise UnsupportedOperation("a branch")
        if given.kind == "map" and layers[-1]["op"] == "linear":
            layers[-1] |= dict(zip(("channels", "height", "width"), given.shape, strict=True))
        if output:  # so these operations belong to that layer, not to the image
            if output not in ([["tanh"]], [["sigmoid"]]):
                raise UnsupportedOperation("arithmetic between layers")
            if layers[-1]["slope"] != 1.0:
                raise UnsupportedOperation("two activations")
            layers[-1]["activation"] = output.pop()[0]

    def _rectifier(self, node: fx.Node) -> TracedValue:
        slope = 0.0 if node.target is F.relu else float(node.kwargs["negative_slope"])
        layer = self.plan["layers"][-1] if self.plan["layers"] else None
        if layer is None or self.plan["output"] or layer["slope"] != 1.0 or not 0 <= slope < 1:
            raise UnsupportedOperation("rectifier")
        layer["slope"] = slope
        return self._unchanged(node)

    def _unflatten(self, node: fx.Node) -> TracedValue:
        dim, shape = node.args[1:]
        given = self._argument(node)
        if dim != 1 or given.kind != "vector" or len(shape) != 3 or prod(shape) != prod(given.shape):
            raise UnsupportedOperation("unflatten")
        if node.args[0] is not self.output:
            raise UnsupportedOperation("a branch")
        return self._set_output(node, TracedValue("map", tuple(shape)))

    # ---- the end

    def _pointwise(self, node: fx.Node, *numbers: float, name: str | None = None) -> TracedValue:
        name = name or (node.target if isinstance(node.target, str) else node.target.__name__)
        if node.args[0] is not self.output:
            raise UnsupportedOperation(name)
        self.plan["output"].append([name, *numbers])
        return self._unchanged(node)

    def _clamp(self, node: fx.Node) -> TracedValue:
        _, low, high = node.args
        return self._pointwise(node, float(low), float(high))

    def _arithmetic(self, node: fx.Node, name: str) -> TracedValue:
        a, b = node.args
        if name == "mul" and isinstance(a, float | int):
            a, b = b, a
        if not isinstance(b, float | int):
            raise UnsupportedOperation(name)
        if self.values[a].kind == "one_hot" and name == "mul":
            self.plan["scale"] *= float(b)
            return self.values[a]
        if a is not self.output:
            raise UnsupportedOperation(name)
        self.plan["output"].append([name, float(b)])
        return self._set_output(node, self.values[a])

    def _finish(self, node: fx.Node) -> None:
        value = self.values[node]
        if node is not self.output or value.kind != "map" or value.shape[0] != 1:
            raise UnsupportedOperation("output")
        _, self.plan["height"], self.plan["width"] = value.shape

    # ---- shared

    def _argument(self, node: fx.Node) -> TracedValue:
        return self.values[node.args[0]]

    def _unchanged(self, node: fx.Node) -> TracedValue:
        value = self._argument(node)
        return self._set_output(node, value) if node.args[0] is self.output else value

    def _set_output(self, node: fx.Node, value: TracedValue) -> TracedValue:
        self.output = node
        return value


def _is(module: nn.Module, kind: type, kernel: int, stride: int, padding: int) -> bool:
    return (isinstance(module, kind) and module.kernel_size == (kernel,) * 2 and module.stride == (stride,) * 2
            and module.padding == (padding,) * 2 and module.padding_mode == "zeros" and module.dilation == (1, 1)
            and module.groups == 1 and getattr(module, "output_padding", (0, 0)) == (0, 0))
