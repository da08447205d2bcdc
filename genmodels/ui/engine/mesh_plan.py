"""A decoder of meshes as the page's engine runs it: a network, and what leads from its outputs to vertices."""

from __future__ import annotations

from typing import Any

from torch import nn

from genmodels.capabilities import HasMesh
from genmodels.ui.engine.plan import trace_network


class _Features(nn.Module):
    """``decode_features`` as a forward pass, which is what torch.fx traces."""

    def __init__(self, model: HasMesh) -> None:
        super().__init__()
        self.model = model

    def forward(self, z):
        return self.model.decode_features(z)


def trace_mesh(model: HasMesh) -> dict[str, Any] | None:
    """What the engine needs to decode ``model``'s latents to vertices; None if it cannot.

    The plan, as JSON:
    dim, layers, output: as ``plan.trace_decoder``'s; the outputs are features on [-1, 1], vertex by vertex.
    low, high: names of the tensors with the interval of each feature; range: what its ends are scaled to; min_width:
        the least width that is scaled so.
    features: numbers of a vertex, 9 (rotation and stretch) or 3 (offset from the mesh at rest).
    rest: x, y, z of all vertices at rest, one after the other. faces: the three corners of all faces, likewise.
    """
    plan = trace_network(_Features(model), (model.latent.dim,))
    if plan is None:
        return None
    (outputs,), rest = plan.pop("shape"), model.surface.rest
    return plan | {"dim": model.latent.dim, "features": outputs // len(rest), "low": "decoder.low",
                   "high": "decoder.high", "range": model.RANGE, "min_width": model.MIN_WIDTH,
                   "rest": [round(value, 6) for value in rest.flatten().tolist()],
                   "faces": model.faces.flatten().tolist()}
