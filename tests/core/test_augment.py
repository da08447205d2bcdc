"""Random small deformations of images."""

from __future__ import annotations

import pytest
import torch

from genmodels.images import to_uint8
from genmodels.morphology import slant, thickness
from genmodels.nn.augment import random_affine, thicken


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


def test_affine_shears_by_what_is_asked(images):
    x = images.batch(torch.arange(10))[0]
    asked = torch.linspace(-0.4, 0.4, 10)
    leant = slant(to_uint8(random_affine(x, 0, 0, asked, 0))) - slant(to_uint8(x))
    assert leant == pytest.approx(asked.numpy(), abs=0.05)


def test_thicken_widens_strokes_by_its_amount(images):
    x = images.batch(torch.arange(10))[0]
    amounts = (-1, -0.5, 0, 0.5, 1)
    by_amount = [thicken(x, torch.full((10,), float(amount))) for amount in amounts]
    torch.testing.assert_close(by_amount[2], x)
    assert all(y.min() >= -1 and y.max() <= 1 for y in by_amount)
    widths = [thickness(to_uint8(y)).mean() for y in by_amount]
    assert widths == sorted(widths) and widths[0] < widths[2] - 0.2 and widths[-1] > widths[2] + 0.4
    each = thicken(x[:5], torch.tensor(amounts))
    torch.testing.assert_close(each, torch.stack([y[i] for i, y in enumerate(by_amount)]))
