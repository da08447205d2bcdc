"""What a model generates its images from: declared as a specification, sampled one image at a time.

A ``LatentSpec`` lists the parts of a model's latent. Everything else follows from it: how to sample it, which sliders
and buttons the interface shows, which ``--code`` names the command line accepts.

Every image has a random generator of its own, keyed by (seed, index), so image 3 of seed 7 is the same alone, in a
grid of 64 and in a file of 10,000.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from genmodels.digits import plain_digits
from genmodels.lazy_import import torch

if TYPE_CHECKING:
    from torch import Tensor

MAX_SEED = 2**32 - 1
MAX_BY_HAND = 128  # numbers of a latent; nobody sets one of the 784 pixels of noise
CONTINUOUS_ROLES = ("noise", "style", "code")
CATEGORICAL_ROLES = ("label", "code")


@dataclass(frozen=True)
class _Continuous:
    """``dim`` independent values.

    ``role``: "noise" (what the model leaves unexplained), "style" (what an encoder finds in an image) or "code" (a
    factor that the model was trained to make visible). ``editable``: whether sliders, walks and truncation may change
    the values; they may not where a value only decides a random choice, such as that of one pixel.
    """

    name: str
    dim: int
    role: str = "noise"
    editable: bool = True

    def __post_init__(self) -> None:
        _check_role(self.name, self.role, CONTINUOUS_ROLES)

    def value_name(self, k: int) -> str:
        """What value ``k`` of the part is called: "c2" where it is the only one, else "z7" or "noise 7"."""
        if self.dim == 1:
            return self.name
        return f"{self.name}{k}" if len(self.name) == 1 else f"{self.name} {k}"


@dataclass(frozen=True)
class Normal(_Continuous):
    """``dim`` independent standard normal values."""

    def sample(self, rng: np.random.Generator) -> np.ndarray:
        return rng.standard_normal(self.dim, dtype=np.float32)

    def sample_batch(self, n: int, device: torch.device | str) -> Tensor:
        return torch.randn(n, self.dim, device=device)


@dataclass(frozen=True)
class Uniform(_Continuous):
    """``dim`` independent values, uniform on [-1, 1]."""

    def sample(self, rng: np.random.Generator) -> np.ndarray:
        return (2 * rng.random(self.dim, dtype=np.float32) - 1).astype(np.float32)

    def sample_batch(self, n: int, device: torch.device | str) -> Tensor:
        return torch.rand(n, self.dim, device=device) * 2 - 1


@dataclass(frozen=True)
class GaussianMixture(_Continuous):
    """``dim`` values from a mixture of diagonal Gaussians, fitted to codes: for an encoder that has no prior.

    ``parameters``: base64 of float32 [K, 1 + 2 dim], for each component its weight, its means and its deviations.
    """

    parameters: str = ""

    @classmethod
    def of(cls, name: str, components: Tensor, role: str = "style") -> GaussianMixture:
        """The part for ``components`` [K, 1 + 2 dim]."""
        values = components.detach().cpu().numpy().astype("<f4")
        return cls(name, (values.shape[1] - 1) // 2, role, parameters=base64.b64encode(values.tobytes()).decode())

    @cached_property
    def components(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights [K], means [K, dim] and deviations [K, dim]."""
        values = np.frombuffer(base64.b64decode(self.parameters), "<f4").reshape(-1, 1 + 2 * self.dim)
        weights = values[:, 0].astype(np.float64)
        return weights / weights.sum(), values[:, 1 : 1 + self.dim], values[:, 1 + self.dim :]

    def sample(self, rng: np.random.Generator) -> np.ndarray:
        weights, means, stds = self.components
        k = rng.choice(len(weights), p=weights)
        return means[k] + stds[k] * rng.standard_normal(self.dim, dtype=np.float32)

    def sample_batch(self, n: int, device: torch.device | str) -> Tensor:
        weights, means, stds = (torch.tensor(values, dtype=torch.float32, device=device) for values in self.components)
        k = torch.multinomial(weights, n, replacement=True)
        return means[k] + stds[k] * torch.randn(n, self.dim, device=device)


