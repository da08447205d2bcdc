"""What a continuous latent changes in the picture, as InfoGAN's figure 2 shows by eye (Chen et al. 2016)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import rankdata

from genmodels.images import to_uint8
from genmodels.latents import Latents, Normal, Uniform
from genmodels.metrics import reading
from genmodels.metrics.shape import PROPERTIES
from genmodels.model import CanClassify, GenerativeModel

STEPS = 9  # values that a sweep takes
# To either side, as far as the prior goes and the model was trained, or nearly: the paper's figure goes twice as far.
REACH = {Normal: 2.0, Uniform: 1.0}


def sweep(model: GenerativeModel, column: int, judge: CanClassify, seed: int = 0, count: int = 500) -> dict[str, Any]:
    """Sweep one column of ``z`` in ``count`` pictures, all else fixed, and measure what changes.

    ``moves``: the property (``shape``) that follows it most faithfully; ``spearman``: the rank correlation of latent
    and property along a sweep, averaged over the pictures (0 where it does not change), which it says of ``moves``, and
    ``correlations`` of all; ``low``, ``high``: the property's mean at both ends, in its own unit; ``digit_kept``: the
    share of sweeps in which ``judge`` reads one digit from end to end.
    """
    base = model.latent.draw(seed, range(count))
    pictures = []
    reach = next(REACH[type(part)] for part in model.latent.continuous
                 if column in range(*model.latent.columns(part.name).indices(model.latent.dim)))
    for value in np.linspace(-reach, reach, STEPS):
        z = base.z.clone()
        z[:, column] = value
        pictures.append(to_uint8(model.generate(Latents(z, base.c))))
    measured = {name: np.stack([measure(p) for p in pictures]) for name, measure in PROPERTIES.items()}  # [9, count]
    rho = {name: round(float(_rank_correlation(values).mean()), 3) for name, values in measured.items()}
    moves = max(rho, key=lambda name: abs(rho[name]))
    read = np.stack([reading.read(judge, p).numpy() for p in pictures])
    return {
        "property": moves, "spearman": rho[moves], "low": round(float(measured[moves][0].mean()), 3),
        "high": round(float(measured[moves][-1].mean()), 3),
        "class_consistency": round(float((read == read[0]).all(0).mean()), 4), "correlations": rho,
    }


def _rank_correlation(values: np.ndarray) -> np.ndarray:
    """Spearman's rho of each column of [steps, N] with the step's number: [N]; 0 for a column that does not change."""
    ranks = rankdata(values, axis=0)
    ranks -= ranks.mean(0)
    steps = np.arange(len(values)) - (len(values) - 1) / 2
    scale = np.sqrt((ranks**2).sum(0) * (steps**2).sum())
    return np.divide(steps @ ranks, scale, out=np.zeros(values.shape[1]), where=scale > 0)
