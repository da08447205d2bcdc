"""All that the page needs to run a model by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genmodels import checkpoint
from genmodels.capabilities import CanEncode, CanJudgeLikeness, HasElbo, HasMesh
from genmodels.checkpoint import Card
from genmodels.model import GenerativeModel, Model
from genmodels.ui.engine.board_plan import board_plan
from genmodels.ui.engine.caption_plan import caption_plan
from genmodels.ui.engine.classifier_plan import classifier_plan
from genmodels.ui.engine.flow_plan import flow_plan
from genmodels.ui.engine.likeness_plan import trace_likeness
from genmodels.ui.engine.mesh_plan import trace_mesh
from genmodels.ui.engine.pixel_plan import pixel_plan
from genmodels.ui.engine.plan import trace_decoder, trace_encoder


def page_plan(model: Model, card: Card, folder: Path) -> dict[str, Any]:
    """The plan by which the page decodes the model's latents (``trace_decoder``), with what else it can do.

    weights: their path. tensors: ``checkpoint.tensor_places`` in them. editable: the columns of z that truncation
    changes. framing: of visitors' pictures, as of the data set. encoder: ``trace_encoder``'s plan, where there is one.
    logvar: that of the log variance, and likelihood: of the pixels ("bernoulli" or "gaussian"), where the model has a
    bound. likeness: ``trace_likeness``'s plan, where there is one. Alone: mesh, ``trace_mesh``'s plan, of a model of
    meshes; pixels, ``pixel_plan``'s, of one that draws pixel by pixel; boards, ``board_plan``'s, of one that fills
    boards of codes; flow, ``flow_plan``'s, of one that goes from noise to images. Beside those, where there are any:
    classifier, ``classifier_plan``'s, and captions, ``caption_plan``'s.

    Empty where the page can do nothing of this. Tracing patches all modules of the process: no other may compute
    meanwhile.
    """
    is_generative = isinstance(model, GenerativeModel)
    plan, classifier = (_decoding(model) if is_generative else None) or {}, classifier_plan(model)
    if classifier:
        plan["classifier"] = classifier
    if captions := caption_plan(model):
        plan["captions"] = captions
    if not plan:
        return {}
    return plan | {"weights": f"weights/{card.weights_sha256}/{folder.name}",
                   "tensors": checkpoint.tensor_places((folder / checkpoint.WEIGHTS).read_bytes()),
                   "editable": model.latent.editable_columns if is_generative else [],
                   "framing": card.dataset["framing"]}


def _decoding(model: GenerativeModel) -> dict[str, Any] | None:
    if isinstance(model, HasMesh):
        return {"mesh": trace_mesh(model)}
    if boards := board_plan(model):
        return {"boards": boards}
    plan = trace_decoder(model)
    if plan is None:
        alone = {"pixels": pixel_plan(model), "flow": flow_plan(model)}
        return {name: found for name, found in alone.items() if found} or None
    size = plan["height"], plan["width"]
    if plan["channels"] > 1:
        return plan  # visitors' pictures, which the page encodes, are gray
    if isinstance(model, CanEncode):
        plan["encoder"] = trace_encoder(model, *size)
    if isinstance(model, HasElbo):
        plan |= {"logvar": trace_encoder(model, *size, logvar=True), "likelihood": model.pixel_likelihood}
    if isinstance(model, CanJudgeLikeness):
        plan["likeness"] = trace_likeness(model, *size)
    return plan
