"""Images as they travel in JSON: their shape, and their pixels as base64."""

from __future__ import annotations

import base64

import numpy as np


def encode_images(images: np.ndarray, **more: object) -> dict:
    """uint8 [n, H, W] -> ``{"shape", "pixels"}``, with whatever else belongs to the answer."""
    return {"shape": list(images.shape), "pixels": encode_pixels(images), **more}


def decode_images(payload: dict) -> np.ndarray:
    """``{"shape", "pixels"}`` -> uint8 [n, H, W]."""
    return np.frombuffer(base64.b64decode(payload["pixels"]), np.uint8).reshape(payload["shape"])


def encode_pixels(pixels: np.ndarray) -> str:
    """uint8 of any shape, row by row, as base64."""
    return base64.b64encode(np.ascontiguousarray(pixels)).decode()
