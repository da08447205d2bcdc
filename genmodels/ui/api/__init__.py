"""The endpoints: plain functions, each behind a control of a tab and public in the API.

They take and return plain values. Images travel as ``{"shape": [n, H, W], "pixels": base64 of uint8, ...}``; in
Python ``numpy.frombuffer(base64.b64decode(r["pixels"]), "uint8").reshape(r["shape"])``. Methods called ``..._array``
return the array alone, for the page's own routes. Bad input raises ``gradio.Error``
with a message for the screen.
"""

from __future__ import annotations

from collections.abc import Callable

from genmodels.ui.api.boards import BoardEndpoints
from genmodels.ui.api.caption import CaptionEndpoints
from genmodels.ui.api.classify import ClassifyEndpoints
from genmodels.ui.api.compare import CompareEndpoints
from genmodels.ui.api.describe import DescribeEndpoints
from genmodels.ui.api.latents import LatentEndpoints
from genmodels.ui.api.mesh import MeshEndpoints
from genmodels.ui.api.posterior import PosteriorEndpoints
from genmodels.ui.api.quiz import QuizEndpoints
from genmodels.ui.api.reconstruct import ReconstructEndpoints
from genmodels.ui.api.sample import SampleEndpoints
from genmodels.ui.api.write import WriteEndpoints
from genmodels.ui.store import ModelStore

ENDPOINT_CLASSES = (SampleEndpoints, LatentEndpoints, WriteEndpoints, DescribeEndpoints, ReconstructEndpoints,
                    MeshEndpoints, PosteriorEndpoints, BoardEndpoints, ClassifyEndpoints,
                    CaptionEndpoints, QuizEndpoints, CompareEndpoints)


def public_endpoints(store: ModelStore) -> dict[str, Callable[..., dict]]:
    """Every public endpoint by name, on the models of ``store``."""
    return {name: getattr(cls(store), name) for cls in ENDPOINT_CLASSES for name in cls.PUBLIC}
