"""A model of boards of codes as what the page's engine runs: its encoder, its decoder and the priors of its boards."""

from __future__ import annotations

import operator
from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import fx, nn

from genmodels.capabilities import FillsBoards
from genmodels.model import Model
from genmodels.nn.board_prior import BoardPrior
from genmodels.nn.causal import CausalConv2d
from genmodels.nn.vector_quantizer import VectorQuantizer
from genmodels.ui.engine.plan_layers import UnsupportedOperation, convolution

Plan = dict[str, Any]
MAX_CODES = 255  # a code is a byte of the page's address


def board_plan(model: Model) -> Plan | None:
    """What the page needs to encode images to boards, to decode boards and to fill them; None if it cannot, or
    not in gray.

    The plan, as JSON:
    size: rows and columns of the coarse board. parts: tiles of the fine board under one of the coarse board; they lie
        in rows of ``sqrt(parts)``, in the order in which they are drawn. height, width: of the image, in gray.
    codes: of each board. codebooks: names of the tensors [codes, dim] of both boards.
    encoder, decoder: ``trace_graph``'s plans, from the image to both boards and from the vectors of both to the image.
    priors: for each board ``embed``, ``hidden``, ``drawn`` and ``logits``, the names of their tensors; ``blocks``, for
        each a list of operations, whose result is added to a cell's values; ``norm``, the last operation; and its
        ``temperature``. Operations are those of ``pixel_plan``, norm and gelu besides.
    label, position, embed, look: names of the tensors of what is known of cells beforehand, see ``FillsBoards``; look
        is ``trace_graph``'s plan.
    width_of_cell: the numbers of a cell.
    """
    if not isinstance(model, FillsBoards) or max(model.codebook_sizes) > MAX_CODES or model.config.channels != 1:
        return None
    priors, auto, size = model.priors, model.autoencoder.eval(), list(model.priors.size)
    image = 1, *(4 * side for side in size)
    names = {value: name for name, value in [*model.named_parameters(), *model.named_buffers()]}
    dim = auto.coarse.vectors.shape[1]
    try:
        encoder = trace_graph(_Encoder(auto), [image], "autoencoder.")
        decoder = trace_graph(_Decoder(auto), [(dim, *size), (dim, *(2 * side for side in size))], "autoencoder.")
        look = trace_graph(priors.look, [(priors.embed.embedding_dim, *size)], "priors.look.")
    except (UnsupportedOperation, fx.proxy.TraceError):
        return None
    return {"size": size, "parts": priors.fine.parts, "height": image[1], "width": image[2],
            "codes": priors.coarse.codes, "codebooks": [names[auto.coarse.vectors], names[auto.fine.vectors]],
            "encoder": encoder, "decoder": decoder, "look": look, "width_of_cell": priors.position.shape[1] // 2,
            "priors": [_prior(prior, names) | {"temperature": temperature} for prior, temperature in
                       zip((priors.coarse, priors.fine), priors.temperatures, strict=True)],
            "label": names[priors.label.weight], "position": names[priors.position],
            "embed": names[priors.embed.weight]}


class _Encoder(nn.Module):
    def __init__(self, autoencoder: nn.Module) -> None:
        super().__init__()
        self.auto = autoencoder

    def forward(self, x):
        coarse, fine = self.auto.encode(x)
        return coarse.codes, fine.codes


class _Decoder(_Encoder):
    def forward(self, coarse, fine):
        return self.auto.decode(coarse, fine)


# ---- Networks of feature maps


