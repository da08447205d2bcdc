"""The features in which a model judges likeness, as a plan for the page's engine."""

from __future__ import annotations

from torch import Tensor, nn

from genmodels.capabilities import CanJudgeLikeness
from genmodels.ui.engine.plan import Plan, trace_network


class _LikenessFeatures(nn.Module):
    """``likeness_features`` as a forward pass, which is what torch.fx traces."""

    def __init__(self, model: CanJudgeLikeness) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        return self.model.likeness_features(x)


def trace_likeness(model: CanJudgeLikeness, height: int, width: int) -> Plan | None:
    """What the engine needs to map gray images to ``likeness_features``; None if it cannot.

    A plan as ``trace_decoder``'s without ``output``; ``height`` and ``width`` are of the images, ``rows`` and
    ``columns`` of the feature maps.
    """
    plan = trace_network(_LikenessFeatures(model), (1, height, width))
    if plan is None or len(plan["shape"]) != 3 or plan.pop("output"):
        return None
    _, rows, columns = plan.pop("shape")
    return plan | {"height": height, "width": width, "rows": rows, "columns": columns}
