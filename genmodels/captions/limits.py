"""What the words mean in pixels: limits between the values of a property, found in the digits of a data set."""

from __future__ import annotations

import numpy as np

from genmodels import morphology
from genmodels.captions.words import UNSAID

MEASURED = (morphology.thickness, morphology.slant, morphology.width)  # the properties after the digit, in their order
WIDTH = 2  # the one that is told within a digit: a wide one is narrower than a narrow zero
ROWS = 1_000  # images at a time: fewer fit the processor's cache
DEAD_BAND = 0.05  # to either side of a limit, as a share of the distance between the two; there no word fits


def measure(images: np.ndarray) -> np.ndarray:
    """uint8 [N, H, W] -> thickness in pixels, slant and width in pixels: float64 [N, 3]."""
    parts = np.split(images, range(ROWS, len(images), ROWS))
    return np.concatenate([np.stack([function(part) for function in MEASURED], 1) for part in parts])


def fit_limits(measured: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """The two limits that part each property into thirds, float32 [classes, 3, 2].

    Widths are whole numbers of pixels and told within a digit: their limits lie halfway between two of them.
    """
    limits = np.empty((classes, len(MEASURED), 2))
    limits[:] = np.quantile(measured, (1 / 3, 2 / 3), axis=0).T
    for digit in range(classes):
        widths = measured[labels == digit, WIDTH]
        limits[digit, WIDTH] = _halves(widths if len(widths) else measured[:, WIDTH])
    return limits.astype(np.float32)


def _halves(widths: np.ndarray) -> tuple[float, float]:
    """The limits at half pixels whose shares of ``widths`` below are nearest to a third and to two thirds."""
    candidates = np.arange(widths.min(), max(widths.max(), widths.min() + 2)) + 0.5
    below = (widths[:, None] < candidates).mean(0)
    low = int(np.abs(below[:-1] - 1 / 3).argmin())
    high = low + 1 + int(np.abs(below[low + 1 :] - 2 / 3).argmin())
    return candidates[low], candidates[high]


def values_of(measured: np.ndarray, labels: np.ndarray, limits: np.ndarray, dead_band: bool = True) -> np.ndarray:
    """The digit and the value of each property, int64 [N, 4]; ``UNSAID`` where ``dead_band`` leaves it undecided."""
    low, high = limits[labels, :, 0], limits[labels, :, 1]
    values = (measured >= low).astype(np.int64) + (measured >= high)
    if dead_band:
        reach = DEAD_BAND * (high - low)
        undecided = (np.abs(measured - low) < reach) | (np.abs(measured - high) < reach)
        values[undecided] = UNSAID
    return np.concatenate([np.asarray(labels, np.int64)[:, None], values], 1)
