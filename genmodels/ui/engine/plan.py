"""A model's ``sample`` as a list of layers that the page's engine can run, found by tracing it.

Nothing here knows a model's class: torch.fx follows the tensors from latent to picture, and whatever meets an operation
that the engine lacks has no plan. Such a model is decoded by the server.
"""

from __future__ import annotations

import operator
from typing import Any

import torch
import torch.nn.functional as F
from torch import fx, nn

from genmodels.images import SIDE
from genmodels.model import GenerativeModel

Plan = dict[str, Any]
Value = dict[str, Any]  # what is known of a traced tensor: its kind, its shape, how to compute it


class _Sample(nn.Module):
    """``sample`` as a forward pass, which is what torch.fx traces."""

    def __init__(self, model: GenerativeModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, z):
        return self.model.sample(z)


class _SampleOf(_Sample):
    """The same for a model that wants a category."""

    def forward(self, z, c):
        return self.model.sample(z, c)


class Unsupported(Exception):
    """The engine has no such operation."""


def plan(model: GenerativeModel) -> Plan | None:
    """What the engine needs to draw ``model``'s pictures; None where it cannot.

    ``dim``: width of z. ``categories``: values of c, whose one-hot times ``scale`` stands after z. ``layers``: each
    with its ``op`` (linear, conv: 3x3, up: transposed 4x4 with stride 2), the names of its tensors, its sizes and the
    ``slope`` of its rectifier (1 is none); a ``channels`` with a linear layer makes a map of its output.
    ``output``: what happens to each pixel at the end, a list of [name, numbers...].
    """
    wrapped = (_SampleOf if model.latent.categorical else _Sample)(model).eval()
    try:
        with torch.no_grad():
            graph = fx.Tracer().trace(wrapped)
            return _Reader(wrapped, model.latent.dim).read(graph)
    except (Unsupported, fx.proxy.TraceError, TypeError, ValueError, NameError, LookupError,
            AttributeError):
        return None  # the last of these: an operation that is called in a way that nobody here foresaw


