"""Uploaded image files: checked before pixels are decoded, decoded in memory, framed like the model's data set."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from genmodels.images import center_by_mass, resize_to_fit, to_gray
from genmodels.ink import find_ink
from genmodels.ui.text import Refusal

MAX_BYTES = 8_000_000  # of the file
MAX_PIXELS = 16_000_000  # of the image, of all of its frames four times as many
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF")
DARK = 64  # levels; a picture whose brightest pixel is darker shows fewer bits than its file could hold
FLAT = 4.0  # levels, standard deviation; a frame of an animation with less shows nothing


@dataclass(frozen=True)
class Digits:
    """The digits in a picture: ``ink`` uint8 [h, w] of the whole picture, ``framed`` uint8 [n, H, W], n >= 1."""

    ink: np.ndarray
    framed: np.ndarray


def decode_upload(source: str) -> np.ndarray:
    """An image file as base64 or data URI -> its colors, uint8 [H, W, 3], upright by its EXIF orientation.

    Refusal where the file is too large or is no image. Nothing is written to disk.
    """
    if not source:
        raise Refusal("no_picture")
    image = _open(source)
    try:
        return max(_frames(image), key=lambda frame: min(float(frame.std()), FLAT))  # the first that shows something
    except (ValueError, OSError, SyntaxError) as error:
        raise Refusal("picture_damaged", detail=str(error)) from None


def frame_digits(picture: np.ndarray, height: int, width: int) -> Digits:
    """The digits in a picture [H, W, 3], bright on black and framed as in MNIST, left to right.

    Refusal where there is no ink.
    """
    ink = find_ink(picture)
    framed = [center_by_mass(character * 255) for character in ink.characters]
    if not framed:
        raise Refusal("no_ink")
    if framed[0].shape != (height, width):
        framed = [resize_to_fit(digit, height, width) for digit in framed]
    return Digits((ink.levels * 255).astype(np.uint8), np.stack(framed))


def frame_photo(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """A photograph [H, W, 3] -> gray, uint8 [height, width], cropped to these proportions about its center."""
    return resize_to_fit(gray_levels(picture), height, width)


def gray_levels(picture: np.ndarray) -> np.ndarray:
    """Colors [H, W, 3] -> uint8 [H, W]."""
    return np.asarray(Image.fromarray(picture).convert("L"))


def _open(source: str) -> Image.Image:
    """The image, before its pixels are decoded."""
    if not isinstance(source, str):
        raise Refusal("no_base64")
    text = source.split(",", 1)[1] if source.startswith("data:") and "," in source else source
    if len(text) > MAX_BYTES * 3 / 2:
        raise Refusal("file_too_large", limit=MAX_BYTES // 1_000_000)
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise Refusal("no_base64") from None
    if len(raw) > MAX_BYTES:
        raise Refusal("file_too_large", limit=MAX_BYTES // 1_000_000)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our limit is lower than Pillow's
            image = Image.open(io.BytesIO(raw), formats=_readable_formats())
    except Image.DecompressionBombError:
        raise Refusal("megapixels_unknown", limit=MAX_PIXELS // 1_000_000) from None
    except (ValueError, OSError, SyntaxError):
        raise Refusal("not_a_picture") from None
    if image.width * image.height > MAX_PIXELS:
        raise Refusal("megapixels", given=round(image.width * image.height / 1e6), limit=MAX_PIXELS // 1_000_000)
    return image


def _readable_formats() -> list[str]:
    """``FORMATS`` without those that this Pillow cannot read: AVIF before 11.3."""
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _frames(image: Image.Image) -> Iterator[np.ndarray]:
    """The frames of an animation, else the one image, as uint8 [H, W, 3]; up to the first that is not blank."""
    count = min(getattr(image, "n_frames", 1), max(1, 4 * MAX_PIXELS // (image.width * image.height)))
    for index in range(count):
        if count > 1:
            image.seek(index)
        frame = _colors(ImageOps.exif_transpose(image))
        yield frame
        if frame.std() >= FLAT:
            return


def _colors(image: Image.Image) -> np.ndarray:
    """The colors of an image in any mode, uint8 [H, W, 3]; what is transparent becomes white, or black around light
    drawings."""
    if image.mode[0] in "IF":
        return np.repeat(to_gray(image)[..., None], 3, -1)
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        opacity = np.asarray(image.getchannel("A"), np.float32)
        brightness = np.average(np.asarray(image.convert("L")), weights=opacity) if opacity.any() else 0
        backdrop = "black" if opacity.mean() < 128 <= brightness else "white"
        image = Image.alpha_composite(Image.new("RGBA", image.size, backdrop), image)
    colors = np.asarray(image.convert("RGB"))
    brightest = int(colors.max())
    return colors * np.uint8(255 // brightest) if 0 < brightest < DARK else colors
