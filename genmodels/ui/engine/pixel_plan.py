"""A model that draws pixel by pixel as a list of operations that the page can run, one pixel after the other."""

from __future__ import annotations

from typing import Any

from torch import nn

from genmodels.autoregressive import Operation, PixelNetwork
from genmodels.model import Model
from genmodels.nn.causal import CausalConv2d

Plan = dict[str, Any]


def pixel_plan(model: Model) -> Plan | None:
    """What the page needs to draw a model's images pixel by pixel; None if the model does not, or not in gray.

    The plan, as JSON:
    height, width: of the image, which has one channel.
    first: the convolution of the pixels, -1 or 1, whose result are a pixel's features.
    position, ink: the names of tensors [height, width, features] and [height, width, 1], which are added to the
        features and to the logit.
    layers: for each a list of operations, whose result is added to the features; ``head``: those that make the logit.

    An operation is its ``op`` (relu, gate, linear, conv, lstm: see ``CausalLayer.operations``), the names of its
    tensors (``weight`` and perhaps ``bias``; of a convolution ``left``, ``bias`` and perhaps ``above``) and its numbers
    of ``inputs`` and ``outputs``; of a convolution also ``rows``, ``reach``, ``dilation`` and ``sees_itself``.
    """
    network = getattr(model, "network", None)
    if not isinstance(network, PixelNetwork) or network.ink.shape[2] != 1:
        return None
    names = {parameter: name for name, parameter in model.named_parameters()}

    def describe(operations: list[Operation]) -> list[Plan]:
        return [{"op": op} | (_parameters(module, names) if module else {}) for op, module in operations]

    height, width, _ = network.position.shape
    return {"height": height, "width": width, "first": describe([("conv", network.first)])[0],
            "position": names[network.position], "ink": names[network.ink],
            "layers": [describe(layer.operations) for layer in network.layers],
            "head": describe(network.head_operations)}


def _parameters(module: nn.Module, names: dict[nn.Parameter, str]) -> Plan:
    """A module's tensors by name, and its numbers."""
    found: Plan = {key: names[parameter] for key, parameter in module.named_parameters()}
    if isinstance(module, nn.Linear):
        return found | {"inputs": module.in_features, "outputs": module.out_features}
    if isinstance(module, CausalConv2d):
        outputs, inputs = module.left.shape[:2]
        return found | {"inputs": inputs, "outputs": outputs, "rows": module.rows, "reach": module.reach,
                        "dilation": module.dilation, "sees_itself": module.sees_itself}
    raise ValueError(f"the page's engine has no {type(module).__name__}")
