"""Does an image show what its caption says? Values asked for and measured: int64 [N, 4], as in ``captions``."""

from __future__ import annotations

import numpy as np

from genmodels.captions import PROPERTIES, UNSAID


def as_asked(asked: np.ndarray, measured: np.ndarray) -> list[list[float]]:
    """For each property and value, the share of the images asked to have it that do; nan where none was asked to."""
    def share(index: int, value: int) -> float:
        rows = asked[:, index] == value
        return float((measured[rows, index] == value).mean()) if rows.any() else float("nan")

    return [[share(index, value) for value in range(size)] for index, size in enumerate(PROPERTIES.values())]


def words_as_asked(asked: np.ndarray, measured: np.ndarray) -> float:
    """The share of all that was asked for, a word at a time, that is measured so."""
    said = asked != UNSAID
    return float((asked == measured)[said].mean())


def unseen_gap(asked: np.ndarray, measured: np.ndarray, shares: list[list[float]]) -> float:
    """By how much ``words_as_asked`` falls short of what the same words reach elsewhere: ``shares`` of ``as_asked``."""
    said = np.argwhere(asked != UNSAID)
    elsewhere = np.mean([shares[index][asked[row, index]] for row, index in said])
    return float(elsewhere) - words_as_asked(asked, measured)


def spread(values: np.ndarray, labels: np.ndarray) -> float:
    """Standard deviation of numbers [N] within the digits [N] that they were measured on."""
    variances = [np.square(values[labels == digit] - values[labels == digit].mean()) for digit in np.unique(labels)]
    return float(np.sqrt(np.concatenate(variances).mean()))
