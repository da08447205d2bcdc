"""Sample counts and training steps of the measures: the full protocol, and a quick one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from genmodels.metrics.registry import METRICS


@dataclass(frozen=True)
class EvalProtocol:
    """Counts of images, samples and steps. In a card each value comes with those it depends on."""

    max_samples: int = 50_000  # samples of the model, for every metric that ``caps`` does not name
    caps: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))  # by the name of the metric
    resamples: int = 100  # of the bootstrap
    c2st_steps: int = 600  # training steps of the classifier that tells real from generated
    cas_steps: int = 800  # training steps of the classifier that learns from samples
    parzen_test_images: int = 10_000  # whose density is taken
    usage_images: int = 50_000  # training images over which the use of the latents is averaged
    prior_images: int = 10_000  # of a split, whose codes the prior writes down
    nll_base: tuple[int, int] = (10_000, 20)  # test images, and importance samples for each
    nll_correction: tuple[int, int] = (100, 5_000)  # the same for what more importance samples add to the bound
    nll_static: tuple[int, int] = (1_000, 50)  # the same on statically binarized images
    bound_images: tuple[int, int] = (1_000, 5)  # test images that the bound classifies, and importance samples for each
    curve_limits: tuple[int, int] = (50_000, 20)  # of learning curves: examples, and draws of them
    few_label_draws: int = 3  # of few labels
    few_label_steps: tuple[int, int] = (800, 300)  # of training after each: of the semi-supervised VAE, and the CNN
    attribute_images: tuple[int, int] = (20_000, 150)  # training images behind a direction, validation ones to go from
    gap_images: int = 500  # test images whose posterior is computed on a grid

    def n_samples(self, *metrics: str) -> int:
        """The number of samples on which all of these metrics can be measured."""
        return min(min(METRICS[name].n_samples, self.caps.get(name, self.max_samples)) for name in metrics)


FULL = EvalProtocol()
QUICK = EvalProtocol(
    caps={"precision": 2_000, "cas": 10_000, "nn_test_error": 10_000, "copy_rate": 500, "modes": 2_000,
          "class_consistency": 50},
    resamples=10, c2st_steps=60, cas_steps=80, parzen_test_images=1_000, usage_images=5_000, prior_images=500,
    nll_base=(500, 20), nll_correction=(30, 500), nll_static=(100, 20), bound_images=(50, 5),
    curve_limits=(300, 3), few_label_draws=1, few_label_steps=(20, 10), gap_images=20, attribute_images=(2_000, 32),
)
