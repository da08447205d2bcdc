"""What the tests of training share: short runs of tiny models, and signals in the middle of one."""

from __future__ import annotations

import signal
from pathlib import Path

from conftest import tiny_config

from genmodels import checkpoint, registry

STEPS = 8
GOES_ON = "the same command with --resume goes on from here"  # said after an interruption
NOTHING_SAVED = "nothing saved yet, so there is nothing to resume"


def short_run(name: str, **fields: object) -> list[str]:
    """Arguments of a short training run of a tiny model."""
    config = tiny_config(name, steps=STEPS, **fields)
    flags = [word for key, value in config.items() for word in ("--set", f"{key}={value}")]
    return [name, "--dataset", "synthetic", *flags]


def interrupt(monkeypatch, name: str, step: int, number: int = signal.SIGINT) -> None:
    """Send Ctrl-C, or another signal, in the middle of a step."""
    cls = registry.model_class(name)
    whole = cls.train_step

    def train_step(self, batch, optimizers):
        if batch.step == step:
            signal.raise_signal(number)
        return whole(self, batch, optimizers)

    monkeypatch.setattr(cls, "train_step", train_step)


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def weights(folder: str) -> bytes:
    return Path(folder, checkpoint.WEIGHTS).read_bytes()