@dataclass(frozen=True)
class Categorical:
    """One of ``classes`` values, equally likely.

    ``role``: "label" for a class that the data set names and training was given, "code" for a value whose meaning the
    model found by itself (InfoGAN).
    """

    name: str
    classes: int
    role: str = "label"
    editable: bool = True

    def __post_init__(self) -> None:
        _check_role(self.name, self.role, CATEGORICAL_ROLES)

    @property
    def is_label(self) -> bool:
        return self.role == "label"

    def sample(self, rng: np.random.Generator) -> int:
        return int(rng.integers(self.classes))

    def of_image(self, index: int) -> int:
        """The value that image ``index`` of any seed has where none is asked for: each in turn."""
        return index % self.classes


Continuous = Normal | Uniform | GaussianMixture
Part = Continuous | Categorical


@dataclass(frozen=True)
class Latents:
    """A batch of latents: ``z`` float32 [N, d], all continuous parts side by side; ``y`` int64 [N] or None."""

    z: Tensor
    y: Tensor | None = None

    def __len__(self) -> int:
        return len(self.z)

    def __getitem__(self, rows: slice | Tensor) -> Latents:
        return Latents(self.z[rows], None if self.y is None else self.y[rows])

    def rows(self) -> Tensor:
        """float32 [N, d], or [N, d + 1] with ``y`` as the last column; ``LatentSpec.from_rows`` is the inverse."""
        return self.z if self.y is None else torch.cat([self.z, self.y[:, None].to(self.z)], 1)


