"""What the models share that draw an image pixel by pixel, each with a probability given those before it.

p(x) = prod_i p(x_i | x_1, ..., x_i-1), rows from the top and each row from the left: van den Oord et al. 2016
(arXiv:1601.06759), equation 1. Pixels are black or white; where an image has several channels, those of one pixel are
independent given the pixels before it. The likelihood is exact, and training maximizes it.

A sample needs chance at every pixel. The dice are thrown beforehand: they are the latents of these models. So an image
depends on its latents alone, and throwing one die again changes only what comes after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.config import BaseConfig
from genmodels.images import from_unit, to_unit
from genmodels.latents import Latents, LatentSpec, Uniform
from genmodels.model import Batch, GenerativeModel, steps_in_batches
from genmodels.nn.causal import CausalConv2d, CausalConvSteps
from genmodels.nn.layers import optimizer_step
from genmodels.nn.losses import bernoulli_nll


@dataclass(frozen=True)
class AutoregressiveConfig(BaseConfig):
    hidden: int = 32  # h of the paper: feature maps inside a layer; between two layers there are 2 h
    batch_size: int = 32
    lr: float = 3e-3
    lr_final: float = 0.02
    ema_half_life: int = 200
    precision: str = "float32"  # with maps of so few channels, a step in bfloat16 takes a third longer


class LayerSteps(Protocol):
    """A layer at work on n images pixel by pixel, with the results of one pass over whole images."""

    def next_row(self) -> None:
        """Begin the next row, at first the top one."""

    def step(self, column: int, h: Tensor) -> Tensor:
        """The layer's features [n, 2 h] of this column's pixels from those below it; columns come in turn."""


Operation = tuple[str, nn.Module | None]


class CausalLayer(nn.Module):
    """A layer of a ``PixelNetwork``: features [N, H, W, 2 h] -> [N, H, W, 2 h] that see no later pixel."""

    @property
    def operations(self) -> list[Operation]:
        """What the layer adds to what it reads, one operation after the other, for what runs it without torch.

        ("relu", None); ("gate", None): tanh of the first half times sigmoid of the second; ("linear", module);
        ("conv", a CausalConv2d); ("lstm", a linear layer): what it makes of a column's ``neighbors`` in the row above
        is added, then ``cell`` of ``nn.row_lstm``.
        """
        raise NotImplementedError

    def steps(self, n: int, width: int) -> LayerSteps:
        raise NotImplementedError


class PixelNetwork(nn.Module):
    """Gives each pixel its logit, from the pixels before it: a first convolution, layers, and two of 1x1 at the end.

    Three things are not the paper's, and help where training is short: the first kernel is 11x11, not 7x7; a learned
    map tells the layers where in the image they are; and the logits start at about those of the mean digit.
    """

    def __init__(self, config: AutoregressiveConfig, layers: Sequence[CausalLayer]) -> None:
        super().__init__()
        channels, height, width = config.image_shape
        features = 2 * config.hidden
        self.first = CausalConv2d(channels, features, rows=5, reach=5, sees_itself=False)
        self.position = nn.Parameter(torch.zeros(height, width, features))
        self.layers = nn.ModuleList(layers)
        self.mix = nn.Linear(features, features)
        self.out = zeros(nn.Linear(features, channels, bias=False))
        self.ink = nn.Parameter(centered_ink(height, width)[..., None].repeat(1, 1, channels))

    def forward(self, x: Tensor) -> Tensor:
        """Images [N, H, W, C] of -1 and 1 -> logits of a white pixel [N, H, W, C]."""
        h = self.first(x) + self.position
        for layer in self.layers:
            h = layer(h)
        return self.head(h) + self.ink

    @property
    def head_operations(self) -> list[Operation]:
        """What ``head`` does, as ``CausalLayer.operations``."""
        return [("relu", None), ("linear", self.mix), ("relu", None), ("linear", self.out)]

    def head(self, h: Tensor) -> Tensor:
        return self.out(F.relu(self.mix(F.relu(h))))

    def steps(self, n: int) -> PixelSteps:
        return PixelSteps(self, n)


class PixelSteps:
    """A ``PixelNetwork`` at work on ``n`` images pixel by pixel.

    What the pixels so far have led to is kept: a pixel costs the layers over that pixel alone, a 784th of one pass.
    """

    def __init__(self, network: PixelNetwork, n: int) -> None:
        self.network, self.row = network, -1
        width = network.position.shape[1]
        self.first = CausalConvSteps(network.first, n, width)
        self.layers = [layer.steps(n, width) for layer in network.layers]

    def next_row(self) -> None:
        """Begin the next row, at first the top one."""
        self.row += 1
        self.first.next_row()
        for layer in self.layers:
            layer.next_row()

    def logits(self, column: int) -> Tensor:
        """Logits of a white pixel in this column of the row, [n, C]. Asked for in turn, before each ``put``."""
        h = self.first.get(column) + self.network.position[self.row, column]
        for layer in self.layers:
            h = layer.step(column, h)
        return self.network.head(h) + self.network.ink[self.row, column]

    def put(self, column: int, pixels: Tensor) -> None:
        """The pixels that this column of the row has, [n, C] of -1 and 1."""
        self.first.put(column, pixels)


class AutoregressiveModel(GenerativeModel):
    """A model whose ``network`` gives each pixel a logit. A subclass builds the network; all else is here."""

    network: PixelNetwork
    max_eval_samples = 5_000  # about 20 ms each

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Uniform("dice", prod(self.config.image_shape), editable=False),))

    # ---- Likelihood

    def probabilities(self, x: Tensor) -> Tensor:
        """That each pixel is white, given the pixels before it: images [N, C, H, W] of -1 and 1 -> [N, C, H, W].

        In one pass. The pixels' surprises, -log p or -log(1 - p), add up to ``-log_prob``.
        """
        return torch.sigmoid(self._logits(x))

    def log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Exact log-likelihood of images [N, C, H, W], in nats [N]; ValueError unless all pixels are -1 or 1."""
        if not (x.abs() == 1).all():
            raise ValueError("the model has probabilities for black (-1) and white (1) pixels only")
        return -bernoulli_nll(self._logits(x), to_unit(x))

    def _logits(self, x: Tensor) -> Tensor:
        return self.network(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).float()

    # ---- Sampling

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Pixel i is white where its die, z_i in [-1, 1], falls below its probability: (z_i + 1) / 2 < p_i."""
        *_, x = self._draw(z)
        return x

    def complete(self, z: Tensor, top: Tensor) -> Tensor:
        """Images [N, C, H, W] whose first rows are ``top`` [N, C, k, W] of -1 and 1, the others drawn by dice ``z``.

        ``z`` [N, C * H * W] is of whole images; the dice of the given rows play no part.
        """
        *_, x = self._draw(z, top)
        return x

    def generate_steps(self, latents: Latents, top: Tensor | None = None) -> Iterator[Tensor]:
        """The images after each row, in all N at once; pixels still to come are black. ``top`` as for ``complete``.

        The last item is ``generate``'s to the bit: images are computed in the same batches.
        """
        yield from steps_in_batches(self._draw, latents.z, top)

    def _draw(self, z: Tensor, top: Tensor | None = None) -> Iterator[Tensor]:
        """The images after each row."""
        dice = torch.logit(to_unit(z)).unflatten(1, self.config.image_shape)  # as thresholds of the logits
        x, steps, given = torch.full_like(dice, -1), self.network.steps(z.shape[0]), 0 if top is None else top.shape[2]
        for row, row_dice in enumerate(dice.unbind(2)):
            # Not in bfloat16: a die that falls between two roundings of a probability changes all that comes after.
            with torch.no_grad(), torch.autocast(z.device.type, enabled=False):
                steps.next_row()
                for column, thrown in enumerate(row_dice.unbind(2)):
                    logits = steps.logits(column)
                    pixels = top[:, :, row, column] if row < given else from_unit((thrown < logits).to(x.dtype))
                    steps.put(column, pixels)
                    x[:, :, row, column] = pixels
            yield x.clone()

    # ---- Training

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"network": torch.optim.Adam(self.parameters(), self.config.lr, betas=(0.9, 0.99))}

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        """Maximum likelihood of images binarized anew at every step, each pixel white as often as it is bright."""
        white = torch.bernoulli(to_unit(batch.x))
        nll = bernoulli_nll(self._logits(from_unit(white)), white).mean()
        optimizer_step(optimizers["network"], nll)
        return {"nll": nll.detach()}


def centered_ink(height: int, width: int) -> Tensor:
    """Logits of ink [height, width], by the distance from the center alone; about those of the mean MNIST digit."""
    rows, columns = torch.linspace(-1, 1, height)[:, None], torch.linspace(-1, 1, width)
    return (-0.3 - 7 * (rows.square() + columns.square()).square()).clamp_min(-10)


def zeros(layer: nn.Linear) -> nn.Linear:
    """The layer with all its weights at zero: where it is added to something, it adds nothing at first."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer
