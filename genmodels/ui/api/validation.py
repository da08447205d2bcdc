"""Parsing and checking of all input; ValueError with one sentence for the screen.

Seeds, numbers and categories arrive as a visitor typed them, or as any JSON value from a program. They are parsed once,
here, and are plain ints and floats afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable

from genmodels import latents
from genmodels.latents import MAX_SEED, Categorical, Latents, LatentSpec
from genmodels.lazy_import import torch

MAX_Z = 10.0  # further from the mean than any sample of the prior; larger values are clamped


def parse_seed(seed: object) -> int:
    """A seed as typed or as a number -> int in [0, 2**32 - 1]."""
    if isinstance(seed, str):
        seed = seed.strip()
        if not seed.isdecimal() or len(seed) > 40:
            raise ValueError(f"a seed is a whole number from 0 to {MAX_SEED}, not {seed[:40]!r}")
    return latents.parse_seed(seed)


def check_int(what: str, value: object, low: int, high: int) -> int:
    """``value`` as an int in [low, high]; ``what`` names it in the message."""
    number = check_float(what, value, low, high)
    if number != int(number):
        raise ValueError(f"{what} is a whole number from {low} to {high}, not {value!r}")
    return int(number)


def check_float(what: str, value: object, low: float, high: float) -> float:
    """``value`` as a float in [low, high]; ``what`` names it in the message."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if not low <= number <= high:
        raise ValueError(f"{what} must be from {low:g} to {high:g}, not {str(value)[:40]!r}")
    return number


def parse_z(spec: LatentSpec, z: list[float] | None, category: object = 0) -> Latents:
    """All continuous values of one latent (None: the mean) and its category -> latents of one row."""
    try:
        row = torch.tensor([0.0] * spec.dim if z is None else [float(value) for value in z])
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"z is a list of {spec.dim} numbers") from None
    if len(row) != spec.dim:
        raise ValueError(f"z is a list of {spec.dim} numbers; that was {len(row)}")
    if not row.isfinite().all():
        raise ValueError(f"z is a list of {spec.dim} finite numbers")
    part = spec.categorical
    y = torch.tensor([check_int(part.name, category, 0, part.classes - 1)]) if part else None
    return Latents(row.clamp(-MAX_Z, MAX_Z)[None], y)


def categories_per_image(part: Categorical, indices: Iterable[int], category: object) -> list[int]:
    """The value of the categorical part for each image: ``category`` for all, or each value in turn where it is -1."""
    category = check_int(part.name, category, -1, part.classes - 1)
    return [i % part.classes if category < 0 else category for i in indices]
