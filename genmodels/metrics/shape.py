"""What handwriting is described by, from the pixels alone: uint8 [N, 28, 28] -> float64 [N]; 0 without ink.

Slant, thickness, width and height are those of Morpho-MNIST (Castro et al. 2019, arXiv:1809.10780), less its skeletons;
the loop is what tells a round hand from a narrow one.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

HALF = 127  # grey levels above it are ink, where that has to be said


def slant(images: np.ndarray) -> np.ndarray:
    """Pixels to the right a pixel upwards, as italics lean: -mu11 / mu02 of the ink's central moments (Hu 1962)."""
    ink = images.astype(np.float64)
    y, x = np.mgrid[: ink.shape[1], : ink.shape[2]]
    mass = ink.sum((1, 2))
    dx = x - _ratio((ink * x).sum((1, 2)), mass)[:, None, None]
    dy = y - _ratio((ink * y).sum((1, 2)), mass)[:, None, None]
    return _ratio(-(ink * dx * dy).sum((1, 2)), (ink * dy**2).sum((1, 2)))


def thickness(images: np.ndarray) -> np.ndarray:
    """Mean width of the stroke in pixels: the ink's area over half its perimeter, which is twice its length.

    Averaged over all thresholds at once: area and perimeter of the level sets integrate to the sum and to the total
    variation of the picture (the coarea formula, Federer 1959), so no grey level has to be called ink or paper.
    """
    ink = np.pad(images.astype(np.float64), ((0, 0), (1, 1), (1, 1)))
    down, right = np.diff(ink, axis=1)[:, :, :-1], np.diff(ink, axis=2)[:, :-1, :]
    return _ratio(2 * ink.sum((1, 2)), np.hypot(down, right).sum((1, 2)))


def width(images: np.ndarray) -> np.ndarray:
    """Columns, in pixels, from the first to the last with ink of at least half strength."""
    return _extent((images > HALF).any(1))


def height(images: np.ndarray) -> np.ndarray:
    """Rows, in pixels, from the first to the last with ink of at least half strength."""
    return _extent((images > HALF).any(2))


def loop(images: np.ndarray) -> np.ndarray:
    """Pixels of paper that the ink encloses, in all loops together."""
    paper = np.pad(images <= HALF, ((0, 0), (1, 1), (1, 1)), constant_values=True)
    plane = np.zeros((3, 3, 3), int)
    plane[1] = [[0, 1, 0], [1, 1, 1], [0, 1, 0]]  # paper joins edge to edge, and never from picture to picture
    regions, _ = ndimage.label(paper, plane)
    outside = regions[:, :1, :1]
    return (paper & (regions != outside)).sum((1, 2)).astype(np.float64)


PROPERTIES = {"slant": slant, "thickness": thickness, "width": width, "height": height, "hole area": loop}


def _extent(inked: np.ndarray) -> np.ndarray:
    """bool [N, L] -> places from the first to the last that is set."""
    first, last = inked.argmax(1), inked.shape[1] - inked[:, ::-1].argmax(1)
    return np.where(inked.any(1), last - first, 0).astype(np.float64)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)
