"""Unsupervised classification: codes are matched one-to-one to the classes with which they agree most often.

The metric of InfoGAN (Chen et al. 2016, section 7.2) and of clustering in general.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from torch import Tensor


def confusion_matrix(codes: Tensor, labels: Tensor, categories: int, classes: int) -> np.ndarray:
    """Counts [categories, classes] of each pair of code and label; int64 [N] each."""
    return (codes * classes + labels).bincount(minlength=categories * classes).view(categories, classes).numpy()


def match_classes(counts: np.ndarray) -> np.ndarray:
    """Counts [K, C] -> the class of each code, int64 [K]; no class twice, largest total count (Kuhn 1955).

    -1 for the codes left over where there are more codes than classes.
    """
    classes = np.full(len(counts), -1)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    classes[rows] = columns
    return classes


def clustering_error(counts: np.ndarray, classes: np.ndarray) -> float:
    """The share of counts [K, C] outside the matching ``classes`` [K], which should come from other images."""
    matched = classes >= 0
    return 1 - counts[matched, classes[matched]].sum() / counts.sum()
