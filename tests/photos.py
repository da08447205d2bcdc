"""Photos of digits on paper, of many kinds: what a phone, a scanner or a bad lamp makes of a pen's strokes."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from scipy import ndimage

from genmodels.data.synthetic import draw_digit

HEIGHT, WIDTH = 400, 300
PAPER, INK = np.array([224, 221, 214.0]), np.array([45, 45, 70.0])
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH] / np.array([HEIGHT, WIDTH]).reshape(2, 1, 1)


def written(digit: int | np.ndarray, size: int = 200) -> np.ndarray:
    """A digit, or a small image of one, uint8 [h, w], as a pen writes it: [size, size], 0 to 1."""
    image = digit if isinstance(digit, np.ndarray) else draw_digit(digit, 3)
    large = np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC), float)
    return np.clip((ndimage.gaussian_filter(large / 255, size / 90) - 0.42) / 0.16, 0, 1)


def outline(stroke: np.ndarray, width: int) -> np.ndarray:
    """The same digit written with a thinner pen."""
    middle = ndimage.distance_transform_edt(stroke > 0.5)
    ridge = (middle >= ndimage.maximum_filter(middle, 3) - 0.5) & (stroke > 0.5)
    thin = ndimage.binary_dilation(ndimage.binary_closing(ridge, iterations=2), iterations=width)
    return ndimage.gaussian_filter(thin.astype(float), 0.6)


def photo(stroke: np.ndarray, paper=PAPER, ink=INK, light=1.0, printed=None, top=0.25, left=0.17, noise=2.5,
          surround=None, bars=None) -> np.ndarray:
    """A photo, uint8 [HEIGHT, WIDTH, 3], through JPEG.

    ``light`` and ``printed``, the share of blue print, are given per pixel; ``surround`` is painted over all; ``bars``
    is the level of what a screenshot has above and below a photo.
    """
    marks = np.zeros((HEIGHT, WIDTH, 1))
    y, x = int(top * HEIGHT), int(left * WIDTH)
    marks[y : y + len(stroke), x : x + len(stroke), 0] = stroke
    picture = np.ones((HEIGHT, WIDTH, 3)) * paper
    if printed is not None:
        picture += printed[..., None] * (np.array([120, 140, 210]) - picture)
    picture = (picture * (1 - marks) + marks * np.array(ink)) * np.broadcast_to(light, (HEIGHT, WIDTH))[..., None]
    if surround is not None:
        covered, color = surround
        picture[covered] = color
    picture += np.random.default_rng(0).normal(0, noise, picture.shape)
    if bars is not None:
        picture[np.abs(Y - 0.5) > 0.21] = bars
    file = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(file, "jpeg", quality=85)
    return np.asarray(Image.open(file))


def shadow(edge: np.ndarray, depth: float, sharpness: float) -> np.ndarray:
    return 1 - depth / (1 + np.exp(edge * sharpness))


def ruled(spacing: int, across: bool = False) -> np.ndarray:
    level = (Y * HEIGHT + 0.03 * X * WIDTH) % spacing < 2
    upright = (X * WIDTH - 0.03 * Y * HEIGHT) % spacing < 2
    return (level | upright if across else level) * 0.6


def tilted_sheet(border: float) -> np.ndarray:
    """Where a desk shows around a sheet."""
    y, x = Y - 0.5 + 0.07 * (X - 0.5), X - 0.5 - 0.12 * (Y - 0.5)
    return (np.abs(y) > 0.5 - border) | (np.abs(x) > 0.5 - border)


FRAME = np.minimum.reduce([Y * HEIGHT, X * WIDTH, (1 - Y) * HEIGHT, (1 - X) * WIDTH])
SPECKS = (np.hypot(Y * HEIGHT - 350, X * WIDTH - 270) < 3) | (np.hypot(Y * HEIGHT - 40, X * WIDTH - 30) < 2)
PHOTOS = {
    "evenly lit": {},
    "a gradient of 9 %": {"light": 1 - 0.09 * X},
    "a gradient of 60 %": {"light": 1 - 0.6 * (X + Y) / 2},
    "a vignette": {"light": 1 - 1.1 * ((X - 0.5) ** 2 + (Y - 0.5) ** 2)},
    "the shadow of a hand": {"light": np.minimum(shadow(0.75 - X, 0.4, 40), shadow(0.7 - Y, 0.4, 40))},
    "a shadow with a sharp edge": {"light": shadow(Y - 0.15 - 0.1 * X, 0.5, 300)},
    "a shadow across the digit": {"light": shadow(X - 0.5 + 0.3 * (Y - 0.5), 0.35, 80)},
    "a dim room": {"paper": (100, 100, 96), "ink": (25, 25, 30), "noise": 5},
    "gray paper": {"paper": (110, 108, 105), "ink": (28, 28, 40)},
    "brown paper": {"paper": (120, 90, 60), "ink": (25, 20, 22)},
    "a blackboard": {"paper": (50, 55, 52), "ink": (225, 225, 220)},
    "a gray slate": {"paper": (125, 140, 132), "ink": (228, 230, 226)},
    "grain": {"noise": 12},
    "ruled paper": {"printed": ruled(24)},
    "squared paper": {"printed": ruled(20, across=True)},
    "squared paper in shadow": {"printed": ruled(18, across=True), "light": 1 - 0.4 * Y},
    "yellow marker": {"ink": (240, 225, 70)},
    "red pen": {"ink": (200, 50, 50)},
    "a desk around the sheet": {"surround": (tilted_sheet(0.08), (60, 45, 35))},
    "a bright desk": {"surround": (tilted_sheet(0.06), (190, 184, 172))},
    "a frame": {"surround": (FRAME < 4, INK)},
    "a frame inside the edge": {"surround": ((FRAME > 8) & (FRAME < 12), INK)},
    "specks": {"surround": (SPECKS, INK)},
    "black bars": {"bars": 0},
    "white bars": {"bars": 255},
    "too bright, but shaded in the fold": {"light": np.minimum(1.3, 0.3 + 2 * X)},
    "a finger at the edge": {"surround": (np.hypot(Y - 1, X - 0.95) < 0.15, (190, 140, 120))},
}
