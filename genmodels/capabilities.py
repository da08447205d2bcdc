"""What a model can do, one protocol per ability. The rest of the project asks for these, never for a model by name.

The names in ``CAPABILITIES`` stand in cards, so that a checkpoint can be listed under what it can do without loading
it. Images are [N, C, H, W] in [-1, 1]; ``y`` are labels, int64 [N], for models that are conditioned on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.images import to_unit
from genmodels.latents import Latents
from genmodels.nn.losses import gaussian_kl, gaussian_log_prob
from genmodels.nn.surface import Surface


class Posterior(Protocol):
    """A distribution over the latents [N, d] of N images.

    ``kl()``, the divergence from the prior in nats per latent [N, d], is there where it has a closed form.
    """

    @property
    def mean(self) -> Tensor:
        """[N, d]."""

    def sample(self) -> Tensor:
        """One sample per image [N, d], from torch's global generator."""

    def log_prob(self, z: Tensor) -> Tensor:
        """Log density of ``z`` [..., N, d] in nats, [..., N]."""

    def repeat(self, times: int) -> Self:
        """The rows ``times`` over, one copy after the other: [times * N, d]."""


@dataclass(frozen=True)
class GaussianPosterior:
    """A diagonal Gaussian: ``mu`` and ``logvar``, [N, d] each."""

    mu: Tensor
    logvar: Tensor

    @property
    def mean(self) -> Tensor:
        return self.mu

    def sample(self) -> Tensor:
        """The reparameterized sample, Kingma & Welling 2014 (arXiv:1312.6114), section 2.4."""
        return self.mu + torch.exp(0.5 * self.logvar) * torch.randn_like(self.mu)

    def log_prob(self, z: Tensor) -> Tensor:
        return gaussian_log_prob(z, self.mu, self.logvar).sum(-1)

    def kl(self) -> Tensor:
        """KL divergence from N(0, 1) of each latent, in nats [N, d]."""
        return gaussian_kl(self.mu, self.logvar)

    def repeat(self, times: int) -> GaussianPosterior:
        return GaussianPosterior(self.mu.repeat(times, 1), self.logvar.repeat(times, 1))


@dataclass(frozen=True)
class PointPosterior:
    """All mass on one code [N, d]: what a deterministic encoder gives. It has no density and no divergence."""

    mean: Tensor

    def sample(self) -> Tensor:
        return self.mean

    def log_prob(self, z: Tensor) -> Tensor:
        raise NotImplementedError("a point has no density")

    def repeat(self, times: int) -> PointPosterior:
        return PointPosterior(self.mean.repeat(times, 1))


@dataclass(frozen=True)
class Elbo:
    """The two terms of the evidence lower bound, in nats per image [N]: elbo = -(reconstruction_nll + kl)."""

    reconstruction_nll: Tensor
    kl: Tensor

    @property
    def elbo(self) -> Tensor:
        return -(self.reconstruction_nll + self.kl)


@dataclass(frozen=True)
class Codes:
    """What a recognition network infers: category logits [N, K], continuous codes [N, k]."""

    logits: Tensor
    continuous: Tensor


@dataclass(frozen=True)
class FlowStep:
    """Images at ``time`` on their way from noise, 0, to 1: what they are, ``x``, and where they are expected to end.

    Both [N, C, H, W]; ``end`` is in [-1, 1].
    """

    time: float
    x: Tensor
    end: Tensor


@runtime_checkable
class CanDecode(Protocol):
    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Latents [N, d] (and labels or codes) -> images."""


@runtime_checkable
class CanEncode(Protocol):
    def encode(self, x: Tensor, y: Tensor | None = None) -> Posterior:
        """Images -> the posterior over their latents."""


@runtime_checkable
class CanReconstruct(Protocol):
    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Images -> what the model keeps of them, images again."""


@runtime_checkable
class HasElbo(Protocol):
    pixel_likelihood: str  # "bernoulli", of binarized images, or "gaussian", a density of intensities in [0, 1]

    def elbo(self, x: Tensor, z: Tensor, posterior: Posterior, y: Tensor | None = None) -> Elbo:
        """The bound's terms for images ``x`` with the sample ``z`` from ``posterior``."""


@runtime_checkable
class HasLogProb(Protocol):
    def log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The exact log-likelihood of images, in nats per image [N]."""


@runtime_checkable
class CanScore(Protocol):
    def score(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Images -> logits [N], higher for what the discriminator finds more real.

        Only differences mean something: a relativistic loss leaves the zero wherever it happens to be.
        """


