"""Uploaded image files: one digit in many forms, and one clear message for what is no digit or no image."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, features

from genmodels.ui.api.uploads import decode_upload, frame_digits, frame_photo
from ui.helpers import DIGIT, DIGIT_FILE, LARGE_DIGIT, assert_refused, image_file, one_bit_png

# Rotated by 90 degrees, and with a resolution in letters.
ODD_EXIF = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHL4sHHL4sL", 2, 0x0112, 3, 1, b"\6\0\0\0",
                                                    0x011A, 2, 4, b"abc\0", 0)


def forms() -> dict[str, str]:
    """One digit in many files."""
    dark = Image.fromarray(255 - LARGE_DIGIT)  # ink on paper
    clear = Image.merge("RGBA", [*[Image.new("L", dark.size, 0)] * 3, Image.fromarray(LARGE_DIGIT)])
    gray = Image.fromarray((np.full_like(LARGE_DIGIT, 210) - LARGE_DIGIT * 0.6).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by 90 degrees
    return {
        "data URI": "data:image/png;base64," + DIGIT_FILE,
        "base64 with line breaks": base64.encodebytes(base64.b64decode(DIGIT_FILE)).decode(),
        "dark ink on light": image_file(dark),
        "gray ink on grayish paper": image_file(gray),
        "JPEG": image_file(dark, "JPEG"),
        "color": image_file(Image.merge("RGB", [dark, dark, Image.new("L", dark.size, 255)])),  # blue ink
        "CMYK JPEG": image_file(dark.convert("CMYK"), "JPEG"),
        "rotated JPEG": image_file(dark.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif),
        **{f"rotated {kind} with an odd tag": image_file(dark.transpose(Image.Transpose.ROTATE_90), kind, exif=ODD_EXIF)
           for kind in ("PNG", "JPEG", "WEBP")},
        "no EXIF where EXIF should be": image_file(dark, exif=b"Exif\0\0garbage!"),
        "16 bits": image_file((255 - LARGE_DIGIT).astype(np.uint16) * 257),
        "16 bits, light ink": image_file(LARGE_DIGIT.astype(np.uint16) * 257),
        "transparent": image_file(clear),
        "transparent gray": image_file(clear.convert("LA")),
        "white on transparent": image_file(Image.merge("LA", [Image.new("L", dark.size, 255),
                                                              Image.fromarray(LARGE_DIGIT)])),
        "12 bits in a file of 16": image_file((255 - LARGE_DIGIT).astype(np.uint16) * 16),
        "all of it very dark": image_file(LARGE_DIGIT // 8),
        "animated GIF, its first frame blank": image_file(Image.new("L", dark.size, 255), "GIF", save_all=True,
                                                          append_images=[dark]),
        "one bit": image_file(dark.convert("1")),
        "palette GIF": image_file(dark.convert("P"), "GIF"),
        "palette with transparency": image_file(dark.quantize(16), transparency=0),
        "animated GIF": image_file(dark, "GIF", save_all=True, append_images=[Image.fromarray(LARGE_DIGIT)]),
        "WebP": image_file(dark, "WEBP", quality=90),
        "BMP": image_file(dark, "BMP"),
        "wide margin": image_file(np.pad(LARGE_DIGIT, ((40, 700), (300, 10)))),
    }


@pytest.mark.parametrize("form", forms())
def test_the_same_digit_whatever_the_file(form):
    [decoded] = frame_digits(decode_upload(forms()[form]), 28, 28).framed.astype(int)
    assert decoded.shape == (28, 28) and np.abs(decoded - DIGIT).mean() < 3 and decoded.max() == 255


RAW = base64.b64decode(DIGIT_FILE)
REFUSED = {
    "nothing": ("", "draw something, upload a picture"),
    "no text": (None, "draw something, upload a picture"),
    "a number": (5, "as base64 or data URI"),
    "no base64": ("!?*", "as base64 or data URI"),
    "not even ASCII": ("ñandú", "as base64 or data URI"),
    "a path": ("photos/digit-5.png", "a path, an address or handle_file"),
    "an address": ("https://example.org/5.png", "a path, an address or handle_file"),
    "what handle_file makes": ({"path": "5.png", "meta": {"_type": "gradio.FileData"}}, "handle_file"),
    "an empty data URI": ("data:image/png;base64,", "not a picture that can be read"),
    "a text file": (base64.b64encode(b"I am a picture, honestly\n" * 9).decode(), "not a picture .* use PNG"),
    "a vector drawing": (base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode(), "not a picture"),
    "half a PNG": (base64.b64encode(RAW[: len(RAW) // 2]).decode(), "damaged"),
    "a PNG's first bytes": (base64.b64encode(RAW[:20]).decode(), "not a picture that can be read"),
    "25 megapixels": (one_bit_png(5000), "25 megapixels; the limit is 16"),
    "100 megapixels": (one_bit_png(10_000), "100 megapixels; the limit is 16"),
    "400 megapixels": (one_bit_png(20_000), "too many megapixels; the limit is 16"),
    "9 MB": (base64.b64encode(RAW + bytes(9_000_000)).decode(), "larger than 8 MB"),
    "white paper": (image_file(np.full((50, 50), 255, np.uint8)), "no ink"),
    "black paper": (image_file(np.zeros((50, 50), np.uint8)), "no ink"),
    "nearly white paper": (image_file(np.random.default_rng(0).integers(246, 256, (50, 50), np.uint8)), "no ink"),
    "all transparent": (image_file(Image.new("RGBA", (50, 50))), "no ink"),
    "a page of text": (image_file(np.pad(np.tile(LARGE_DIGIT, (4, 4)), 50)), "more than 12 separate marks"),
    "one pixel": (image_file(np.zeros((1, 1), np.uint8)), "no ink"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_files_that_are_refused(api, kind):
    image, words = REFUSED[kind]
    assert_refused(api.reconstruct, f"(?i){words}", image=image)


def animation(kind: str, *frames: np.ndarray, **options: object) -> str:
    first, *others = map(Image.fromarray, frames)
    return image_file(first, kind, save_all=True, append_images=others, **options)


def damaged_files() -> Iterator[bytes]:
    """Files of each format, still and moving, cut short or with bytes flipped, anywhere."""
    rng, small = np.random.default_rng(0), 255 - DIGIT
    blank = np.full_like(small, 255)
    kinds = {"PNG": {"exif": ODD_EXIF}, "JPEG": {"exif": ODD_EXIF}, "WEBP": {"exif": ODD_EXIF}, "GIF": {}, "BMP": {}}
    files = [image_file(small, kind, **options) for kind, options in kinds.items()]
    moving = ["PNG", "WEBP", "GIF", *(["AVIF"] if features.check("avif") else [])]
    files += [animation(kind, blank, blank - 1, small) for kind in moving]
    for raw in (np.frombuffer(base64.b64decode(file), np.uint8) for file in files):
        for _ in range(40):
            yield raw[: rng.integers(len(raw))].tobytes()
            broken = raw.copy()
            broken[rng.integers(0, len(raw), 3)] = rng.integers(0, 256, 3)
            yield broken.tobytes()


@pytest.mark.filterwarnings("ignore::UserWarning")  # of Pillow, on the damage
def test_damaged_files_never_end_in_a_traceback():
    for damaged in damaged_files():
        try:
            decoded = decode_upload(base64.b64encode(damaged).decode())
            assert frame_digits(decoded, 28, 28).framed.shape[1:] == frame_photo(decoded, 28, 28).shape == (28, 28)
        except ValueError as error:
            assert re.match("The picture|That file|There is no ink|There are more|Draw something", str(error))


@pytest.mark.parametrize(("at", "shown"), [(50, True), (150, False)])
def test_a_hundred_frames_of_an_animation_are_looked_at(at, shown):
    blank = [np.full_like(DIGIT, 254 + i % 2) for i in range(200)]
    decoded = decode_upload(animation("GIF", *blank[:at], 255 - DIGIT, *blank[at:]))
    assert (decoded.std() > 50) == shown


def test_of_an_animation_that_ends_early_the_frames_before_are_shown():
    raw = base64.b64decode(animation("GIF", DIGIT // 64, DIGIT // 64 + 1, 255 - DIGIT))
    assert (decode_upload(base64.b64encode(raw[: -len(raw) // 4]).decode())[..., 0] == DIGIT // 64).all()


def test_levels_are_decoded_as_they_are():
    assert (decode_upload(image_file(DIGIT // 5))[..., 0] == DIGIT // 5).all()
