"""What a model draws its pictures from: declared as a specification, drawn one picture at a time.

A ``LatentSpec`` names the parts of a model's latent, and everything else is derived from it: how to draw it, which
sliders and buttons the interface shows, which ``--code`` names the command line takes.

Drawing gives every picture a random generator of its own, keyed by (seed, index), so picture 3 of seed 7 is the same
alone, in a grid of 64 and in a file of 10,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genmodels.lazily import torch

if TYPE_CHECKING:
    from torch import Tensor

MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class Normal:
    """``dim`` independent standard normal latents."""

    name: str
    dim: int

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        return rng.standard_normal(self.dim, dtype=np.float32)


@dataclass(frozen=True)
class Uniform:
    """``dim`` independent latents, uniform on [-1, 1]."""

    name: str
    dim: int

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        return (2 * rng.random(self.dim, dtype=np.float32) - 1).astype(np.float32)


@dataclass(frozen=True)
class Categorical:
    """One of ``classes`` values, equally likely.

    ``is_label`` tells a label that the data set names (the digit, given in training) from a code whose meaning the
    model found by itself (InfoGAN).
    """

    name: str
    classes: int
    is_label: bool = True

    def draw(self, rng: np.random.Generator) -> int:
        return int(rng.integers(self.classes))


@dataclass(frozen=True)
class Latents:
    """A batch of latents: ``z`` float32 [N, d], all continuous parts side by side; ``c`` int64 [N] or None."""

    z: Tensor
    c: Tensor | None = None

    def __len__(self) -> int:
        return len(self.z)

    def __getitem__(self, rows: slice) -> Latents:
        return Latents(self.z[rows], None if self.c is None else self.c[rows])


@dataclass(frozen=True)
class LatentSpec:
    """The parts of a model's latent, in the order in which they are drawn; at most one part is categorical."""

    parts: tuple[Normal | Uniform | Categorical, ...]

    def __post_init__(self) -> None:
        names = [p.name for p in self.parts]
        if len(set(names)) != len(names):
            raise ValueError(f"two parts of a latent share a name: {names}")
        if sum(isinstance(p, Categorical) for p in self.parts) > 1:
            raise ValueError("a latent has at most one categorical part")

    def to_json(self) -> list[dict[str, Any]]:
        """The parts as plain values, for a card."""
        return [{"kind": type(part).__name__, **asdict(part)} for part in self.parts]

    @classmethod
    def from_json(cls, parts: list[dict[str, Any]]) -> LatentSpec:
        """The specification that ``to_json`` told of; ValueError or TypeError where it is none."""
        kinds = {kind.__name__: kind for kind in (Normal, Uniform, Categorical)}
        made = []
        for part in parts:
            fields = dict(part)
            kind = kinds.get(fields.pop("kind", None))
            if kind is None:
                raise ValueError(f"a latent's part is one of {', '.join(kinds)}, not {part!r}")
            made.append(kind(**fields))
        return cls(tuple(made))

    @property
    def continuous(self) -> tuple[Normal | Uniform, ...]:
        return tuple(p for p in self.parts if not isinstance(p, Categorical))

    @property
    def categorical(self) -> Categorical | None:
        return next((p for p in self.parts if isinstance(p, Categorical)), None)

    @property
    def dim(self) -> int:
        """Width of ``z``."""
        return sum(p.dim for p in self.continuous)

    def columns(self, name: str) -> slice:
        """The columns of ``z`` that hold the part called ``name``; KeyError where there is none."""
        start = 0
        for part in self.continuous:
            if part.name == name:
                return slice(start, start + part.dim)
            start += part.dim
        raise KeyError(name)

    def draw(self, seed: int, indices: Iterable[int]) -> Latents:
        """Latents of the pictures ``indices`` of ``seed`` (0 to 2**32 - 1), on the CPU; row k is picture indices[k]."""
        zs, cs = [], []
        for index in indices:
            rng = np.random.Generator(np.random.Philox(key=np.array([check_seed(seed), index], dtype=np.uint64)))
            row = []
            for part in self.parts:
                value = part.draw(rng)
                if isinstance(part, Categorical):
                    cs.append(value)
                else:
                    row.append(value)
            zs.append(np.concatenate(row))
        z = torch.from_numpy(np.stack(zs)) if zs else torch.zeros(0, self.dim)
        return Latents(z, torch.tensor(cs, dtype=torch.int64) if self.categorical else None)

    def noise(self, n: int, device: torch.device | str = "cpu") -> Latents:
        """``n`` latents from torch's global generator: fast, for training, where no picture has a number."""
        z = torch.cat([
            torch.rand(n, p.dim, device=device) * 2 - 1 if isinstance(p, Uniform)
            else torch.randn(n, p.dim, device=device)
            for p in self.continuous
        ], dim=1)
        part = self.categorical
        return Latents(z, torch.randint(part.classes, (n,), device=device) if part else None)