@runtime_checkable
class CanJudgeLikeness(Protocol):
    """A model that judges how alike two images are by features of its own, instead of pixel by pixel."""

    def likeness_features(self, x: Tensor) -> Tensor:
        """Images -> the features in which likeness is judged, maps [N, F, h, w]."""

    def feature_errors(self, x: Tensor, x_hat: Tensor) -> Tensor:
        """Half the squared distance of the features of two images at each place [N, h, w]."""


@runtime_checkable
class CanClassify(Protocol):
    def classify(self, x: Tensor) -> Tensor:
        """Images -> class logits [N, K]."""


@dataclass(frozen=True)
class PixelWeights:
    """What a classifier adds up whose logits are sums over pixels: ``weight`` [K, C * H * W] and ``constant`` [K].

    ``bernoulli``: pixels are white from half gray upwards, the weights are the log odds of white given the class, and
    the logits log p(x, class). Otherwise they are the constant plus the weights of gray levels in [0, 1].
    """

    weight: nn.Parameter
    constant: nn.Parameter
    bernoulli: bool

    def inputs(self, x: Tensor) -> Tensor:
        """Images -> the pixels as they are weighted, [N, C * H * W] in [0, 1]."""
        gray = to_unit(x).flatten(1)
        return (gray >= 0.5).float() if self.bernoulli else gray

    def logits(self, inputs: Tensor) -> Tensor:
        """The sum over ``inputs``, [N, K]."""
        black = F.logsigmoid(-self.weight).sum(1) if self.bernoulli else 0
        return inputs @ self.weight.T + (self.constant + black)

    def evidence(self, x: Tensor) -> Tensor:
        """Images -> what each pixel adds to each logit, [N, K, C * H * W]; with the constant they sum to the logits."""
        black = F.logsigmoid(-self.weight) if self.bernoulli else 0
        return self.inputs(x)[:, None] * self.weight + black


@runtime_checkable
class HasPixelWeights(Protocol):
    def pixel_weights(self) -> PixelWeights:
        """What ``classify`` adds up."""


@runtime_checkable
class HasFeatures(Protocol):
    def features(self, x: Tensor) -> Tensor:
        """Images -> the last hidden layer [N, F], in which sets of images are compared."""

    def class_logits(self, h: Tensor) -> Tensor:
        """Features -> class logits [N, K]."""


@runtime_checkable
class CanInferCodes(Protocol):
    def infer_codes(self, x: Tensor) -> Codes:
        """Images -> the codes that the model's own recognition network infers from them."""


@runtime_checkable
class HasCodes(Protocol):
    """A model with a bottleneck of discrete codes, on one board or more, coarse ones first."""

    codebook_sizes: tuple[int, ...]  # how many codes there are, level by level

    def codes(self, x: Tensor) -> tuple[Tensor, ...]:
        """Images -> their codes at each level, int64 [N, h, w] from 0 to its codebook's size - 1."""

    def decode_codes(self, *boards: Tensor) -> Tensor:
        """Codes as ``codes`` gives them -> images; -1 stands for a tile that is empty."""

    def code_log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The prior's log-probability of the codes of images, in nats [N, levels], each level given those before."""


@runtime_checkable
class FillsBoards(HasCodes, Protocol):
    """A model whose codes are on two boards, a coarse one and a fine one of twice the size, that it fills by itself.

    ``autoencoder``: ``encode`` gives a ``Quantized`` for each board, ``decode`` takes the vectors of both, zeros for
    tiles that are empty. ``priors`` fill the boards cell by cell in the order of reading, the coarse one first, by the
    dice of the model's latents: ``coarse`` and ``fine`` are ``BoardPrior``s, a cell of the fine board the tiles below
    one of the coarse board. What they know of a cell beforehand are halves of ``label`` and ``position``, and of the
    fine board's also ``look`` at the coarse board's ``embed``.
    """

    autoencoder: nn.Module
    priors: nn.Module


