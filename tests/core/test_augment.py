"""Random small deformations of images."""

from __future__ import annotations

import pytest
import torch

from genmodels.nn.augment import random_affine, random_shift


def test_affine_of_zero_strength_changes_nothing(images):
    x = images.batch(torch.arange(10))[0]
    torch.testing.assert_close(random_affine(x, 0, 0, 0, 0), x, rtol=0, atol=1e-4)


def test_affine_deforms_each_image_differently(images):
    x = images.batch(torch.zeros(6, dtype=torch.int64))[0]
    moved = random_affine(x)
    assert moved.shape == x.shape and moved.min() >= -1 - 1e-5 and moved.max() <= 1 + 1e-5
    assert (torch.cdist(moved.flatten(1), moved.flatten(1)) + torch.eye(6) > 0.5).all()


def test_affine_fills_in_with_background():
    blank = torch.full((8, 1, 28, 28), -1.0)
    torch.testing.assert_close(random_affine(blank, translate=0.5), blank)


def test_affine_translates_by_a_share_of_half_the_size(monkeypatch):
    """With every random number at its largest and the other strengths at zero, 4/28 of half the size is two pixels."""
    monkeypatch.setattr(torch, "rand", lambda n, device=None: torch.ones(n))
    x = torch.full((1, 1, 28, 28), -1.0)
    x[0, 0, 10, 12] = 1
    moved = random_affine(x, 0, 0, 0, translate=4 / 28)
    assert divmod(int(moved.argmax()), 28) == (8, 10) and moved.max() == pytest.approx(1, abs=1e-3)


def test_affine_rotates_by_its_degrees(monkeypatch):
    monkeypatch.setattr(torch, "rand", lambda n, device=None: torch.ones(n))
    x = torch.full((1, 1, 28, 28), -1.0)
    x[0, 0, 4:10, 11:17] = 1  # above the middle
    ink = (random_affine(x, 90, 0, 0, 0) + 1)[0, 0]
    rows, columns = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    center = ((ink * rows).sum() / ink.sum()).item(), ((ink * columns).sum() / ink.sum()).item()
    assert center[0] == pytest.approx(13.5, abs=0.2) and abs(center[1] - 13.5) == pytest.approx(7, abs=0.2)


def test_shifts_move_each_image_by_whole_pixels_and_fill_in_background():
    torch.manual_seed(0)
    x = torch.full((200, 1, 9, 9), -1.0)
    x[:, 0, 4, 4] = 1
    moved = random_shift(x, 2)
    places = moved.flatten(1).argmax(1)
    assert moved.shape == x.shape and (moved.flatten(1).sum(1) == 2 - 81).all()
    assert set(places.tolist()) == {9 * row + column for row in range(2, 7) for column in range(2, 7)}
    assert (random_shift(torch.ones(50, 1, 4, 4), 1).amin((1, 2, 3)) == -1).any() and random_shift(x, 0) is x


def test_gradients_of_shifted_images_go_back_where_they_came_from():
    x = torch.zeros(3, 1, 4, 4, requires_grad=True)
    random_shift(x, 1).sum().backward()
    assert set(x.grad.flatten().tolist()) <= {0.0, 1.0} and x.grad.sum() > 3 * 9 - 1