@dataclass(frozen=True)
class LatentSpec:
    """The parts of a model's latent, in the order in which they are sampled; at most one part is categorical."""

    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        names = [p.name for p in self.parts]
        if len(set(names)) != len(names):
            raise ValueError(f"two parts of a latent share a name: {names}")
        if sum(isinstance(p, Categorical) for p in self.parts) > 1:
            raise ValueError("a latent has at most one categorical part")

    def from_rows(self, rows: Tensor) -> Latents:
        """The inverse of ``Latents.rows``; ValueError for another number of columns, or no value of the category."""
        width = self.dim + (self.categorical is not None)
        if rows.ndim != 2 or rows.shape[1] != width:
            raise ValueError(f"a latent has {width} numbers, not {list(rows.shape[1:])}")
        if not rows.isfinite().all():
            raise ValueError("a latent's numbers are finite")
        if self.categorical is None:
            return Latents(rows)
        y = rows[:, -1].long()
        if not ((y == rows[:, -1]) & (y >= 0) & (y < self.categorical.classes)).all():
            raise ValueError(f"{self.categorical.name} goes from 0 to {self.categorical.classes - 1}")
        return Latents(rows[:, :-1], y)

    def to_json(self) -> list[dict[str, Any]]:
        """The parts as plain values, for a card."""
        return [{"kind": type(part).__name__, **asdict(part)} for part in self.parts]

    @classmethod
    def from_json(cls, parts: list[dict[str, Any]]) -> LatentSpec:
        """The inverse of ``to_json``; ValueError or TypeError where ``parts`` is no specification."""
        kinds = {kind.__name__: kind for kind in (Normal, Uniform, GaussianMixture, Categorical)}
        made = []
        for part in parts:
            fields = dict(part)
            kind = kinds.get(fields.pop("kind", None))
            if kind is None:
                raise ValueError(f"a part of a latent is one of {', '.join(kinds)}, not {part!r}")
            made.append(kind(**fields))
        return cls(tuple(made))

    @property
    def continuous(self) -> tuple[Continuous, ...]:
        return tuple(p for p in self.parts if not isinstance(p, Categorical))

    @property
    def categorical(self) -> Categorical | None:
        return next((p for p in self.parts if isinstance(p, Categorical)), None)

    @property
    def label(self) -> Categorical | None:
        """The categorical part where it is a label of the data set, so that an image can be asked for by its class."""
        part = self.categorical
        return part if part and part.is_label else None

    @property
    def dim(self) -> int:
        """Width of ``z``."""
        return sum(p.dim for p in self.continuous)

    def slice_of(self, name: str) -> slice:
        """The columns of ``z`` that hold the part called ``name``; KeyError where there is none."""
        start = 0
        for part in self.continuous:
            if part.name == name:
                return slice(start, start + part.dim)
            start += part.dim
        raise KeyError(name)

    @cached_property
    def editable_columns(self) -> tuple[int, ...]:
        """The columns of ``z`` that sliders, walks and truncation may change."""
        return tuple(column for part in self.continuous if part.editable
                     for column in range(self.dim)[self.slice_of(part.name)])

    @property
    def is_editable(self) -> bool:
        """Whether the latent may be changed by hand: there are sliders or buttons, and not too many."""
        return any(part.editable for part in self.parts) and len(self.editable_columns) <= MAX_BY_HAND

    def sample(self, seed: int, indices: Iterable[int]) -> Latents:
        """Latents of the images ``indices`` of ``seed`` (0 to 2**32 - 1), on the CPU; row k is image indices[k].

        The page, its API and the command line all show these images. The categorical part takes its values in turn, so
        that images in a row show all of them; ``sample_prior`` draws it at random.
        """
        indices, part = list(indices), self.categorical
        y = torch.tensor([part.of_image(index) for index in indices], dtype=torch.int64) if part else None
        return Latents(self.sample_prior(seed, indices).z, y)

    def sample_prior(self, seed: int, indices: Iterable[int]) -> Latents:
        """``sample`` with the categorical part at random too, independent of the rest: for statistics."""
        z, y = self.draw(seed, indices)
        return Latents(torch.from_numpy(z), torch.tensor(y, dtype=torch.int64) if self.categorical else None)

    def draw(self, seed: int, indices: Iterable[int]) -> tuple[np.ndarray, list[int]]:
        """What ``sample_prior`` holds, without torch: z float32 [N, d], and y, empty without a categorical part."""
        indices, ys, seed = list(indices), [], parse_seed(seed)
        z = np.zeros((len(indices), self.dim), np.float32)
        for k, index in enumerate(indices):
            rng = np.random.Generator(np.random.Philox(key=np.array([seed, index], dtype=np.uint64)))
            row = []
            for part in self.parts:
                value = part.sample(rng)
                if isinstance(part, Categorical):
                    ys.append(value)
                else:
                    row.append(value)
            if row:
                z[k] = np.concatenate(row)
        return z, ys

    def sample_batch(self, n: int, device: torch.device | str = "cpu") -> Latents:
        """``n`` latents from torch's global generator: fast, for training, where no image has a number."""
        z = torch.cat([part.sample_batch(n, device) for part in self.continuous], dim=1)
        part = self.categorical
        return Latents(z, torch.randint(part.classes, (n,), device=device) if part else None)

    def truncate(self, z: Tensor, psi: float) -> Tensor:
        """Pull the editable columns of ``z`` [N, d] towards their mean: ``psi`` 1 leaves them, 0 gives the mean.

        The truncation trick in the form of Karras et al. 2019 (arXiv:1812.04948, section 3.1), applied to the input
        latent: less variety, fewer odd images.
        """
        if len(self.editable_columns) == self.dim:
            return z * psi
        scale = torch.ones(self.dim, dtype=z.dtype, device=z.device)
        scale[list(self.editable_columns)] = psi
        return z * scale


def parse_seed(seed: object) -> int:
    """``seed``, a number or the digits of one as typed, as an int; ValueError, saying what a seed is, for all else."""
    typed = plain_digits(seed) if isinstance(seed, str) else None
    try:
        number = int(seed if typed is None else typed)
        valid = (number == seed if typed is None else typed.isdecimal()) and 0 <= number <= MAX_SEED
    except (TypeError, ValueError, OverflowError):
        valid = False
    if not valid:
        raise ValueError(f"a seed is a whole number from 0 to {MAX_SEED}, not {seed!r}")
    return number


def _check_role(name: str, role: str, roles: tuple[str, ...]) -> None:
    if role not in roles:
        raise ValueError(f"the role of a latent's part {name!r} is one of {', '.join(roles)}, not {role!r}")
