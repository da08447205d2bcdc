"""Attributes as directions in latent space: Larsen et al. 2016, arXiv:1512.09300, section 4.3.1.

The paper takes the mean code of images with an attribute, less that of images without it, and adds it to the code of
another image. Here the attributes are properties that can be measured (``morphology``), so that the effect can be, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from genmodels.capabilities import CanClassify
from genmodels.latents import Latents
from genmodels.metrics import predictions
from genmodels.metrics.traversal import rank_correlation
from genmodels.model import GenerativeModel
from genmodels.morphology import PROPERTIES

SHARE = 0.25  # of the images of a class that count as having the attribute, and as many as not having it
STEPS = 7  # values along a direction, an odd number: the one in the middle is the reconstruction
REACHES = (3.0, 2.5, 2.0, 1.6, 1.3, 1.0, 0.8)  # to either side, in standard deviations of the codes along the direction
MIN_CONSISTENCY = 0.95  # share of images whose class must stay, for a reach to be taken; the last one is taken anyway


def attribute_direction(z: Tensor, values: np.ndarray, labels: Tensor | None = None) -> Tensor:
    """Mean code of the images with large values of a property, less that of those with small ones: [d], of length 1.

    ``z`` [N, d], ``values`` [N]. Within each class of ``labels`` int64 [N], and then averaged: otherwise the direction
    would also lead to the classes that have more of the property. All 0 where no class has two images.
    """
    difference, classes = torch.zeros(z.shape[1], dtype=torch.double), torch.zeros(len(z)) if labels is None else labels
    for label in classes.unique():
        rows = (classes == label).nonzero()[:, 0]
        count = int(np.ceil(SHARE * len(rows))) if len(rows) > 1 else 0
        order = rows[torch.from_numpy(np.argsort(values[rows.numpy()], kind="stable"))]
        if count:
            difference += (z[order[-count:]] - z[order[:count]]).double().mean(0)
    length = difference.norm()
    return (difference / length if length > 0 else difference).float()


def measure_attribute(model: GenerativeModel, z: Tensor, labels: Tensor | None, direction: Tensor, name: str,
                      unit: float, classifier: CanClassify) -> dict[str, Any]:
    """Go along a direction from the codes ``z`` [N, d] of real images, and measure what changes.

    ``name``: of the property; ``unit``: its standard deviation over real images, in which its effect is told.

    ``reach``: how far the ends are, the farthest of ``REACHES`` at which the class stays; ``low``, ``start``, ``high``:
    the property's mean at one end, at the codes themselves and at the other end, in its own unit; ``effect``: what
    ``high`` is above ``low``, in ``unit``; ``spearman``: the rank correlation of step and property along the way,
    averaged over the images; ``class_consistency``: the share of images whose predicted class is at both ends that of
    the reconstruction.
    """
    def images_at(step: float) -> np.ndarray:
        return model.render(model.generate(Latents(z + step * direction, labels)))

    spread, middle = float((z @ direction).std()), images_at(0.0)
    predicted = predictions.predict(classifier, middle)
    for reach in REACHES:
        ends = [images_at(-reach * spread), images_at(reach * spread)]
        kept = [predictions.predict(classifier, x) == predicted for x in ends]
        consistency = float((kept[0] & kept[1]).double().mean())
        if consistency >= MIN_CONSISTENCY:
            break
    inner = [images_at(float(t) * spread) for t in np.linspace(-reach, reach, STEPS)[1:-1] if t]
    images = [ends[0], *inner[: len(inner) // 2], middle, *inner[len(inner) // 2 :], ends[1]]
    measured = np.stack([PROPERTIES[name](x) for x in images])  # [STEPS, N]
    low, start, high = (float(measured[k].mean()) for k in (0, STEPS // 2, -1))
    return {
        "reach": round(reach * spread, 3), "low": round(low, 3), "start": round(start, 3), "high": round(high, 3),
        "effect": round((high - low) / unit, 3) if unit else 0.0,
        "spearman": round(float(rank_correlation(measured).mean()), 3), "class_consistency": round(consistency, 4),
    }
