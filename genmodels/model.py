"""The contract that every model keeps, and the capabilities that the rest of the project asks for by protocol.

A model knows its mathematics: its networks, its latent, one training step. It knows nothing of files, of the
interface or of the training loop.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import torch
from torch import Tensor, nn

from genmodels.latents import Latents, LatentSpec

CHUNK = 16  # rows a forward pass, always: see ``GenerativeModel.generate``


@dataclass(frozen=True)
class ModelInfo:
    """Who a model is: its paper and one sentence on it."""

    title: str
    paper: str
    year: int
    url: str
    summary: str
    family: str  # "GAN", "VAE" or "discriminative"


@dataclass(frozen=True)
class Batch:
    """What a training step gets: pictures [N, C, H, W] in [-1, 1], labels int64 [N], the step's number from 0."""

    x: Tensor
    y: Tensor
    step: int


@dataclass(frozen=True)
class BaseConfig:
    """What the training loop reads of every model's configuration."""

    classes: int = 10  # of the data set
    steps: int = 10_000  # optimiser steps of the whole run
    batch_size: int = 64  # pictures a step, over all processes
    lr: float = 3e-4  # Adam's step size (Kingma & Ba 2015)
    lr_final: float = 0.05  # the share of lr left at the end, reached along a half cosine (Loshchilov & Hutter 2017)
    warmup: int = 100  # steps in which lr rises from 0
    ema_half_life: int = 500  # steps; of the weights that sample (Karras et al. 2018, appendix)
    precision: str = "float32"  # arithmetic of the training step: float32 | bfloat16 (autocast)


class Model(nn.Module):
    """A network with a configuration that trains itself one batch at a time."""

    Config: ClassVar[type[BaseConfig]]
    info: ClassVar[ModelInfo]

    def __init__(self, config: BaseConfig) -> None:
        super().__init__()
        self.config = config

    def for_use(self) -> Self:
        """The model less the parts that only training needs, which no checkpoint keeps."""
        return self

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """The optimisers that ``train_step`` steps, by name."""
        raise NotImplementedError

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        """One step on one batch; returns its losses, scalars by name. Randomness from torch's global generator."""
        raise NotImplementedError


class GenerativeModel(Model):
    """A model that draws pictures from latents."""

    @property
    def latent(self) -> LatentSpec:
        """What ``sample`` draws from."""
        raise NotImplementedError

    def sample(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """z [N, d], c int64 [N] where the latent has a categorical part -> pictures [N, 1, 28, 28] in [-1, 1].

        Deterministic in eval mode; picture i depends on row i alone.
        """
        raise NotImplementedError

    @torch.inference_mode()
    def generate(self, latents: Latents) -> Tensor:
        """``sample`` in eval mode, in passes of ``CHUNK`` rows, the last one padded.

        Kernels round differently for different batch sizes; with one size for all, a picture has the same bytes
        alone and in any batch.
        """
        return in_chunks(self.sample, latents.z, latents.c)

    @torch.inference_mode()
    def sketch(self, latents: Latents) -> Tensor:
        """What ``generate`` gives, in bfloat16 and in one pass: seldom two grey levels off, often quicker."""
        with torch.autocast(latents.z.device.type, torch.bfloat16):
            return self.sample(latents.z, latents.c).float()


@dataclass(frozen=True)
class Posterior:
    """A diagonal Gaussian over latents: ``mu`` and ``logvar``, [N, d] each."""

    mu: Tensor
    logvar: Tensor

    def sample(self) -> Tensor:
        """The reparameterised draw, Kingma & Welling 2014 (arXiv:1312.6114), section 2.4."""
        return self.mu + torch.exp(0.5 * self.logvar) * torch.randn_like(self.mu)

    def repeat(self, times: int) -> Posterior:
        """The rows ``times`` over, one copy after the other: [times * N, d]."""
        return Posterior(self.mu.repeat(times, 1), self.logvar.repeat(times, 1))


@dataclass(frozen=True)
class Elbo:
    """The two terms of the evidence lower bound, in nats a picture [N]: elbo = -(reconstruction + kl)."""

    reconstruction: Tensor
    kl: Tensor

    @property
    def elbo(self) -> Tensor:
        return -(self.reconstruction + self.kl)


@dataclass(frozen=True)
class Codes:
    """What a recognition network reads: category logits [N, K], continuous codes [N, k]."""

    logits: Tensor
    continuous: Tensor


@runtime_checkable
class CanEncode(Protocol):
    def encode(self, x: Tensor, c: Tensor | None = None) -> Posterior:
        """Pictures [N, 1, 28, 28] in [-1, 1] (and labels, where the model is conditional) -> their posterior."""

    def decode(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """Latents [N, d] -> pictures [N, 1, 28, 28] in [-1, 1]."""

    def elbo(self, x: Tensor, z: Tensor, posterior: Posterior, c: Tensor | None = None) -> Elbo:
        """The bound's terms for pictures ``x`` with the draw ``z`` from ``posterior``."""


@runtime_checkable
class CanScore(Protocol):
    def score(self, x: Tensor, c: Tensor | None = None) -> Tensor:
        """Pictures -> logits [N], higher for what the discriminator finds more real.

        Only differences mean something: a relativistic loss leaves the zero where it happens to be.
        """


@runtime_checkable
class CanRecognise(Protocol):
    def recognise(self, x: Tensor) -> Codes:
        """Pictures -> the codes that the model's own recognition network reads in them."""


@runtime_checkable
class CanClassify(Protocol):
    def features(self, x: Tensor) -> Tensor:
        """Pictures -> the last hidden layer [N, F], in which sets of pictures are compared."""

    def class_logits(self, h: Tensor) -> Tensor:
        """Features -> class logits [N, K]."""

    def classify(self, x: Tensor) -> Tensor:
        """Pictures -> class logits [N, K]."""


def describe(model: Model) -> dict[str, Any]:
    """What others list a model by without loading it: its ``info``, what it ``can``, and its ``latent`` or None."""
    able = (CanEncode, CanScore, CanRecognise, CanClassify)
    latent = model.latent.to_json() if isinstance(model, GenerativeModel) else None
    return {**dataclasses.asdict(model.info), "can": [p.__name__ for p in able if isinstance(model, p)],
            "latent": latent}


@torch.inference_mode()
def in_chunks(function, *rows: Tensor | None, chunk: int = CHUNK) -> Tensor:
    """``function`` over the rows, ``chunk`` at a time, the last chunk padded by repetition: see ``generate``."""
    n = len(rows[0])
    if n == 0:
        raise ValueError("no rows to work on")
    results = []
    for start in range(0, n, chunk):
        part = [None if r is None else r[start : start + chunk] for r in rows]
        short = chunk - len(part[0])
        if short:
            part = [None if r is None else torch.cat([r, r[-1:].expand(short, *r.shape[1:])]) for r in part]
        results.append(function(*part)[: chunk - short])
    return torch.cat(results)


def config_from_dict(cls: type[BaseConfig], values: dict[str, Any]) -> BaseConfig:
    """A configuration from JSON or ``--set`` values; ValueError names an unknown field or a value of the wrong type."""
    fields = {f.name: f for f in dataclasses.fields(cls)}
    for name, value in values.items():
        if name not in fields:
            raise ValueError(f"unknown config field {name!r}; this model has: {', '.join(sorted(fields))}")
        kind = type(getattr(cls(), name))
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not kind:
            raise ValueError(f"config field {name} takes a {kind.__name__}, not {value!r}")
        values = {**values, name: value}
    return cls(**values)
