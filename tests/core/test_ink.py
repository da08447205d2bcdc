"""Handwriting found in photos of all kinds: what is found is the digit that was written, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from photos import PHOTOS, outline, photo, written
from PIL import Image, ImageDraw
from scipy import ndimage

from genmodels.images import center_by_mass
from genmodels.ink import MOST_CHARACTERS, find_ink


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
    if len(found.characters) <= MOST_CHARACTERS:  # else a pattern, such as that of squares
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


def drawn(*strokes: list[tuple[int, int]]) -> np.ndarray:
    """Lines of a pen 20 pixels wide on the drawing area, uint8 [280, 280, 3]."""
    area = Image.new("RGB", (280, 280))
    for stroke in strokes:
        ImageDraw.Draw(area).line(stroke, "white", 20)
    return np.asarray(area)


LINE, BAR = [(150, 40), (150, 240)], [(60, 40), (60, 140), (119, 140)]


def test_strokes_of_a_drawing_belong_together_if_they_are_closer_than_the_pen_is_wide():
    assert len(find_ink(drawn(LINE, BAR)).characters) == 1  # a 4 with a gap of 20 pixels
    four, two = [(40, 60), (20, 140), (80, 140)], [(160, 70), (240, 80), (160, 200), (250, 200)]
    assert len(find_ink(drawn(four, [(100, 60), (100, 200)], two)).characters) == 2


def test_several_characters_are_one_as_a_whole():
    ink = find_ink(drawn(LINE, [(40, 60), (40, 220)]))
    assert [character.shape for character in ink.characters] == [(161, 20), (201, 20)]
    assert ink.whole.shape == (201, 130)


@pytest.mark.parametrize(("count", "found"), [(12, 12), (13, 13), (40, 13)])
def test_a_page_of_text_is_not_taken_for_an_empty_one(count, found):
    bars = [[(x % 20 * 13 + 10, x // 20 * 100 + 50), (x % 20 * 13 + 10, x // 20 * 100 + 90)] for x in range(count)]
    page = Image.new("RGB", (280, 280))
    for bar in bars:
        ImageDraw.Draw(page).line(bar, "white", 3)
    assert len(find_ink(np.asarray(page)).characters) == found


def test_a_large_circle_is_no_frame():
    circle = np.abs(np.hypot(*(np.mgrid[0:200, 0:200] - 99.5)) - 96) < 3
    [found] = find_ink(np.repeat(circle[..., None] * np.uint8(255), 3, 2)).characters
    assert min(found.shape) >= 198


@pytest.mark.filterwarnings("error")
def test_no_picture_fails():
    rng = np.random.default_rng(0)
    for i in range(150):
        height, width = rng.integers(1, 60, 2) if i % 3 else [(1, 300), (300, 1)][i % 2]
        picture = rng.integers(0, 256, (height, width, 3)) * (rng.random((height, width, 1)) < rng.random())
        if rng.random() < 0.5:
            picture = ndimage.uniform_filter(picture, (rng.integers(1, 9), rng.integers(1, 9), 1))
        for character in find_ink(picture.astype(np.uint8)).characters:
            assert center_by_mass(character * 255).max() == 255
