"""Images: gray levels, grids, files, MNIST's framing, and the synthetic digits."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from genmodels import images
from genmodels.data import synthetic

LEVELS = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)


def center_of_mass(image: np.ndarray) -> tuple[float, float]:
    ink = image.astype(float)
    return tuple((ink.sum(1 - axis) @ np.arange(ink.shape[axis])) / ink.sum() for axis in (0, 1))


def extent(image: np.ndarray) -> tuple[int, int]:
    return tuple(int(np.ptp(places)) + 1 for places in np.nonzero(image))


# ---- Levels


def test_all_256_levels_survive_the_round_trip():
    x = images.from_uint8(LEVELS)
    assert x.shape == (1, 1, 16, 16) and x.dtype == torch.float32 and x.min() == -1 and x.max() == 1
    assert np.array_equal(images.to_uint8(x), LEVELS)
    assert np.array_equal(images.to_uint8(images.from_unit(torch.from_numpy(LEVELS / 255.0))[:, None]), LEVELS)


def test_to_uint8_rounds_and_clips():
    x = torch.tensor([-7.0, -1.0, -1 + 0.4 / 127.5, -1 + 0.6 / 127.5, 1.0, 7.0]).reshape(1, 1, 1, 6)
    assert images.to_uint8(x.requires_grad_()).tolist() == [[[0, 0, 0, 1, 255, 255]]]


def test_color_survives_the_round_trip():
    color = np.stack([LEVELS, LEVELS[:, ::-1], LEVELS[:, :, ::-1]], -1)
    x = images.from_uint8(color)
    assert x.shape == (1, 3, 16, 16) and np.array_equal(images.to_uint8(x), color)
    assert images.make_grid(color, columns=1).shape == (20, 20, 3)


@pytest.mark.parametrize("shape", [(2, 2, 8, 8), (2, 8, 8), (2, 4, 8, 8)])
def test_to_uint8_refuses_what_is_neither_gray_nor_color(shape):
    with pytest.raises(ValueError, match=r"\[N, 1, H, W\] or \[N, 3, H, W\]"):
        images.to_uint8(torch.zeros(shape))


def test_photos_are_cropped_about_their_center():
    photo = np.zeros((40, 120), np.uint8)
    photo[:, 50:70] = 200
    assert images.resize_to_fit(photo, 28, 20).shape == (28, 20)
    assert images.resize_to_fit(photo, 28, 28)[14].tolist()[13] == 200
    assert images.resize_to_fit(photo, 28, 28)[:, [0, 27]].max() == 0
    assert images.resize_to_fit(np.full((3, 3), 77), 28, 20).tolist() == [[77] * 20] * 28


def test_unit_scale_survives_the_round_trip():
    x = torch.tensor([-1.0, 0.0, 1.0])
    assert images.to_unit(x).tolist() == [0, 0.5, 1] and torch.equal(images.from_unit(images.to_unit(x)), x)


# ---- Grids


@pytest.mark.parametrize("gap", [0, 1, 2])
def test_make_grid_places_images_row_by_row(gap):
    tiles = np.stack([np.full((3, 5), 10 + i, np.uint8) for i in range(7)])
    sheet = images.make_grid(tiles, columns=3, gap=gap, background=99)
    assert sheet.shape == (gap + 3 * (3 + gap), gap + 3 * (5 + gap)) and sheet.dtype == np.uint8
    for i in range(7):
        top, left = gap + i // 3 * (3 + gap), gap + i % 3 * (5 + gap)
        assert (sheet[top : top + 3, left : left + 5] == 10 + i).all()
    assert (sheet == 99).sum() == sheet.size - 7 * 15


def test_split_grid_inverts_make_grid():
    tiles = np.arange(7, dtype=np.uint8)[:, None, None] + np.zeros((1, 28, 28), np.uint8)
    found = images.split_grid(images.make_grid(tiles, columns=3, background=0), rows=3, columns=3)
    assert (found[:7] == tiles).all() and found.shape == (9, 28, 28)


def test_grids_in_color():
    tiles = np.random.default_rng(0).integers(256, size=(5, 4, 6, 3), dtype=np.uint8)
    sheet = images.make_grid(tiles, columns=3)
    assert (images.split_grid(sheet, 2, 3)[:5] == tiles).all()
    larger = images.upscale(sheet, 2, color=True)
    assert larger.shape == (2 * sheet.shape[0], 2 * sheet.shape[1], 3) and (larger[1::2, ::2] == sheet).all()


def test_upscale_makes_squares():
    assert images.upscale(np.array([[1, 2]], np.uint8), 2).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2]]
    assert images.upscale(np.zeros((4, 3, 5)), 3).shape == (4, 9, 15)


# ---- Files


@pytest.mark.parametrize("image", [LEVELS[0], np.stack([LEVELS[0], LEVELS[0].T, LEVELS[0][::-1]], -1)],
                         ids=["gray", "color"])
def test_png_decodes_to_the_same_image(image, tmp_path):
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(images.png(image)))), image)
    images.save_png(image, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == images.png(image)


@pytest.mark.parametrize(("speed", "milliseconds"), [(25, 40), (10, 100), (1000, 20)])
def test_gif_decodes_to_the_same_frames_and_loops(speed, milliseconds):
    frames = np.stack([np.roll(LEVELS[0], shift, axis=1) for shift in range(6)])
    animation = Image.open(io.BytesIO(images.gif(frames, speed)))
    assert animation.format == "GIF" and animation.n_frames == 6 and animation.info["loop"] == 0
    for i, frame in enumerate(frames):
        animation.seek(i)
        assert np.array_equal(np.asarray(animation.convert("L")), frame) and animation.info["duration"] == milliseconds


# ---- MNIST's framing


def bar(height: int, width: int, sheet: int, top: int = 5, left: int = 9) -> np.ndarray:
    image = np.zeros((sheet, sheet), np.uint8)
    image[top : top + height, left : left + width] = 200
    return image


def triangle(side: int) -> np.ndarray:
    return np.pad(np.tril(np.full((side, side), 255, np.uint8)), ((3, side), (7, 2)))


def ring(side: int) -> np.ndarray:
    y, x = np.mgrid[:side, :side] - side / 2
    return np.where(np.abs(np.hypot(y, x) - side / 3) < max(1, side / 20), 180, 0).astype(np.uint8)


FRAMED = {
    "upright": bar(80, 10, 100), "lying": bar(10, 80, 100), "square": bar(30, 30, 60), "triangle": triangle(50),
    "small": bar(6, 3, 20), "dot": bar(1, 1, 28), "one-pixel": np.full((1, 1), 255), "ring": ring(90),
    "huge": ring(2_000), "full": np.full((28, 28), 255), "thin": bar(1_500, 1, 1_600), "faint": ring(90) // 8,
    "diagonal": np.eye(900) * 255, "not-square": ring(90)[:, 10:], "float": ring(90) / 2.0,
}


@pytest.mark.parametrize("ink", FRAMED.values(), ids=FRAMED)
def test_ink_is_scaled_into_the_box_and_centered_by_mass(ink):
    framed = images.center_by_mass(ink)
    assert framed.shape == (28, 28) and framed.dtype == np.uint8 and framed.max() == 255
    assert max(extent(framed)) == images.MNIST_BOX
    assert center_of_mass(framed) == pytest.approx((13.5, 13.5), abs=0.51)


def test_framing_ignores_position_size_and_strength():
    plain = images.center_by_mass(ring(80))
    assert np.array_equal(images.center_by_mass(np.pad(ring(80), ((40, 3), (0, 77)))), plain)
    assert np.array_equal(images.center_by_mass(ring(80).astype(np.float32) / 2), plain)
    larger = images.center_by_mass(images.upscale(ring(80), 3))
    assert np.abs(larger.astype(int) - plain).mean() < 8


def test_framing_keeps_the_proportions():
    high, wide = extent(images.center_by_mass(bar(80, 40, 100)))
    assert (high, wide) == (20, 10)


def test_framing_keeps_all_ink_of_a_lopsided_drawing():
    """Its center of mass is so far out that the box would leave the image."""
    lopsided = np.zeros((100, 100), np.uint8)
    lopsided[:, 0:2], lopsided[80:, :] = 255, 255
    framed = images.center_by_mass(lopsided)
    assert extent(framed) == (20, 20) and center_of_mass(framed)[0] > 13.5


def test_framing_ignores_paper_noise():
    noisy = ring(90) + np.random.default_rng(0).integers(0, 8, (90, 90)).astype(np.uint8)
    framed = images.center_by_mass(noisy)
    assert max(extent(framed)) == images.MNIST_BOX and framed[13:15, 13:15].max() < 20


@pytest.mark.parametrize("empty", [
    np.zeros((28, 28)), np.zeros((0, 0)), np.full((9, 9), 5), np.zeros((1, 1)), np.full((9, 9), np.nan),
], ids=["blank", "no-pixels", "faint", "one-pixel", "not-numbers"])
def test_no_ink_is_refused(empty):
    with pytest.raises(ValueError, match="no ink"):
        images.center_by_mass(empty)


# ---- Synthetic digits


def test_synthetic_digits_are_the_same_for_the_same_seed():
    assert np.array_equal(synthetic.draw_digit(3, 11), synthetic.draw_digit(3, 11))
    assert not np.array_equal(synthetic.draw_digit(3, 11), synthetic.draw_digit(3, 12))


@pytest.mark.parametrize("digit", range(10))
def test_each_synthetic_digit_is_framed(digit):
    for seed in range(20):
        image = synthetic.draw_digit(digit, seed)
        assert image.shape == (28, 28) and image.dtype == np.uint8 and image.max() == 255
        assert 0.04 < (image > 127).mean() < 0.45 and max(extent(image)) == images.MNIST_BOX


def test_synthetic_digits_are_recognizable_by_their_mean():
    """The class mean nearest to a new digit is mostly its own."""
    means = np.stack([np.mean([synthetic.draw_digit(d, s) for s in range(30)], 0) for d in range(10)])
    right = [np.abs(means - synthetic.draw_digit(d, s)).mean((1, 2)).argmin() == d
             for d in range(10) for s in range(100, 105)]
    assert np.mean(right) > 0.7


@pytest.mark.parametrize("digit", [-1, 10, "3", None])
def test_values_other_than_digits_are_refused(digit):
    with pytest.raises(ValueError, match="digits 0 to 9"):
        synthetic.draw_digit(digit, 0)


def test_quantize_gray_keeps_the_ends_and_is_off_by_half_a_level_at_most():
    every = np.arange(256, dtype=np.uint8)[None]
    found = images.quantize_gray(every)
    assert found.dtype == np.uint8 and len(np.unique(found)) == 16 and {0, 255} <= set(found[0].tolist())
    assert np.abs(found.astype(int) - every).max() == 8
