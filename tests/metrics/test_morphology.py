"""Properties of handwriting, on known shapes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from genmodels.morphology import PROPERTIES, height, hole_area, slant, thickness, width
from metrics.helpers import draw_bar


@pytest.mark.parametrize("lean", [-0.4, 0, 0.2, 0.5])
def test_slant_of_a_leaning_bar(lean):
    assert slant(draw_bar(lean=lean)[None])[0] == pytest.approx(lean, abs=0.02)


def test_slant_ignores_position_and_changes_sign_when_mirrored(digits):
    moved = np.roll(np.pad(digits, ((0, 0), (8, 8), (8, 8))), (3, -4), (1, 2))
    assert slant(moved) == pytest.approx(slant(digits))
    assert slant(digits[:, :, ::-1]) == pytest.approx(-slant(digits))


@pytest.mark.parametrize("half_width", [1, 1.5, 2.5])
def test_thickness_of_a_bar_is_twice_its_area_over_its_perimeter(half_width):
    area, perimeter = 2 * half_width * 20, 2 * (2 * half_width + 20)
    assert thickness(draw_bar(half_width)[None])[0] == pytest.approx(2 * area / perimeter, rel=0.05)


def test_thickness_grows_with_dilation(digits):
    cross = ndimage.generate_binary_structure(2, 1)
    thicker = np.stack([ndimage.grey_dilation(image, footprint=cross) for image in digits])
    thinner = np.stack([ndimage.grey_erosion(image, footprint=cross) for image in digits])
    assert (thinner.any((1, 2))).all()
    assert (thickness(thinner) < thickness(digits)).all() and (thickness(digits) < thickness(thicker)).all()


def test_width_is_that_of_the_bounding_box():
    assert width(np.stack([draw_bar(2), draw_bar(5), np.zeros((28, 28), np.uint8)])).tolist() == [4, 10, 0]


def test_height_is_that_of_the_bounding_box():
    assert [height(draw_bar(height=h)[None])[0] for h in (10, 20)] == [10, 20]


def test_hole_area_counts_enclosed_background():
    image = np.zeros((4, 28, 28), np.uint8)
    image[0, 5:15, 5:12] = 255
    image[0, 7:13, 7:10] = 0  # 6 by 3 of background
    image[1] = image[0]
    image[1, 5, 8] = image[1, 6, 8] = 0  # opened
    image[2] = image[0]
    image[2, 16:20, 5:9], image[2, 17:19, 6:8] = 255, 0  # and a second one, 2 by 2
    image[3, 0:3, 0:3], image[3, 1, 1] = 255, 0  # at the edge
    assert hole_area(image).tolist() == [18, 0, 22, 1]


def test_a_blank_image_measures_zero():
    blank = np.zeros((2, 28, 28), np.uint8)
    assert [measure(blank).tolist() for measure in PROPERTIES.values()] == [[0, 0]] * 5
