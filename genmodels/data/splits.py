"""What a data set is, a split of it in memory, and the order in which training visits its images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genmodels.images import from_unit
from genmodels.lazy_import import torch

if TYPE_CHECKING:
    from torch import Tensor

SPLITS = ("train", "validation", "test")


class DataError(Exception):
    """The data is not to be had; the message says what to do."""


@dataclass(frozen=True)
class ImageSplit:
    """A split in memory: ``images`` uint8 [N, H, W] or [N, H, W, 3], ``labels`` int64 [N], or None without classes.

    Where a model has prepared it for its training steps, labels may be several numbers per image, int64 [N, k].
    """

    images: Tensor
    labels: Tensor | None = None

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: slice | Tensor) -> ImageSplit:
        return ImageSplit(self.images[rows], None if self.labels is None else self.labels[rows])

    def batch(self, rows: Tensor, device: torch.device | str = "cpu") -> tuple[Tensor, Tensor | None]:
        """Rows as a model wants them: x float32 [n, C, H, W] in [-1, 1], y int64 [n] or None."""
        x = self.images[rows].to(device)
        x = x.unsqueeze(1) if x.ndim == 3 else x.permute(0, 3, 1, 2)
        return from_unit(x.float() / 255), None if self.labels is None else self.labels[rows].to(device)


@dataclass(frozen=True)
class PreparedSplit:
    """A split as a model has prepared it for its training steps: ``x`` [N, ...]."""

    x: Tensor

    def __len__(self) -> int:
        return len(self.x)

    def batch(self, rows: Tensor, device: torch.device | str = "cpu") -> tuple[Tensor, None]:
        return self.x[rows].to(device), None


@dataclass(frozen=True)
class Dataset:
    """Facts of a data set, which travel with every model trained on it, and how a split is read."""

    title: str
    license: str
    source: str
    read: Callable[[Path, str, bool], ImageSplit]  # (root, split, whether it may be downloaded)
    classes: tuple[str, ...] = ()  # names in the order of the labels; none where there are no labels
    height: int = 28
    width: int = 28
    channels: int = 1
    framing: str = "digit"  # how a visitor's picture is prepared: "digit" (ink, centered as in MNIST) or "photo"
    in_data_folder: bool = True  # whether it is read from files in the data folder, rather than drawn or given
    notes: tuple[str, ...] = ()  # what the user should know of what was read
    stack_of: str = ""  # the data set whose images are the channels of this one's
    kind: str = "images"  # what a split's ``batch`` gives a model to learn from: "images" or "meshes"

    def load(self, split: str, root: Path, download: bool = True) -> ImageSplit:
        """A split; DataError, with what to do, where it is not to be had."""
        if split not in SPLITS:
            raise DataError(f"unknown split {split!r}; there are: {', '.join(SPLITS)}")
        return self.read(root, split, download)

    @property
    def config_fields(self) -> dict[str, int]:
        """The fields of a model's configuration that the data set decides."""
        return {"classes": len(self.classes), "channels": self.channels, "height": self.height, "width": self.width}

    def to_json(self) -> dict[str, Any]:
        """The facts as plain values, for a card."""
        return {"title": self.title, "classes": list(self.classes), "license": self.license, "source": self.source,
                "height": self.height, "width": self.width, "channels": self.channels, "framing": self.framing,
                **({"stack_of": self.stack_of} if self.stack_of else {})}


def batch_indices(n: int, batch_size: int, step: int, seed: int) -> Tensor:
    """The rows of training step ``step``: epochs of ``n`` rows, each shuffled by (seed, epoch), cut in order.

    A function of its arguments alone, so that a run can be resumed at any step. The rows left over at the end of an
    epoch are dropped from it.
    """
    size = min(batch_size, n)
    epoch, place = divmod(step, n // size)
    return _epoch_permutation(n, seed, epoch)[place * size : (place + 1) * size]


@lru_cache(maxsize=1)  # one epoch's order is asked for thousands of times in a row
def _epoch_permutation(n: int, seed: int, epoch: int) -> Tensor:
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, epoch], dtype=np.uint64)))
    return torch.from_numpy(rng.permutation(n))