class _Reader:
    """Walks a traced graph from the latent to the picture, one layer after the other."""

    def __init__(self, module: nn.Module, dim: int) -> None:
        self.modules = dict(module.named_modules())
        self.plan: Plan = {"dim": dim, "categories": 0, "scale": 1.0, "layers": [], "output": []}
        self.values: dict[fx.Node, Value] = {}
        self.last: fx.Node | None = None  # the node that holds the picture so far

    def read(self, graph: fx.Graph) -> Plan:
        for node in graph.nodes:
            if node.op == "output":
                self._finish(node.args[0])
            elif node.op == "placeholder":
                self.values[node] = {"kind": "z" if not self.values else "c"}
            else:
                self.values[node] = self._value(node)
        return self.plan

    def _value(self, node: fx.Node) -> Value:
        name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", "")
        if node.op == "call_module":
            return self._layer(node, self.modules[node.target], node.target)
        if node.op == "call_method" and node.kwargs:
            raise Unsupported(f"{name} by keyword")
        if node.op == "call_method" and name in ("float", "contiguous"):
            return self._same(node)
        if node.op == "call_method" and name in ("unflatten", "clamp"):
            return getattr(self, f"_{name}")(node)
        if node.op == "call_function":
            if node.target in (operator.mul, operator.sub, operator.add):
                return self._arithmetic(node, name)
            known = {F.one_hot: self._one_hot, torch.cat: self._cat, F.leaky_relu: self._rectifier,
                     F.relu: self._rectifier, torch.tanh: self._pixelwise, torch.sigmoid: self._pixelwise}
            if node.target in known:
                return known[node.target](node)
        raise Unsupported(f"{node.op} {name}")

    # ---- the latent

    def _one_hot(self, node: fx.Node) -> Value:
        if self._of(node)["kind"] != "c":
            raise Unsupported("one_hot")
        self.plan["categories"] = int(node.args[1])
        return {"kind": "label"}

    def _cat(self, node: fx.Node) -> Value:
        parts = [self.values[n]["kind"] for n in node.args[0]]
        if parts != ["z", "label"]:
            raise Unsupported("cat")
        return {"kind": "z"}

    # ---- layers

    def _layer(self, node: fx.Node, module: nn.Module, path: str) -> Value:
        given = self._of(node)
        path = path.removeprefix("model.")
        layer = {"weight": f"{path}.weight", "bias": f"{path}.bias", "slope": 1.0}
        if getattr(module, "bias", None) is None:
            raise Unsupported("no bias")
        if isinstance(module, nn.Linear) and given["kind"] in ("z", "vector"):
            layer |= {"op": "linear", "inputs": module.in_features, "outputs": module.out_features}
        elif given["kind"] == "map" and _is(module, nn.Conv2d, kernel=3, stride=1, padding=1):
            layer |= {"op": "conv", "inputs": module.in_channels, "outputs": module.out_channels}
        elif given["kind"] == "map" and _is(module, nn.ConvTranspose2d, kernel=4, stride=2, padding=1):
            layer |= {"op": "up", "inputs": module.in_channels, "outputs": module.out_channels}
        else:
            raise Unsupported(type(module).__name__)
        self._only_from_last(node, given)
        self.plan["layers"].append(layer)
        return self._became(node, {"kind": "vector" if layer["op"] == "linear" else "map"})

    def _rectifier(self, node: fx.Node) -> Value:
        slope = 0.0 if node.target is F.relu else float(node.kwargs["negative_slope"])
        layer = self.plan["layers"][-1] if self.plan["layers"] else None
        if layer is None or self.plan["output"] or layer["slope"] != 1.0 or not 0 <= slope < 1:
            raise Unsupported("rectifier")
        layer["slope"] = slope
        return self._same(node)

    def _unflatten(self, node: fx.Node) -> Value:
        dim, shape = node.args[1:]
        if dim != 1 or self._of(node)["kind"] != "vector" or len(shape) != 3:
            raise Unsupported("unflatten")
        if tuple(shape) == (1, SIDE, SIDE):  # the picture itself, written in one go
            return self._same(node)
        self.plan["layers"][-1] |= {"channels": shape[0], "side": shape[1]}
        return self._became(node, {"kind": "map"})

    # ---- the end

    def _pixelwise(self, node: fx.Node, *numbers: float) -> Value:
        name = node.target if isinstance(node.target, str) else node.target.__name__
        self.plan["output"].append([name, *numbers])
        return self._same(node)

    def _clamp(self, node: fx.Node) -> Value:
        _, low, high = node.args
        return self._pixelwise(node, float(low), float(high))

    def _arithmetic(self, node: fx.Node, name: str) -> Value:
        a, b = node.args
        if name == "mul" and isinstance(a, float | int):
            a, b = b, a
        if not isinstance(b, float | int):
            raise Unsupported(name)
        if self.values[a]["kind"] == "label" and name == "mul":
            self.plan["scale"] *= float(b)
            return self.values[a]
        if a is not self.last:
            raise Unsupported(name)
        self.plan["output"].append([name, float(b)])
        return self._became(node, self.values[a])

    def _finish(self, node: fx.Node) -> None:
        layers = self.plan["layers"]
        if node is not self.last or not layers:
            raise Unsupported("output")
        side = next((layer["side"] for layer in layers if "side" in layer), None)
        pixels = layers[-1]["outputs"]
        if side is not None:
            side *= 2 ** sum(layer["op"] == "up" for layer in layers)
            pixels *= side * side
        if pixels != SIDE * SIDE:
            raise Unsupported("the picture's size")

    # ---- shared

    def _of(self, node: fx.Node) -> Value:
        return self.values[node.args[0]]

    def _only_from_last(self, node: fx.Node, given: Value) -> None:
        first = given["kind"] == "z" and not self.plan["layers"]
        if self.plan["output"] or not (first or node.args[0] is self.last):
            raise Unsupported("a branch")

    def _same(self, node: fx.Node) -> Value:
        value = self._of(node)
        return self._became(node, value) if node.args[0] is self.last else value

    def _became(self, node: fx.Node, value: Value) -> Value:
        self.last = node
        return value


def _is(module: nn.Module, kind: type, kernel: int, stride: int, padding: int) -> bool:
    return (isinstance(module, kind) and module.kernel_size == (kernel,) * 2 and module.stride == (stride,) * 2
            and module.padding == (padding,) * 2 and module.padding_mode == "zeros" and module.dilation == (1, 1)
            and module.groups == 1 and getattr(module, "output_padding", (0, 0)) == (0, 0))
