"""A model that follows a field from noise to images, as the page runs it: the layers of its U-Net."""

from __future__ import annotations

from typing import Any

from torch import nn

from genmodels.capabilities import CanIntegrate
from genmodels.model import Model
from genmodels.nn.layers import LRELU_SLOPE
from genmodels.nn.unet import Block, UNet, frequencies
from genmodels.ui.engine.plan_layers import convolution

Plan = dict[str, Any]


def flow_plan(model: Model) -> Plan | None:
    """What the page needs to follow a model's field; None if the model has none, or not of gray images.

    The plan, as JSON:
    height, width: of the image, which has one channel. labels: how many there are.
    steps, guidance: with which the model makes its images.
    variance: of the data, by which the network's output is preconditioned (``models.flow.preconditioning``).
    frequencies: of the features of time, cosines and then sines; a one-hot label, or zeros, goes after them.
    embed: two linear layers from those to the embedding.
    stem, down, up, head, out: convolutions; down_blocks, mid_blocks, up_blocks: lists of residual blocks, each with
        ``conv1``, ``film`` (a linear layer of the embedding) and ``conv2``: see ``nn.unet``.

    Layers are as those of ``plan.trace_decoder``.
    """
    unet = getattr(model, "unet", None)
    if not isinstance(model, CanIntegrate) or not isinstance(unet, UNet) or unet.stem.in_channels != 1:
        return None
    names = {parameter: name for name, parameter in model.named_parameters()}

    def layer(module: nn.Module, slope: float = 1.0) -> Plan:
        if isinstance(module, nn.Linear):
            sizes = {"op": "linear", "inputs": module.in_features, "outputs": module.out_features}
        else:
            sizes = {"op": convolution(module)[0], "inputs": module.in_channels, "outputs": module.out_channels}
        return sizes | {"weight": names[module.weight], "bias": names[module.bias], "slope": slope}

    def blocks(modules: list[Block]) -> list[Plan]:
        return [{name: layer(module) for name, module in block.named_children()} for block in modules]

    config = model.config
    return {"height": config.height, "width": config.width, "labels": config.classes, "steps": config.sampler_steps,
            "guidance": config.guidance, "variance": config.data_variance, "frequencies": frequencies().tolist(),
            "slope": LRELU_SLOPE, "embed": [layer(unet.embed1, LRELU_SLOPE), layer(unet.embed2, LRELU_SLOPE)],
            "stem": layer(unet.stem), "down_blocks": blocks([unet.block_down]), "down": layer(unet.down),
            "mid_blocks": blocks(unet.blocks_mid), "up": layer(unet.up), "up_blocks": blocks(unet.blocks_up),
            "head": layer(unet.head, LRELU_SLOPE), "out": layer(unet.out)}
