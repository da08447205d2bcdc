"""A model's decoder or encoder as a list of layers that the page's engine can run, found by tracing it.

Nothing here knows a model's class: torch.fx follows the tensors from latent to image, or from image to latent. A model
that uses an operation which the engine lacks has no plan; the server computes it.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import fx, nn

from genmodels.model import GenerativeModel
from genmodels.ui.engine.plan_layers import TracedValue, UnsupportedOperation, describe_layer, describe_norm

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


class _Encode(_Decode):
    """The mean of ``encode``, likewise."""

    def forward(self, x):
        return self.model.encode(x).mean


class _EncodeLogvar(_Decode):
    def forward(self, x):
        return self.model.encode(x).logvar


class _ConditionalEncode(_Decode):
    def forward(self, x, y):
        return self.model.encode(x, y).mean


def trace_decoder(model: GenerativeModel) -> Plan | None:
    """What the engine needs to decode ``model``'s latents; None if it cannot.

    The plan, as JSON:
    dim: size of z.
    categories: number of values of y, 0 without it.
    layers: for each its ``op`` (linear; conv: 3x3; conv_point: 1x1; conv_down: 4x4, stride 2; conv_transpose: 4x4,
        stride 2), the names of its tensors ``weight`` and ``bias`` (null without one), its numbers of ``inputs`` and
        ``outputs``, the ``slope`` of its leaky rectifier (1 is none), and its ``activation`` if it has another (tanh or
        sigmoid). The output of a linear layer with ``channels``, ``height`` and ``width`` is reshaped to a feature map.
        The last inputs of one with ``category`` are y's one-hot vector times that number. ``norm`` of a convolution:
        the names of the tensors by which its outputs are normalized before they are rectified, and ``eps``. A pool
        (max_pool: 2x2, mean_pool: adaptive) has no tensors, and the ``height`` and ``width`` of its output.
    output: the operations on each pixel after the last layer, up to [-1, 1], a list of [name, numbers...].
    height, width, channels: of the image, gray or in color.
    """
    wrapper = _ConditionalDecode if model.latent.categorical else _Decode
    plan = trace_network(wrapper(model), (model.latent.dim,))
    if plan is None or plan["shape"][0] not in (1, 3) or len(plan["shape"]) != 3:
        return None
    channels, height, width = plan.pop("shape")
    return plan | {"dim": model.latent.dim, "height": height, "width": width, "channels": channels}


def trace_encoder(model: GenerativeModel, height: int, width: int, logvar: bool = False) -> Plan | None:
    """What the engine needs to encode gray images to the mean of their latents, or to their log variance.

    A plan as ``trace_decoder``'s; of a mean without ``output``. None where it cannot, or for a log variance given y.
    """
    wrapper = _EncodeLogvar if logvar else _ConditionalEncode if model.latent.categorical else _Encode
    plan = trace_network(wrapper(model), (1, height, width))
    if plan is None or plan.pop("shape") != (model.latent.dim,) or not logvar and plan.pop("output"):
        return None
    return plan | {"dim": model.latent.dim, "height": height, "width": width}


def trace_network(wrapped: nn.Module, shape: tuple[int, ...]) -> Plan | None:
    """The plan of a module whose input has a shape, with the ``shape`` of its output; None if it has none."""
    wrapped = wrapped.eval()
    try:
        with torch.no_grad():
            graph = fx.Tracer().trace(wrapped)
            # Of a posterior only the mean is asked for. By itself torch.fx could judge the nodes of a GraphModule only.
            graph.eliminate_dead_code(lambda node: node.op in ("placeholder", "output"))
            return GraphBuilder(wrapped, shape).build(graph)
    except (UnsupportedOperation, fx.proxy.TraceError, TypeError, ValueError, NameError, LookupError, AttributeError):
        return None  # all but the first two: an operation with arguments that this module does not handle


class GraphBuilder:
    """Walks a traced graph from its input to its output and collects its layers."""

    def __init__(self, module: nn.Module, shape: tuple[int, ...]) -> None:
        self.modules = dict(module.named_modules())
        self.plan: Plan = {"categories": 0, "layers": [], "output": []}
        self.input = TracedValue("vector" if len(shape) == 1 else "map", shape)
        self.values: dict[fx.Node, TracedValue] = {}
        self.output: fx.Node | None = None  # the node with what has been computed so far
        self.category: float | None = None  # scale of the one-hot vector that was appended to it

    def build(self, graph: fx.Graph) -> Plan:
        for node in graph.nodes:
            if node.op == "output":
                if node.args[0] is not self.output or not self.plan["layers"] or self.category is not None:
                    raise UnsupportedOperation("output")
                self.plan["shape"] = self.values[self.output].shape
            elif node.op == "placeholder":
                self.values[node] = TracedValue("y") if self.values else self._set_output(node, self.input)
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
        if node.op == "call_method" and name in ("unflatten", "flatten", "clamp"):
            return getattr(self, f"_{name}")(node)
        if node.op == "call_function":
            if node.target in (operator.mul, operator.sub, operator.add):
                return self._arithmetic(node, name)
            known = {F.one_hot: self._one_hot, torch.cat: self._cat, F.leaky_relu: self._rectifier,
                     F.relu: self._rectifier, torch.tanh: self._pointwise, torch.sigmoid: self._pointwise}
            if node.target in known:
                return known[node.target](node)
        raise UnsupportedOperation(f"{node.op} {name}")

    # ---- the category

    def _one_hot(self, node: fx.Node) -> TracedValue:
        if self._argument(node).kind != "y":
            raise UnsupportedOperation("one_hot")
        self.plan["categories"] = int(node.args[1])
        return TracedValue("one_hot", (int(node.args[1]),))

    def _cat(self, node: fx.Node) -> TracedValue:
        (given, appended), dim = node.args[0], node.args[1]
        vector, one_hot = self.values[given], self.values[appended]
        if (vector.kind, one_hot.kind, dim) != ("vector", "one_hot", 1) or self.category is not None:
            raise UnsupportedOperation("cat")
        self._end_previous_layer(given)
        self.category = one_hot.scale
        return self._set_output(node, TracedValue("vector", (vector.shape[0] + one_hot.shape[0],)))

    # ---- layers

    def _layer(self, node: fx.Node, module: nn.Module, path: str) -> TracedValue:
        given = self._argument(node)
        path = path.removeprefix("model.")
        if isinstance(module, nn.Tanh | nn.Sigmoid):
            return self._pointwise(node, name=type(module).__name__.lower())
        if isinstance(module, nn.Dropout):
            return self._unchanged(node)  # it drops nothing outside of training
        if isinstance(module, nn.ReLU):
            return self._rectifier(node, 0.0)
        if isinstance(module, nn.BatchNorm2d):
            return self._norm(node, module, path)
        layer, value = describe_layer(module, path, given)
        if layer.get("bias") is None and layer["op"] == "linear":
            raise UnsupportedOperation("no bias")
        self._end_previous_layer(node.args[0])
        if self.category is not None:
            layer["category"], self.category = self.category, None
        self.plan["layers"].append(layer)
        return self._set_output(node, value)

    def _norm(self, node: fx.Node, module: nn.BatchNorm2d, path: str) -> TracedValue:
        layer = self.plan["layers"][-1] if self.plan["layers"] else {}
        if (not layer.get("op", "").startswith("conv") or "norm" in layer or self.plan["output"]
                or layer["slope"] != 1.0 or node.args[0] is not self.output):
            raise UnsupportedOperation("norm")
        layer["norm"] = describe_norm(module, path)
        return self._unchanged(node)

    def _end_previous_layer(self, node: fx.Node) -> None:
        """Complete the last layer, whose output ``node`` something takes: all operations on it are known by now."""
        layers, output, given = self.plan["layers"], self.plan["output"], self.values[node]
        if node is not self.output:
            raise UnsupportedOperation("a branch")
        if given.kind == "map" and layers and layers[-1]["op"] == "linear":
            layers[-1] |= dict(zip(("channels", "height", "width"), given.shape, strict=True))
        if output:  # so these operations belong to that layer, not to the image
            if not layers or output not in ([["tanh"]], [["sigmoid"]]):
                raise UnsupportedOperation("arithmetic between layers")
            if layers[-1]["slope"] != 1.0:
                raise UnsupportedOperation("two activations")
            layers[-1]["activation"] = output.pop()[0]

    def _rectifier(self, node: fx.Node, slope: float | None = None) -> TracedValue:
        if slope is None:
            slope = 0.0 if node.target is F.relu else float(node.kwargs["negative_slope"])
        layer = self.plan["layers"][-1] if self.plan["layers"] else None
        if (layer is None or "weight" not in layer or self.plan["output"] or layer["slope"] != 1.0
                or not 0 <= slope < 1 or node.args[0] is not self.output):
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

    def _flatten(self, node: fx.Node) -> TracedValue:
        given = self._argument(node)
        if node.args[1:] != (1,) or given.kind != "map" or node.args[0] is not self.output:
            raise UnsupportedOperation("flatten")
        if self.plan["layers"] and self.plan["layers"][-1]["op"] == "linear":
            raise UnsupportedOperation("flatten after unflatten")
        return self._set_output(node, TracedValue("vector", (prod(given.shape),)))

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
            return replace(self.values[a], scale=self.values[a].scale * float(b))
        if a is not self.output:
            raise UnsupportedOperation(name)
        self.plan["output"].append([name, float(b)])
        return self._set_output(node, self.values[a])

    # ---- shared

    def _argument(self, node: fx.Node) -> TracedValue:
        return self.values[node.args[0]]

    def _unchanged(self, node: fx.Node) -> TracedValue:
        value = self._argument(node)
        return self._set_output(node, value) if node.args[0] is self.output else value

    def _set_output(self, node: fx.Node, value: TracedValue) -> TracedValue:
        self.output = node
        return value

