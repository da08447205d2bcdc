"""Properties of handwriting, from the pixels alone: uint8 [N, 28, 28] -> float64 [N]; 0 for a blank image.

Slant, thickness, width and height are those of Morpho-MNIST (Castro et al. 2019, arXiv:1809.10780), computed without
skeletons. The area of the holes distinguishes round handwriting from narrow. ValueError for images in color.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from genmodels.images import require_gray

THRESHOLD = 127  # gray levels above it are ink, for the properties that need a binary image


def slant(images: np.ndarray) -> np.ndarray:
    """Shift to the right per pixel upwards, as italics lean: -mu11 / mu02 of the central moments (Hu 1962)."""
    require_gray(images, "handwriting is measured")
    ink = images.astype(np.float64)
    y, x = np.mgrid[: ink.shape[1], : ink.shape[2]]
    mass = ink.sum((1, 2))
    dx = x - _ratio((ink * x).sum((1, 2)), mass)[:, None, None]
    dy = y - _ratio((ink * y).sum((1, 2)), mass)[:, None, None]
    return _ratio(-(ink * dx * dy).sum((1, 2)), (ink * dy**2).sum((1, 2)))


def thickness(images: np.ndarray) -> np.ndarray:
    """Mean width of the stroke in pixels: the area of the ink over half its perimeter, which is twice its length.

    Averaged over all thresholds at once: area and perimeter of the level sets integrate to the sum and to the total
    variation of the image (the coarea formula, Federer 1959), so no threshold has to be chosen.
    """
    require_gray(images, "handwriting is measured")
    ink = np.pad(images.astype(np.float64), ((0, 0), (1, 1), (1, 1)))
    down, right = np.diff(ink, axis=1)[:, :, :-1], np.diff(ink, axis=2)[:, :-1, :]
    return _ratio(2 * ink.sum((1, 2)), np.hypot(down, right).sum((1, 2)))


def width(images: np.ndarray) -> np.ndarray:
    """Columns, in pixels, from the first to the last with ink above the threshold."""
    require_gray(images, "handwriting is measured")
    return _extent((images > THRESHOLD).any(1))


def height(images: np.ndarray) -> np.ndarray:
    """Rows, in pixels, from the first to the last with ink above the threshold."""
    require_gray(images, "handwriting is measured")
    return _extent((images > THRESHOLD).any(2))


def hole_area(images: np.ndarray) -> np.ndarray:
    """Background pixels that the ink encloses, over all holes."""
    require_gray(images, "handwriting is measured")
    background = np.pad(images <= THRESHOLD, ((0, 0), (1, 1), (1, 1)), constant_values=True)
    plane = np.zeros((3, 3, 3), int)
    plane[1] = [[0, 1, 0], [1, 1, 1], [0, 1, 0]]  # pixels connect edge to edge, and never from image to image
    regions, _ = ndimage.label(background, plane)
    outside = regions[:, :1, :1]
    return (background & (regions != outside)).sum((1, 2)).astype(np.float64)


PROPERTIES = {"slant": slant, "thickness": thickness, "width": width, "height": height, "hole area": hole_area}


def _extent(inked: np.ndarray) -> np.ndarray:
    """bool [N, L] -> distance from the first to the last that is set, both included."""
    first, last = inked.argmax(1), inked.shape[1] - inked[:, ::-1].argmax(1)
    return np.where(inked.any(1), last - first, 0).astype(np.float64)


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator != 0)
