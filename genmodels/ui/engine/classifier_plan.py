"""A classifier as the page's engine runs it: a sum over pixels, or a network."""

from __future__ import annotations

from typing import Any

from torch import nn

from genmodels.capabilities import CanClassify, HasPixelWeights
from genmodels.model import Model
from genmodels.ui.engine.plan import trace_network
from genmodels.ui.engine.plan_layers import tensor_names

Plan = dict[str, Any]


class _Classify(nn.Module):
    """``classify`` as a forward pass, which is what torch.fx traces."""

    def __init__(self, model: CanClassify) -> None:
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model.classify(x)


def classifier_plan(model: Model) -> Plan | None:
    """What the page needs to classify gray images; None if the model does not, or by what the engine lacks.

    The plan, as JSON:
    height, width: of the image. dim: the number of classes. tensors: the names of all that it needs.
    pixel_weights: the names of ``weight`` and ``constant`` and whether they are of a ``bernoulli`` model, as in
        ``capabilities.PixelWeights``; of any other model
    layers: of a network whose outputs are the logits, as ``plan.trace_decoder``'s.
    """
    channels, height, width = model.config.image_shape
    if not isinstance(model, CanClassify) or channels != 1:
        return None
    plan = {"height": height, "width": width, "dim": model.config.classes}
    if isinstance(model, HasPixelWeights):
        found, names = model.pixel_weights(), {parameter: name for name, parameter in model.named_parameters()}
        weights = {"weight": names[found.weight], "constant": names[found.constant]}
        return plan | {"pixel_weights": weights | {"bernoulli": found.bernoulli}, "tensors": list(weights.values())}
    network = trace_network(_Classify(model), (1, height, width))
    if network is None or network.pop("shape") != (plan["dim"],) or network.pop("output") or network.pop("categories"):
        return None
    return plan | network | {"tensors": tensor_names(network["layers"])}
