"""Images as they travel in JSON: their shape, and their pixels as base64."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

from genmodels.ui.text import Text, to_json


def encode_images(images: np.ndarray, alt: Sequence[Text] = (), **more: object) -> dict:
    """uint8 [n, H, W] or [n, H, W, 3] -> ``{"shape", "pixels"}``, with whatever else belongs to the answer.

    ``alt`` describes the images, in English; ``words`` refers to the same sentences, for the page to put them into the
    visitor's language: ``{"alt": [{"key", "values"}, ...]}``.
    """
    worded = {"alt": [str(text) for text in alt], "words": {"alt": to_json(alt)}} if alt else {}
    return {"shape": list(images.shape), "pixels": encode_pixels(images), **worded, **more}


def decode_images(payload: dict) -> np.ndarray:
    """``{"shape", "pixels"}`` -> uint8 of that shape."""
    return np.frombuffer(base64.b64decode(payload["pixels"]), np.uint8).reshape(payload["shape"])


def encode_pixels(pixels: np.ndarray) -> str:
    """uint8 of any shape, row by row, as base64."""
    return base64.b64encode(np.ascontiguousarray(pixels)).decode()
