"""The contract that every model keeps; what a model may be able to do besides is in ``capabilities``.

A model knows its mathematics: its networks, its latent, one training step. It knows nothing of files, of the
interface or of the training loop.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn

from genmodels.capabilities import ReadsCaptions, capabilities
from genmodels.config import BaseConfig
from genmodels.images import to_uint8
from genmodels.latents import Latents, LatentSpec

if TYPE_CHECKING:
    from genmodels.data.bodies import MeshSplit
    from genmodels.data.splits import ImageSplit, PreparedSplit

BATCH_SIZE = 16  # rows of every forward pass at inference: see ``GenerativeModel.generate``


@dataclass(frozen=True)
class ModelInfo:
    """Who a model is: its paper. Its title and what is said of it on screen are in the interface's catalogs."""

    paper: str
    year: int
    url: str
    family: str  # "GAN", "VAE", "autoencoder", "autoregressive", "flow", "naive Bayes" or "discriminative"


@dataclass(frozen=True)
class Batch:
    """What a training step gets: images [N, C, H, W] in [-1, 1], labels int64 [N] or None, the step's number from 0.

    Either is something else where the model's ``prepare`` has made it from the data.
    """

    x: Tensor
    y: Tensor | None
    step: int


class Model(nn.Module):
    """A network with a configuration that trains itself one batch at a time."""

    Config: ClassVar[type[BaseConfig]]
    info: ClassVar[ModelInfo]
    needs_labels: ClassVar[bool] = False  # whether training uses ``Batch.y``
    learns_from: ClassVar[str] = "images"  # or "meshes": the kind of data set that it can be trained on

    def __init__(self, config: BaseConfig) -> None:
        super().__init__()
        self.config = config

    def for_inference(self) -> Self:
        """The model without the parts that only training needs, which no checkpoint stores."""
        return self

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """The optimizers that ``train_step`` steps, by name."""
        raise NotImplementedError

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        """One step on one batch; returns its losses, scalars by name. Randomness from torch's global generator."""
        raise NotImplementedError

    def phase(self, step: int) -> tuple[int, int]:
        """The first step of the phase of training that ``step`` belongs to, and the first one after it.

        The learning rate's course and the moving average begin anew in each; most models have one phase, the whole run.
        """
        return 0, self.config.steps

    def prepare(self, split: ImageSplit | MeshSplit) -> ImageSplit | MeshSplit | PreparedSplit:
        """Called once before the first step with the training split; returns what batches are taken from.

        For what is costly to compute and the same in every epoch; most models take the split as it is.
        """
        return split

    def finish(self, images: Tensor, labels: Tensor | None) -> None:
        """Called once on the averaged weights when training is over, with all training images, uint8 [N, H, W].

        For what is computed from the whole data set rather than learned in steps; most models do nothing here.
        """


class GenerativeModel(Model):
    """A model that generates images from latents."""

    @property
    def latent(self) -> LatentSpec:
        """What ``decode`` starts from."""
        raise NotImplementedError

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """z [N, d], y int64 [N] where the latent has a categorical part -> images [N, C, H, W] in [-1, 1].

        Deterministic in eval mode; image i depends on row i alone.
        """
        raise NotImplementedError

    def render(self, x: Tensor) -> np.ndarray:
        """What ``decode`` gave -> uint8 [N, H, W] or [N, H, W, 3], to be looked at."""
        return to_uint8(x)

    @torch.inference_mode()
    def generate(self, latents: Latents, fast: bool = False) -> Tensor:
        """``decode`` in eval mode, in passes of ``BATCH_SIZE`` rows, the last one padded.

        Kernels round differently for different batch sizes; with one size for all, an image has the same bytes alone
        and in any batch. ``fast``: in one pass and in bfloat16 instead, seldom more than two gray levels off.
        """
        if fast:
            with torch.autocast(latents.z.device.type, torch.bfloat16):
                return self.decode(latents.z, latents.y).float()
        return map_in_batches(self.decode, latents.z, latents.y)


def generate_stages(model: ReadsCaptions, z: Tensor, words: Tensor) -> tuple[Tensor, ...]:
    """``stages`` of a model that reads captions, in passes of ``BATCH_SIZE`` rows: see ``GenerativeModel.generate``."""
    shapes: list[torch.Size] = []

    def joined(z: Tensor, words: Tensor) -> Tensor:
        images = model.stages(z, words)
        shapes[:] = [x.shape[1:] for x in images]
        return torch.cat([x.flatten(1) for x in images], 1)

    rows = map_in_batches(joined, z, words)
    parts = rows.split([shape.numel() for shape in shapes], 1)
    return tuple(part.unflatten(1, shape) for part, shape in zip(parts, shapes, strict=True))


def metadata(model: Model) -> dict[str, Any]:
    """What a card says of a model, to list it without loading it: ``info``, ``capabilities``, ``latent`` or None."""
    latent = model.latent.to_json() if isinstance(model, GenerativeModel) else None
    return {**dataclasses.asdict(model.info), "capabilities": capabilities(model), "latent": latent}


@torch.inference_mode()
def map_in_batches(function: Callable[..., Tensor], *rows: Tensor | None, batch_size: int = BATCH_SIZE) -> Tensor:
    """``function`` over the rows, ``batch_size`` at a time, the last batch padded by repetition: see ``generate``."""
    n = len(rows[0])
    if n == 0:
        raise ValueError("no rows to work on")
    results = []
    for start in range(0, n, batch_size):
        part = [None if r is None else r[start : start + batch_size] for r in rows]
        missing = batch_size - len(part[0])
        if missing:
            part = [None if r is None else torch.cat([r, r[-1:].expand(missing, *r.shape[1:])]) for r in part]
        results.append(function(*part)[: batch_size - missing])
    return torch.cat(results)


def steps_in_batches(function: Callable[..., Iterator[Tensor]], *rows: Tensor | None) -> Iterator[Tensor]:
    """The same for a function that yields the images of its rows step by step: each item has those of all rows."""
    n = len(rows[0])
    index = torch.arange(n + -n % BATCH_SIZE).clamp_max(n - 1).split(BATCH_SIZE)
    batches = [function(*(None if r is None else r[part] for r in rows)) for part in index]
    for parts in zip(*batches, strict=True):
        yield torch.cat(parts)[:n]
