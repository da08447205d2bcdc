"""Parsing and checking of all input; Refusal with one sentence for the screen.

Seeds, numbers and categories arrive as a visitor typed them, or as any JSON value from a program. They are parsed once,
here, and are plain ints and floats afterwards.
"""

from __future__ import annotations

from genmodels import latents
from genmodels.digits import plain_digits
from genmodels.latents import MAX_SEED, Categorical, Latents, LatentSpec
from genmodels.lazy_import import torch
from genmodels.ui.text import Refusal, Text

MAX_Z = 10.0  # further from the mean than any sample of the prior; larger values are clamped
MAX_QUOTED = 24  # characters of an input that a message repeats


def parse_seed(seed: object) -> int:
    """A seed as typed or as a number -> int in [0, 2**32 - 1]."""
    try:
        return latents.parse_seed(seed)
    except ValueError:
        raise Refusal("seed", max=MAX_SEED, given=quoted(seed)) from None


def quoted(value: object) -> str:
    """A value as a message repeats it: text in quotation marks, and what is long cut short."""
    if isinstance(value, str):
        return repr(value if len(value) <= MAX_QUOTED else value[:MAX_QUOTED] + "\u2026")
    return repr(value)[:MAX_QUOTED]


def check_int(quantity: str | Text, value: object, low: int, high: int) -> int:
    """``value`` as an int in [low, high]; the message calls it ``quantity.QUANTITY`` of the catalogs."""
    number = check_float(quantity, value, low, high)
    if number != int(number):
        raise Refusal("not_whole", what=_named(quantity), low=low, high=high, given=quoted(value))
    return int(number)


def check_float(quantity: str | Text, value: object, low: float, high: float) -> float:
    """``value`` as a float in [low, high]; the message calls it ``quantity.QUANTITY`` of the catalogs."""
    try:
        number = _parse_float(value)
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if not low <= number <= high:
        raise Refusal("out_of_range", what=_named(quantity), low=low, high=high, given=quoted(str(value)))
    return number


def parse_z(spec: LatentSpec, z: list[float] | None, category: object = 0) -> Latents:
    """All continuous values of one latent (None: the mean) and its category -> latents of one row."""
    try:
        row = torch.tensor([0.0] * spec.dim if z is None else [_parse_float(value) for value in z])
    except (TypeError, ValueError, OverflowError):
        raise Refusal("z_type", dim=spec.dim) from None
    if len(row) != spec.dim:
        raise Refusal("z_length", dim=spec.dim, given=len(row))
    if not row.isfinite().all():
        raise Refusal("z_infinite", dim=spec.dim)
    part = spec.categorical
    y = torch.tensor([parse_category(part, category)]) if part else None
    return Latents(row.clamp(-MAX_Z, MAX_Z)[None], y)


def parse_category(part: Categorical, category: object, lowest: int = 0) -> int:
    """A value of the categorical part as an int; -1 too, for no particular one, where ``lowest`` is -1."""
    what = Text.first_of(f"quantity.{part.name}") or Text("quantity.category", name=part.name)
    return check_int(what, category, lowest, part.classes - 1)


def _parse_float(value: object) -> float:
    return float(plain_digits(value) if isinstance(value, str) else value)


def _named(quantity: str | Text) -> Text:
    return quantity if isinstance(quantity, Text) else Text(f"quantity.{quantity}")
