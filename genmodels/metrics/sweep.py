"""What a continuous code changes in the picture, as InfoGAN's figure 2 shows by eye (Chen et al. 2016)."""

from __future__ import annotations

import numpy as np
from scipy.stats import spearmanr

from genmodels.images import to_uint8
from genmodels.latents import Latents
from genmodels.metrics.shape import PROPERTIES
from genmodels.model import GenerativeModel

SWEEP = np.linspace(-2, 2, 9)  # twice as far as the codes were drawn in training, as in the paper


def sweep(model: GenerativeModel, seed: int = 0, count: int = 200) -> list[dict[str, str | float]]:
    """For each code of one dimension, the property that it moves most, over ``count`` pictures with all else fixed.

    ``spearman``: rank correlation of code and property over all the pictures, so a property counts as moved when
    its change is large beside its spread among digits. ``low``, ``high``: the property's mean at -2 and at 2, in its
    own unit (``shape``).
    """
    base, found = model.latent.draw(seed, range(count)), []
    for part in model.latent.continuous:
        if part.dim > 1:
            continue
        rows = {name: [] for name in PROPERTIES}
        for value in SWEEP:
            z = base.z.clone()
            z[:, model.latent.columns(part.name)] = value
            pictures = to_uint8(model.generate(Latents(z, base.c)))
            for name, measure in PROPERTIES.items():
                rows[name].append(measure(pictures))
        rho = {name: _spearman(np.repeat(SWEEP, count), np.concatenate(values)) for name, values in rows.items()}
        moves = max(rho, key=lambda name: abs(rho[name]))
        low, high = (round(float(rows[moves][end].mean()), 3) for end in (0, -1))
        found.append({"name": part.name, "moves": moves, "spearman": round(rho[moves], 3), "low": low, "high": high})
    return found


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Rank correlation; 0 where ``b`` does not change at all."""
    return float(spearmanr(a, b).statistic) if np.ptp(b) else 0.0
