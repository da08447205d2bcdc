"""The fields that every model's configuration has, and parsing of configurations from JSON or the command line."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any


def at_least(minimum: int, default: int) -> Any:
    """A field whose smallest value is ``minimum``; for integer fields without this, it is 1."""
    return field(default=default, metadata={"minimum": minimum})


@dataclass(frozen=True)
class BaseConfig:
    """The fields that the training loop reads, of every model."""

    classes: int = at_least(0, default=10)  # of the data set, as are the next three; 0: it has no labels
    channels: int = 1  # 1 gray, 3 color
    height: int = 28  # pixels
    width: int = 28
    steps: int = 10_000  # optimizer steps of the whole run
    batch_size: int = 64  # images per step, over all processes
    lr: float = 3e-4  # Adam's step size (Kingma & Ba 2015)
    lr_final: float = 0.05  # the share of lr left at the end, reached along a half cosine (Loshchilov & Hutter 2017)
    warmup: int = at_least(0, default=100)  # steps in which lr rises from 0
    ema_half_life: int = at_least(0, default=500)  # steps; of the weights that sample (Karras et al. 2018, appendix)
    precision: str = "auto"  # of a training step: float32 | bfloat16 (autocast) | auto, the faster one on this machine

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, height and width of an image."""
        return self.channels, self.height, self.width


def config_from_dict(cls: type[BaseConfig], values: dict[str, Any]) -> BaseConfig:
    """A configuration from JSON or ``--set`` values; ValueError names an unknown field or a value of the wrong type."""
    fields = {f.name: f for f in dataclasses.fields(cls)}
    for name, value in values.items():
        if name not in fields:
            raise ValueError(f"unknown config field {name!r}; this model has: {', '.join(sorted(fields))}")
        expected = type(fields[name].default)
        if expected is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not expected:
            raise ValueError(f"config field {name} takes a {expected.__name__}, not {value!r}")
        values = {**values, name: value}
    return cls(**values)
