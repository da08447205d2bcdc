"""The context that all subjects of an evaluation share, and a subject with its results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genmodels.capabilities import HasFeatures, HasMesh, LimitsSamples, Posterior
from genmodels.checkpoint import Card
from genmodels.data import ImageSplit
from genmodels.evaluation.protocol import FULL, EvalProtocol
from genmodels.latents import Normal
from genmodels.metrics import features, memorization, reconstruction
from genmodels.metrics.registry import METRICS
from genmodels.model import GenerativeModel, Model

Sampler = Callable[[int], tuple[np.ndarray, Tensor | None]]


class EvalContext:
    """What all measures share: the classifier, the real images, the protocol. Features of real images are cached."""

    def __init__(self, classifier: HasFeatures, classifier_card: Card, data: Callable[[str], ImageSplit],
                 protocol: EvalProtocol = FULL, seed: int = 0) -> None:
        self.classifier, self.classifier_card = classifier, classifier_card
        self.data, self.protocol, self.seed = data, protocol, seed

    @cached_property
    def test_features(self) -> Tensor:
        return features.features(self.classifier, self.data("test").images)

    @cached_property
    def training_pixels(self) -> Tensor:
        return memorization.flatten(self.data("train").images)

    @cached_property
    def validation_pixels(self) -> Tensor:
        return memorization.flatten(self.data("validation").images)

    @cached_property
    def validation_distances(self) -> Tensor:
        """From validation images to their nearest training image."""
        some = self.subset(self.validation_pixels, self.protocol.n_samples("copy_rate"))
        return memorization.nearest(some, self.training_pixels)[0]

    def subset(self, rows: Any, n: int) -> Any:
        """At most ``n`` rows in order, chosen at random by the seed: the first would be of few writers or labels."""
        order = np.random.default_rng(self.seed).permutation(len(rows))[:n]
        return rows[np.sort(order)]


@dataclass
class EvalSubject:
    """A model or a control under evaluation. Its results accumulate here.

    ``sampler``: n -> images uint8 [n, H, W], and the labels int64 [n] that they were conditioned on or None; None for
    a model that does not generate images.
    """

    context: EvalContext
    sampler: Sampler | None
    model: Model | None = None
    card: Card | None = None
    metrics: dict[str, dict[str, Any]] = field(default_factory=dict)
    latent_stats: dict[str, Any] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)  # what could not be measured -> why

    def record(self, metric: str, value: float | list[float], n: int, **facts: Any) -> None:
        """Add a value with the number of images that it was measured on and other facts that it depends on."""
        if metric not in METRICS:
            raise KeyError(f"{metric} is not in the registry of metrics")
        self.metrics[metric] = {"value": value, "n": n, **facts}

    @property
    def protocol(self) -> EvalProtocol:
        return self.context.protocol

    @property
    def seed(self) -> int:
        return self.context.seed

    @property
    def classifier_facts(self) -> dict[str, Any]:
        """The facts of a metric that is computed from the classifier's features or predictions."""
        return {"seed": self.seed, "classifier": self.context.classifier_card.weights_sha256[:12]}

    @property
    def is_conditional(self) -> bool:
        """Whether the samples were conditioned on labels."""
        if self.model is None:
            return True
        return isinstance(self.model, GenerativeModel) and self.model.latent.label is not None

    @property
    def is_planar(self) -> bool:
        """Whether the model's latent is two standard normal numbers, so that a grid can cover it."""
        if not isinstance(self.model, GenerativeModel):
            return False
        parts = self.model.latent.parts
        return all(isinstance(part, Normal) for part in parts) and sum(part.dim for part in parts) == 2

    @property
    def dataset_title(self) -> str:
        """The title of the subject's data set; controls are of the classifier's."""
        return (self.card or self.context.classifier_card).dataset["title"]

    @property
    def stack_of(self) -> str:
        """The data set whose images are the channels of the subject's; "" where they are not another's."""
        return self.card.dataset.get("stack_of", "") if self.card else ""

    def lacks_classifier(self, of_channels: bool = False) -> str | None:
        """Why the classifier does not apply to the samples, or to their channels; None where it does."""
        known = self.context.classifier_card
        if self.card is None or known.dataset["name"] == (self.stack_of if of_channels else self.card.dataset["name"]):
            return None
        return (f"{known.name} classifies {known.dataset['title']}, but {self.card.name} generates "
                f"{self.dataset_title}; name a classifier of that with --classifier")

    def lacks_labels(self) -> str | None:
        """Why measures that need labels do not apply; None where the data set has labels."""
        return f"{self.dataset_title} has no labels" if self.context.data("test").labels is None else None

    # Samples

    def n_samples(self, *metrics: str) -> int:
        """How many samples these metrics are measured on, within the limits of the protocol and the model."""
        n = self.protocol.n_samples(*metrics)
        return min(n, self.model.max_eval_samples) if isinstance(self.model, LimitsSamples) else n

    def sample(self, n: int) -> tuple[np.ndarray, Tensor | None]:
        """The first ``n`` samples, and their labels; sample i does not depend on ``n``."""
        images, labels = self._shared if n <= len(self.samples) else self.sampler(n)
        return images[:n], None if labels is None else labels[:n]

    @cached_property
    def _shared(self) -> tuple[np.ndarray, Tensor | None]:
        return self.sampler(self.n_samples("frechet_distance"))

    @property
    def samples(self) -> np.ndarray:
        """The samples that most metrics share, uint8 [n, H, W]."""
        return self._shared[0]

    @property
    def labels(self) -> Tensor | None:
        """The labels that ``samples`` were conditioned on, int64 [n]."""
        return self._shared[1]

    @cached_property
    def features(self) -> Tensor:
        """Of ``samples``, float64 [n, F]."""
        return features.features(self.context.classifier, self.samples)

    @cached_property
    def predicted(self) -> Tensor:
        """The classifier's prediction for each of ``samples``, int64 [n]."""
        with torch.inference_mode():
            return self.context.classifier.class_logits(self.features.float()).argmax(1)

    # Real images

    def encode(self, split: str, n: int | None = None) -> tuple[ImageSplit, Tensor | None, Posterior]:
        """A split (or ``n`` images of it), the labels where the model is conditional, and the images' posteriors."""
        real = self.context.data(split)
        if n is not None:
            real = self.context.subset(real, n)
        labels = real.labels if self.is_conditional else None
        return real, labels, reconstruction.encode(self.model, real.images, labels)


def checkpoint_subject(context: EvalContext, model: Model, card: Card) -> EvalSubject:
    """A checkpoint under evaluation; a conditional model gets all labels in turn, any other one its prior.

    What a model of meshes draws is not measured as images: a drawing is one view of a mesh, which has measures of its
    own.
    """

    def sampler(n: int) -> tuple[np.ndarray, Tensor | None]:
        if model.latent.label is None:
            return model.render(model.generate(model.latent.sample_prior(context.seed, range(n)))), None
        latents = model.latent.sample(context.seed, range(n))
        return model.render(model.generate(latents)), latents.y

    images = isinstance(model, GenerativeModel) and not isinstance(model, HasMesh)
    return EvalSubject(context, sampler if images else None, model, card)
