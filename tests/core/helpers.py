"""What the tests of training share: short runs of tiny models, and signals in the middle of one."""

from __future__ import annotations

import signal
from pathlib import Path
from types import SimpleNamespace

from conftest import drawn_dataset, tiny_config

from genmodels import checkpoint, registry
from genmodels.training import loop

STEPS = 8
GOES_ON = "interrupted; the same command with --resume goes on from "  # said after an interruption
NOTHING_SAVED = "interrupted; nothing of this run is saved yet"


def short_run(name: str, **fields: object) -> list[str]:
    """Arguments of a short training run of a tiny model."""
    config = tiny_config(name, steps=STEPS, **fields)
    flags = [word for key, value in config.items() for word in ("--set", f"{key}={value}")]
    return [name, "--dataset", drawn_dataset(name), *flags]


def interrupt(monkeypatch, name: str, step: int, number: int = signal.SIGINT) -> None:
    """Send Ctrl-C, or another signal, in the middle of a step."""
    cls = registry.model_class(name)
    whole = cls.train_step

    def train_step(self, batch, optimizers):
        if batch.step == step:
            signal.raise_signal(number)
        return whole(self, batch, optimizers)

    monkeypatch.setattr(cls, "train_step", train_step)


def step_on_a_clock(monkeypatch, name: str, seconds: float) -> None:
    """Give the loop a clock on which each step takes ``seconds``, and nothing else any time."""
    cls, now = registry.model_class(name), [0.0]
    whole = cls.train_step

    def train_step(self, batch, optimizers):
        now[0] += seconds
        return whole(self, batch, optimizers)

    monkeypatch.setattr(cls, "train_step", train_step)
    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: now[0]))


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def weights(folder: str) -> bytes:
    return Path(folder, checkpoint.WEIGHTS).read_bytes()
