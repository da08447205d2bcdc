"""Uploaded image files: checked before pixels are decoded, decoded in memory, framed like the model's data set."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image
from PIL.Image import Transpose

from genmodels.images import center_by_mass, resize_to_fit, to_gray
from genmodels.ink import MOST_CHARACTERS, find_ink
from genmodels.ui.text import Refusal

MAX_BYTES = 8_000_000  # of the file
MAX_PIXELS = 16_000_000  # of the image, and of the further frames of an animation together
MAX_FRAMES = 100  # that are looked at
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
AVIF = "AVIF"  # which Pillow reads from 11.3 on
MEDIA_TYPES = tuple(f"image/{name.lower()}" for name in FORMATS)
DARK = 64  # levels; a picture whose brightest pixel is darker shows fewer bits than its file could hold
FLAT = 4.0  # levels, standard deviation; a frame of an animation with less shows nothing
ORIENTATION = 0x0112  # tag of EXIF
UPRIGHT = {2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM,
           5: Transpose.TRANSPOSE, 6: Transpose.ROTATE_270, 7: Transpose.TRANSVERSE, 8: Transpose.ROTATE_90}


@dataclass(frozen=True)
class Digits:
    """The digits in a picture: one, or several and then all of the ink as if it were one, in pieces."""

    ink: np.ndarray  # uint8 [h, w], of the whole picture
    framed: np.ndarray  # uint8 [n, H, W], left to right; n is 1 or, for a number of digits, one more than that


def decode_upload(source: str) -> np.ndarray:
    """An image file as base64 or data URI -> its colors, uint8 [H, W, 3], upright by its EXIF orientation.

    Refusal where the file is too large or is no image. Nothing is written to disk.
    """
    if not source:
        raise Refusal("no_picture")
    shown, most = None, -1.0
    for frame in _frames(_open(source)):
        contrast = float(frame.std())
        if contrast > most:
            shown, most = frame, contrast
        if contrast >= FLAT:
            break
    return shown


def frame_digits(picture: np.ndarray, height: int, width: int) -> Digits:
    """The digits in a picture [H, W, 3], bright on black and framed as in MNIST.

    Refusal where there is no ink, or more than ``MOST_CHARACTERS``.
    """
    brightest = int(picture.max())
    ink = find_ink(picture * np.uint8(255 // brightest) if 0 < brightest < DARK else picture)
    if not ink.characters:
        raise Refusal("no_ink")
    if len(ink.characters) > MOST_CHARACTERS:
        raise Refusal("too_many_marks", most=MOST_CHARACTERS)
    pieces = ink.characters if len(ink.characters) == 1 else [*ink.characters, ink.whole]
    framed = [center_by_mass(piece * 255) for piece in pieces]
    if framed[0].shape != (height, width):
        framed = [resize_to_fit(digit, height, width) for digit in framed]
    return Digits((ink.levels * 255).astype(np.uint8), np.stack(framed))


def frame_photo(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """A photograph [H, W, 3] -> gray, uint8 [height, width], cropped to these proportions about its center."""
    return resize_to_fit(gray_levels(picture), height, width)


def gray_levels(picture: np.ndarray) -> np.ndarray:
    """Colors [H, W, 3] -> uint8 [H, W]."""
    return np.array(Image.fromarray(picture).convert("L"))


def _open(source: str) -> Image.Image:
    """The image, before its pixels are decoded."""
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
    except Exception:  # of any kind: Pillow's readers check little of what they read
        raise Refusal("not_a_picture") from None
    if image.width * image.height > MAX_PIXELS:
        raise Refusal("megapixels", given=round(image.width * image.height / 1e6), limit=MAX_PIXELS // 1_000_000)
    return image


def _readable_formats() -> list[str]:
    Image.init()
    return [name for name in (*FORMATS, AVIF) if name in Image.OPEN]


def _frames(image: Image.Image) -> Iterator[np.ndarray]:
    """The one image, or the frames of an animation as far as they are undamaged, as uint8 [H, W, 3].

    Refusal where not even the first can be decoded.
    """
    further = 0  # pixels of further frames, which may be larger than the first
    for index in range(MAX_FRAMES):
        try:
            if index:
                image.seek(index)  # EOFError after the last one
                further += image.width * image.height
                if further > MAX_PIXELS:
                    return
            frame = _colors(_upright(image))
        except Exception:  # of any kind, see ``_open``
            if index:
                return
            raise Refusal("picture_damaged") from None
        yield frame


def _upright(image: Image.Image) -> Image.Image:
    """The image turned as its EXIF says; as it is where that cannot be read, as browsers show it."""
    image.load()
    try:
        turn = UPRIGHT.get(image.getexif().get(ORIENTATION))
    except Exception:  # of any kind, see ``_open``
        return image
    return image if turn is None else image.transpose(turn)


def _colors(image: Image.Image) -> np.ndarray:
    """The colors of an image in any mode, uint8 [H, W, 3].

    What is transparent becomes white, or black around light drawings, as in ``fillBehind`` of sketchpad.js.
    """
    if image.mode[0] in "IF":
        return np.repeat(to_gray(image)[..., None], 3, -1)
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        opacity = np.asarray(image.getchannel("A"), np.float32)
        brightness = np.average(np.asarray(image.convert("L")), weights=opacity) if opacity.any() else 0
        backdrop = "black" if opacity.mean() < 128 <= brightness else "white"
        image = Image.alpha_composite(Image.new("RGBA", image.size, backdrop), image)
    return np.asarray(image.convert("RGB"))