def trace_graph(module: nn.Module, shapes: list[tuple[int, int, int]], prefix: str) -> Plan:
    """A module of feature maps as the engine's steps; UnsupportedOperation where it has none.

    ``shapes``: [C, H, W] of its inputs. ``prefix``: of its tensors' names in the checkpoint.

    inputs: their shapes. steps: for each its ``op`` and ``of``, the numbers of what it takes: inputs count from 0, then
    the steps. Convolutions are as in ``trace_decoder``; ``rectify`` has a ``slope``, ``add`` and ``concat`` take two,
    ``gelu`` none but its input, ``quantize`` has a ``codebook``: its result are the nearest vectors, and their codes.
    outputs: the numbers of the results.
    """
    graph = _Tracer().trace(module)
    modules, numbers, plan = dict(module.named_modules()), {}, {"inputs": [list(s) for s in shapes], "steps": []}

    def add_step(node: fx.Node, op: str, of: list[fx.Node], **more: object) -> None:
        plan["steps"].append({"op": op, "of": [numbers[one] for one in of]} | more)
        numbers[node] = len(shapes) + len(plan["steps"]) - 1

    for node in graph.nodes:
        if node.op == "placeholder":
            numbers[node] = len(numbers)
        elif node.op == "output":
            results = node.args[0] if isinstance(node.args[0], tuple) else node.args
            plan["outputs"] = [numbers[result] for result in results]
        elif node.op == "call_module":
            add_step(node, **_module_step(modules[node.target], prefix + node.target.removeprefix("auto.")),
                     of=[node.args[0]])
        elif node.target in (getattr, "contiguous", "float"):
            numbers[node] = numbers[node.args[0]]
        elif node.target is operator.add:
            add_step(node, "add", list(node.args))
        elif node.target is torch.cat and node.args[1] == 1:
            add_step(node, "concat", node.args[0])
        elif node.target is F.leaky_relu:
            add_step(node, "rectify", [node.args[0]], slope=float(node.kwargs["negative_slope"]))
        else:
            raise UnsupportedOperation(str(node.target))
    return plan


class _Tracer(fx.Tracer):
    def is_leaf_module(self, module: nn.Module, name: str) -> bool:
        return isinstance(module, VectorQuantizer) or super().is_leaf_module(module, name)


def _module_step(module: nn.Module, path: str) -> Plan:
    if isinstance(module, nn.LeakyReLU):
        return {"op": "rectify", "slope": module.negative_slope}
    if isinstance(module, nn.GELU) and module.approximate == "none":
        return {"op": "gelu"}
    if isinstance(module, VectorQuantizer):
        return {"op": "quantize", "codebook": f"{path}.vectors"}
    if getattr(module, "bias", None) is None:
        raise UnsupportedOperation(type(module).__name__)
    return {"op": convolution(module)[0], "weight": f"{path}.weight", "bias": f"{path}.bias",
            "inputs": module.in_channels, "outputs": module.out_channels, "slope": 1.0}


# ---- Priors


def _prior(prior: BoardPrior, names: dict[torch.Tensor, str]) -> Plan:
    def linear(layer: nn.Linear) -> Plan:
        return {"op": "linear", "weight": names[layer.weight], "bias": names[layer.bias],
                "inputs": layer.in_features, "outputs": layer.out_features}

    def norm(layer: nn.LayerNorm) -> Plan:
        return {"op": "norm", "weight": names[layer.weight], "bias": names[layer.bias], "eps": layer.eps,
                "inputs": prod(layer.normalized_shape)}

    def conv(layer: CausalConv2d) -> Plan:
        outputs, inputs = layer.left.shape[:2]
        return {"op": "conv", "above": names[layer.above], "left": names[layer.left], "bias": names[layer.bias],
                "inputs": inputs, "outputs": outputs, "rows": layer.rows, "reach": layer.reach,
                "dilation": layer.dilation, "sees_itself": layer.sees_itself}

    gelu = {"op": "gelu"}
    return {"embed": names[prior.embed.weight], "drawn": [names[table.weight] for table in prior.drawn],
            "hidden": [linear(layer) for layer in prior.hidden], "logits": [linear(layer) for layer in prior.logits],
            "norm": norm(prior.norm),
            "blocks": [[norm(block.norm), linear(block.down), gelu, conv(block.conv), gelu, linear(block.up)]
                       for block in prior.blocks]}
