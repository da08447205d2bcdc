"""What a continuous latent changes in the image, measured as InfoGAN's figure 2 shows it (Chen et al. 2016)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import rankdata

from genmodels.capabilities import CanClassify
from genmodels.latents import GaussianMixture, Latents, Normal, Uniform
from genmodels.metrics import predictions
from genmodels.model import GenerativeModel
from genmodels.morphology import PROPERTIES

STEPS = 9  # values per traversal
# To either side of 0, about as far as the model was trained; the paper's figure goes twice as far.
TRAVERSAL_RANGE = {Normal: 2.0, Uniform: 1.0, GaussianMixture: 2.0}


def traverse_latent(model: GenerativeModel, column: int, classifier: CanClassify, seed: int = 0,
                    count: int = 500) -> dict[str, Any]:
    """Vary one column of ``z`` in ``count`` images, everything else fixed, and measure what changes.

    ``property``: that of ``morphology`` which follows the latent best; ``spearman``: the rank correlation of latent and
    property along a traversal, averaged over the images (0 where the property is constant), and ``correlations``:
    that of all properties; ``low``, ``high``: the property's mean at both ends, in its own unit; ``class_consistency``:
    the share of traversals in which ``classifier`` predicts one class from end to end.
    """
    latents, reach, images = model.latent.sample_prior(seed, range(count)), _reach(model, column), []
    for value in np.linspace(-reach, reach, STEPS):
        z = latents.z.clone()
        z[:, column] = value
        images.append(model.render(model.generate(Latents(z, latents.y))))
    measured = {name: np.stack([measure(x) for x in images]) for name, measure in PROPERTIES.items()}  # [STEPS, count]
    rho = {name: round(float(rank_correlation(values).mean()), 3) for name, values in measured.items()}
    best = max(rho, key=lambda name: abs(rho[name]))
    predicted = np.stack([predictions.predict(classifier, x).numpy() for x in images])
    return {
        "property": best, "spearman": rho[best], "low": round(float(measured[best][0].mean()), 3),
        "high": round(float(measured[best][-1].mean()), 3),
        "class_consistency": round(float((predicted == predicted[0]).all(0).mean()), 4), "correlations": rho,
    }


def _reach(model: GenerativeModel, column: int) -> float:
    """The largest absolute value that the column takes."""
    spec = model.latent
    part = next(p for p in spec.continuous if column in range(spec.dim)[spec.slice_of(p.name)])
    return TRAVERSAL_RANGE[type(part)]


def rank_correlation(values: np.ndarray) -> np.ndarray:
    """Spearman's rho of each column of [STEPS, N] with the step's index: [N]; 0 for a constant column."""
    ranks = rankdata(values, axis=0)
    ranks -= ranks.mean(0)
    steps = np.arange(len(values)) - (len(values) - 1) / 2
    scale = np.sqrt((ranks**2).sum(0) * (steps**2).sum())
    return np.divide(steps @ ranks, scale, out=np.zeros(values.shape[1]), where=scale > 0)
