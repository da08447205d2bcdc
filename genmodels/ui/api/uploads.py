"""Uploaded image files: checked before pixels are decoded, decoded in memory, framed like the model's data set."""

from __future__ import annotations

import base64
import io
import warnings

import numpy as np
from PIL import Image, ImageOps

from genmodels.images import center_by_mass, resize_to_fit
from genmodels.ui.text import Refusal

MAX_BYTES = 8_000_000  # of the file
MAX_PIXELS = 16_000_000  # of the image
FORMATS = ["PNG", "JPEG", "WEBP", "GIF", "BMP"]


def decode_upload(source: str) -> np.ndarray:
    """An image file as base64 or data URI -> its gray levels, float32 [H, W], 0 to 255.

    Refusal where the file is too large or is no image. Nothing is written to disk.
    """
    if not isinstance(source, str) or not source:
        raise Refusal("no_picture")
    image = _open(source)
    try:
        return _gray(image)
    except (ValueError, OSError, SyntaxError) as error:
        raise Refusal("picture_damaged", detail=str(error)) from None


def frame_digit(levels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Gray levels [H, W] of a digit on paper -> uint8 [height, width], bright ink on black, framed as in MNIST.

    Refusal where there is no ink.
    """
    try:
        framed = center_by_mass(_foreground(levels))
    except ValueError:
        raise Refusal("no_ink") from None
    return framed if framed.shape == (height, width) else resize_to_fit(framed, height, width)


def frame_photo(levels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Gray levels [H, W] of a photograph -> uint8 [height, width], cropped to these proportions about its center."""
    return resize_to_fit(levels, height, width)


def _open(source: str) -> Image.Image:
    """The image, before its pixels are decoded."""
    text = source.split(",", 1)[1] if source.startswith("data:") and "," in source else source
    if len(text) > MAX_BYTES * 4 / 3 + 4:
        raise Refusal("file_too_large", limit=MAX_BYTES // 1_000_000)
    try:
        raw = base64.b64decode(text, validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our limit is lower than Pillow's
            image = Image.open(io.BytesIO(raw), formats=FORMATS)
    except Image.DecompressionBombError:
        raise Refusal("megapixels_unknown", limit=MAX_PIXELS // 1_000_000) from None
    except (ValueError, OSError, SyntaxError):
        raise Refusal("not_a_picture") from None
    if image.width * image.height > MAX_PIXELS:
        raise Refusal("megapixels", given=round(image.width * image.height / 1e6), limit=MAX_PIXELS // 1_000_000)
    return image


def _gray(image: Image.Image) -> np.ndarray:
    """Gray levels 0 to 255, float32 [H, W], upright by its EXIF orientation, on white where it is transparent."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits per pixel, which convert("L") would clip at 255
        return np.asarray(image, np.float32) / 257
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(image.convert("L"), np.float32)


def _foreground(levels: np.ndarray) -> np.ndarray:
    """The ink at each pixel: its difference from the background, whose level is the median of the border."""
    border = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    background = float(np.median(border))
    ink = levels - background if background < 128 else background - levels
    return np.clip(ink, 0, 255)