def check_seed(seed: int) -> int:
    """``seed`` as an int; ValueError, saying what a seed is, for anything that is not one."""
    try:
        whole = int(seed)
        ok = whole == float(seed) and 0 <= whole <= MAX_SEED
    except (TypeError, ValueError, OverflowError):
        ok = False
    if not ok:
        raise ValueError(f"a seed is a whole number from 0 to {MAX_SEED}, not {seed!r}")
    return whole


def truncate(z: Tensor, psi: float) -> Tensor:
    """Pull latents towards their mean: ``psi`` 1 leaves them, 0 gives the mean for all.

    The truncation trick in the form of Karras et al. 2019 (arXiv:1812.04948, section 3.1), applied to the input
    latent: less variety, fewer odd pictures.
    """
    return z * psi


def lerp(a: Tensor, b: Tensor, t: float | Tensor) -> Tensor:
    """The straight line from ``a`` (t = 0) to ``b`` (t = 1)."""
    return a + (b - a) * t


def slerp(a: Tensor, b: Tensor, t: float | Tensor) -> Tensor:
    """The great circle from ``a`` to ``b``, [..., d] each, length interpolated (Shoemake 1985; White 2016).

    Normal latents of many dimensions lie near a sphere; the straight line between two of them cuts through its
    emptier inside. Falls back to ``lerp`` where the directions (nearly) agree or oppose, or one is zero.
    """
    tiny = 1e-7
    length_a, length_b = a.norm(dim=-1, keepdim=True), b.norm(dim=-1, keepdim=True)
    unit_a, unit_b = a / length_a.clamp_min(tiny), b / length_b.clamp_min(tiny)
    cosine = (unit_a * unit_b).sum(-1, keepdim=True).clamp(-1, 1)
    angle = torch.acos(cosine)
    sine = torch.sin(angle)
    direction = (torch.sin((1 - t) * angle) * unit_a + torch.sin(t * angle) * unit_b) / sine.clamp_min(tiny)
    on_circle = direction * lerp(length_a, length_b, t)
    degenerate = (sine < 1e-4) | (length_a < tiny) | (length_b < tiny)
    return torch.where(degenerate, lerp(a, b, t), on_circle)


def walk(keyframes: Tensor, frames: int, path: str = "slerp", closed: bool = True) -> Tensor:
    """``frames`` latents [frames, d] along ``keyframes`` [K, d], evenly between each two; back to the first if closed.

    ``path`` is "lerp" or "slerp". A closed walk does not repeat its first frame at the end, so it loops smoothly.
    """
    step = {"lerp": lerp, "slerp": slerp}.get(path)
    if step is None:
        raise ValueError(f"a walk's path is 'lerp' or 'slerp', not {path!r}")
    stops = [*keyframes, keyframes[0]] if closed else list(keyframes)
    if len(stops) < 2 or frames < 2:
        raise ValueError("a walk needs at least two keyframes and two frames")
    legs = len(stops) - 1
    positions = np.linspace(0, legs, frames, endpoint=not closed)
    return torch.stack([_on_leg(stops, position, legs, step) for position in positions])


def _on_leg(stops: Sequence[Tensor], position: float, legs: int, step) -> Tensor:
    leg = min(int(position), legs - 1)
    return step(stops[leg], stops[leg + 1], float(position) - leg)
