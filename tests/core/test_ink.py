"""Handwriting found in photos of all kinds: what is found is the digit that was written, and nothing else."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from genmodels.data.synthetic import draw_digit
from genmodels.images import center_by_mass
from genmodels.ink import find_ink

HEIGHT, WIDTH = 400, 300
PAPER, INK = np.array([224, 221, 214.0]), np.array([45, 45, 70.0])
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH] / np.array([HEIGHT, WIDTH]).reshape(2, 1, 1)


def written(digit: int, size: int = 200) -> np.ndarray:
    """A digit as a pen writes it, [size, size], 0 to 1."""
    large = np.asarray(Image.fromarray(draw_digit(digit, 3)).resize((size, size), Image.Resampling.BICUBIC), float)
    return np.clip((ndimage.gaussian_filter(large / 255, size / 90) - 0.42) / 0.16, 0, 1)


def outline(stroke: np.ndarray, width: int) -> np.ndarray:
    """The same digit written with a thinner pen."""
    middle = ndimage.distance_transform_edt(stroke > 0.5)
    ridge = (middle >= ndimage.maximum_filter(middle, 3) - 0.5) & (stroke > 0.5)
    thin = ndimage.binary_dilation(ndimage.binary_closing(ridge, iterations=2), iterations=width)
    return ndimage.gaussian_filter(thin.astype(float), 0.6)


def photo(stroke: np.ndarray, paper=PAPER, ink=INK, light=1.0, printed=None, top=0.25, left=0.17, noise=2.5,
          surround=None) -> np.ndarray:
    """A photo, uint8 [HEIGHT, WIDTH, 3], through JPEG.

    ``light`` and ``printed``, the share of blue print, are given per pixel; ``surround`` is painted over all.
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
    "a finger at the edge": {"surround": (np.hypot(Y - 1, X - 0.95) < 0.15, (190, 140, 120))},
}


def agreement(found: np.ndarray, digit: int) -> float:
    """The correlation of the framed picture with the framed digit, which rounding may shift by a pixel."""
    wanted, framed = center_by_mass(written(digit) * 255), center_by_mass(found * 255)
    shifted = [np.roll(framed, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return max(float(np.corrcoef(image.ravel(), wanted.ravel())[0, 1]) for image in shifted)


@pytest.mark.parametrize("kind", PHOTOS)
def test_the_digit_is_found_and_nothing_else(kind):
    for digit in (3, 4, 7):
        found = find_ink(photo(written(digit), **PHOTOS[kind])).characters
        assert len(found) == 1 and agreement(found[0], digit) > 0.95


@pytest.mark.parametrize(("size", "top", "left"), [(40, 0.6, 0.6), (90, 0.75, 0.68), (280, 0.1, 0.03)])
def test_the_digit_is_found_at_any_size_and_place(size, top, left):
    found = find_ink(photo(written(5, size), top=top, left=left)).characters
    assert len(found) == 1 and agreement(found[0], 5) > 0.93


@pytest.mark.parametrize("kind", ["evenly lit", "squared paper", "a gradient of 60 %"])
def test_a_faint_pencil_is_found_and_made_no_fainter(kind):
    found = find_ink(photo(outline(written(2), 1), ink=(150, 150, 150), **PHOTOS[kind])).characters
    assert len(found) == 1 and agreement(found[0], 2) > 0.6
    assert center_by_mass(found[0] * 255).mean() > 0.35 * center_by_mass(written(2) * 255).mean()


EMPTY = np.zeros((200, 200))


@pytest.mark.parametrize("kind", ["evenly lit", "a gradient of 60 %", "a vignette", "grain", "ruled paper",
                                  "squared paper", "a dim room"])
def test_on_empty_paper_nothing_is_found(kind):
    found = find_ink(photo(EMPTY, **PHOTOS[kind]))
    assert found.characters == [] and not found.levels.any()


@pytest.mark.parametrize("kind", ["evenly lit", "a gradient of 60 %", "ruled paper", "a blackboard"])
@pytest.mark.parametrize("digits", [(4, 2), (2, 0, 1, 4)])
def test_digits_side_by_side_are_told_apart(kind, digits):
    row = np.hstack([written(digit, 56) for digit in digits])
    square = np.zeros((row.shape[1], row.shape[1]))
    square[: row.shape[0]] = row
    found = find_ink(photo(square, **PHOTOS[kind])).characters
    assert len(found) == len(digits)
    for character, digit in zip(found, digits, strict=True):
        assert agreement(character, digit) > 0.9


@pytest.mark.parametrize("background", [0, 255])
def test_a_drawing_is_found_up_to_the_edges_and_its_strokes_belong_together(background):
    drawing = np.zeros((280, 280))
    drawing[:20, 40:240] = 1  # the bar of a 5, apart from the rest
    drawing[40:, 40:60] = drawing[260:, 60:240] = 1
    picture = np.repeat(np.abs(background - 255 * drawing).astype(np.uint8)[..., None], 3, 2)
    [found] = find_ink(picture).characters
    assert found.shape == (280, 200) and (found[:20] == 1).all()


def test_a_large_circle_is_no_frame():
    circle = np.abs(np.hypot(*(np.mgrid[0:200, 0:200] - 99.5)) - 96) < 3
    [found] = find_ink(np.repeat(circle[..., None] * np.uint8(255), 3, 2)).characters
    assert min(found.shape) >= 198


def test_no_picture_fails():
    rng = np.random.default_rng(0)
    for _ in range(150):
        height, width = rng.integers(1, 60, 2)
        picture = rng.integers(0, 256, (height, width, 3)) * (rng.random((height, width, 1)) < rng.random())
        if rng.random() < 0.5:
            picture = ndimage.uniform_filter(picture, (rng.integers(1, 9), rng.integers(1, 9), 1))
        for character in find_ink(picture.astype(np.uint8)).characters:
            assert center_by_mass(character * 255).max() == 255
