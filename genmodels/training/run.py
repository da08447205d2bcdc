"""What a training run is asked to do, and whether it can be done."""

from __future__ import annotations

import dataclasses
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from genmodels.config import BaseConfig
from genmodels.data import Dataset, ImageSplit
from genmodels.latents import parse_seed
from genmodels.registry import model_class

LARGEST = 2**40  # of a number in a configuration; torch takes none above 2**63
PRECISIONS = ("auto", "float32", "bfloat16")


class TrainingError(ValueError):
    """The run cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class TrainingRun:
    """What to train, on what, where to."""

    model: str  # its name in the registry
    config: BaseConfig
    dataset_name: str
    dataset: Dataset
    images: ImageSplit | None  # None as long as they have not been read
    out: Path
    command: str  # that makes the checkpoint again, for the card
    seed: int = 0
    device: str = "cpu"
    resume: bool = False
    quiet: bool = False
    force: bool = False  # whether what is in ``out`` may be replaced

    @property
    def settings(self) -> list[Any]:
        """What decides the weights, but for the images: model, configuration, data set, seed."""
        return [self.model, dataclasses.asdict(self.config), self.dataset_name, self.seed]


def check(model: str, config: BaseConfig, device: str, seed: int, out: Path) -> None:
    """TrainingError, in one line, for settings that no run could have; leaves nothing behind in or near ``out``."""
    parse_seed(seed)
    for field in dataclasses.fields(config):
        value, minimum = getattr(config, field.name), _minimum(field)
        if type(value) is int and value < minimum:
            raise TrainingError(f"{field.name} is at least {minimum}, not {value}")
        if type(value) is int and value > LARGEST or type(value) is float and not abs(value) <= LARGEST:
            raise TrainingError(f"{field.name} is out of range: {value}")
    if config.precision not in PRECISIONS:
        raise TrainingError(f"precision is one of {', '.join(PRECISIONS)}, not {config.precision!r}")
    if model_class(model).needs_labels and not config.classes:
        raise TrainingError(f"{model} learns from labels, and this data set has none")
    if device not in ("cpu", "cuda"):
        raise TrainingError(f"--device is cpu or cuda, not {device!r}")
    if device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("--device cuda: torch finds no CUDA device here; use --device cpu")
    existing = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise TrainingError(f"cannot write to {out}: {error.strerror or error} ({existing})") from None


def _minimum(field: dataclasses.Field) -> int:
    """The smallest value of a whole number in a configuration: feature maps are halved twice, most others count."""
    return field.metadata.get("minimum", 4 if field.name.endswith("_channels") else 1)