@runtime_checkable
class HasMesh(Protocol):
    """A model whose images are drawings of meshes of one topology, which it can also encode.

    Its ``decoder`` gives features of each vertex: offsets from the mesh at rest, or what ``Surface.deformation`` gives.
    They are scaled so that the interval from the decoder's ``low`` to its ``high`` [features], or one of ``MIN_WIDTH``
    where that is narrower, becomes -``RANGE`` to ``RANGE``.
    """

    surface: Surface
    faces: Tensor  # int64 [F, 3], counterclockwise from outside
    decoder: nn.Module
    MIN_WIDTH: float
    RANGE: float

    def decode_features(self, z: Tensor) -> Tensor:
        """Latents [N, d] -> scaled features [N, V * 3 or 9]."""

    def decode_mesh(self, z: Tensor) -> Tensor:
        """Latents [N, d] -> vertices [N, V, 3]."""

    def encode_mesh(self, vertices: Tensor) -> Posterior:
        """Vertices [N, V, 3] -> the posterior over their latents."""


@runtime_checkable
class GeneratesInSteps(Protocol):
    def generate_steps(self, latents: Latents) -> Iterator[Tensor]:
        """Images as they grow: each item is the whole batch so far, the last one is what ``decode`` gives.

        Between two items others may use the processor, so one item should take well under a second.
        """


@runtime_checkable
class ReadsCaptions(Protocol):
    """A model that makes what captions say, in stages, each of which goes on from the image of the one before.

    ``limits``: float32 [classes, 3, 2], between the values of a property that words stand for (``captions.limits``).
    ``unseen``: captions, parted by semicolons, of digits that training never saw.
    """

    limits: Tensor

    @property
    def unseen(self) -> str: ...

    def stages(self, z: Tensor, words: Tensor) -> tuple[Tensor, ...]:
        """Latents [N, d] and captions int64 [N, 4], as in ``captions.Parsed.words`` -> the images of each stage."""


@runtime_checkable
class WritesCaptions(Protocol):
    """A model that says in words what an image shows: digit, thickness and slant.

    ``limits``: float32 [1, 3, 2], between the values of a property that words stand for (``captions.limits``), the same
    for all digits.
    """

    limits: Tensor

    def caption(self, x: Tensor, language: str) -> list[str]:
        """Images -> a sentence on each; ``language`` is one of ``captions.LANGUAGES``."""


@runtime_checkable
class CanIntegrate(Protocol):
    """A model whose latents are images of noise, which move along a field to what ``decode`` gives."""

    def integrate(self, z: Tensor, y: Tensor, steps: int | None = None, guidance: float | None = None,
                  start: float = 0.0) -> Iterator[FlowStep]:
        """The way of ``z`` [N, d], at time ``start`` in [0, 1), to time 1: ``steps`` + 1 states, the last one included.

        ``guidance``: how far the labels ``y`` lead, 1 as trained; None takes the model's value, as for ``steps``.
        """


@runtime_checkable
class HasAttention(Protocol):
    def attention(self, z: Tensor) -> tuple[Tensor, ...]:
        """Latents [N, d] -> how ``decode`` makes patches of the image look at each other, block by block.

        [N, heads, h, w, h, w] for each block, in their order: what share of its attention the patch in a row and column
        of h x w patches gives to each; the shares of a patch sum to 1.
        """


@runtime_checkable
class HasPixelProbabilities(Protocol):
    def probabilities(self, x: Tensor) -> Tensor:
        """Images of -1 and 1 -> the probability that each pixel is white, given those before it in reading order."""


@runtime_checkable
class CanComplete(Protocol):
    def complete(self, z: Tensor, top: Tensor) -> Tensor:
        """Images whose first rows are ``top`` [N, C, k, W], of -1 and 1, and whose other rows ``z`` [N, d] decides."""


@runtime_checkable
class LimitsSamples(Protocol):
    """A model that is slow to sample from: its metrics are measured on at most ``max_eval_samples`` samples."""

    max_eval_samples: int


CAPABILITIES: dict[str, type] = {
    "decode": CanDecode, "encode": CanEncode, "reconstruct": CanReconstruct, "elbo": HasElbo, "log_prob": HasLogProb,
    "score": CanScore, "likeness": CanJudgeLikeness, "classify": CanClassify, "pixel_weights": HasPixelWeights,
    "features": HasFeatures,
    "infer_codes": CanInferCodes, "codes": HasCodes, "generate_steps": GeneratesInSteps,
    "probabilities": HasPixelProbabilities, "complete": CanComplete, "integrate": CanIntegrate,
    "attention": HasAttention,
    "mesh": HasMesh, "captions": ReadsCaptions, "caption": WritesCaptions,
}


def capabilities(model: object) -> list[str]:
    """The names of all that a model can do, in the order of ``CAPABILITIES``."""
    return [name for name, protocol in CAPABILITIES.items() if isinstance(model, protocol)]
