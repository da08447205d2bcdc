"""A visitor's picture as the models of a data set take it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from genmodels.ui.api.uploads import decode_upload, frame_digits, frame_photo, gray_levels
from genmodels.ui.api.validation import check_int
from genmodels.ui.text import Refusal

KEPT_PICTURES = 8  # framed ones, for visitors who try several models or labels


@dataclass(frozen=True)
class Framed:
    """An upload as a model takes it: one image, or the pieces of ``uploads.Digits``."""

    images: np.ndarray  # uint8 [n, H, W]
    ink: np.ndarray | None = None  # uint8 [h, w], what was found where it was sought

    def piece(self, piece: object) -> np.ndarray:
        """The image that is meant, uint8 [H, W]; Refusal where there are several digits and none is named (-1)."""
        last = len(self.images) - 1
        number = check_int("piece", piece, -1, last)
        if last and number < 0:
            raise Refusal("several_digits", count=last, last=last - 1)
        return self.images[max(0, number)]


def frame_upload(image: object, dataset: dict[str, Any], center: bool) -> Framed:
    """An image file as text; more than one image where there are several digits in it.

    ``dataset``: the ``height``, ``width`` and ``framing`` of a data set. ``center`` as in ``reconstruct``.
    """
    if image and not isinstance(image, str):
        raise Refusal("no_base64")
    return _frame(image or "", (dataset["height"], dataset["width"]), dataset["framing"], bool(center))


@functools.lru_cache(KEPT_PICTURES)
def _frame(image: str, size: tuple[int, int], framing: str, center: bool) -> Framed:
    picture = decode_upload(image)
    if picture.shape[:2] == size and not center:
        return Framed(gray_levels(picture)[None])
    if framing == "photo":
        return Framed(frame_photo(picture, *size)[None])
    digits = frame_digits(picture, *size)
    return Framed(digits.framed, digits.ink)
