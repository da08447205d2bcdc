"""All that an interrupted run needs to go on, as one safetensors file beside the checkpoint."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from genmodels import checkpoint
from genmodels.interrupts import STATE
from genmodels.model import Model
from genmodels.training.history import History
from genmodels.training.run import TrainingError, TrainingRun

ANEW = "start anew with --force instead of --resume"


class TrainState:
    """The networks, optimizers and history of a run, saved and loaded together."""

    def __init__(self, run: TrainingRun, model: Model, ema: Model, optimizers: dict, history: History) -> None:
        self.run, self.model, self.ema, self.optimizers, self.history = run, model, ema, optimizers, history
        self.path = run.out / STATE
        self.precision: str | None = None  # what "auto" chose; a resumed run keeps to it

    def save(self, step: int) -> None:
        """Write the state in which ``step`` steps are done."""
        tensors = {f"model/{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"ema/{k}": v for k, v in self.ema.state_dict().items()}
        for name, optimizer in self.optimizers.items():
            for index, values in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer/{name}/{index}/{k}": torch.as_tensor(v) for k, v in values.items()}
        tensors |= {f"images/{s}": torch.from_numpy(p) for s, p in self.history.images.items()}
        tensors = {k: v.detach().cpu().clone(memory_format=torch.contiguous_format) for k, v in tensors.items()}
        header = {
            "settings": json.dumps(self.run.settings, sort_keys=True), "data": self.fingerprint, "step": str(step),
            "seconds": str(self.history.seconds), "losses": json.dumps(self.history.losses),
            "modes": json.dumps(self.history.modes), "precision": str(self.precision),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)  # it may have been deleted meanwhile
        checkpoint.atomic_write(self.path, safetensors.torch.save(tensors, header))

    def load(self) -> int:
        """Restore the saved state; returns the number of steps done. TrainingError where it is another run's."""
        header = read_header(self.run)
        if header.get("data", self.fingerprint) != self.fingerprint:
            raise TrainingError(f"the run saved in {self.run.out} learned from other images; give the same --data, or "
                                f"{ANEW}")
        try:
            self._restore(safetensors.torch.load_file(self.path), header)
        except (OSError, RuntimeError, ValueError, KeyError, safetensors.SafetensorError) as error:
            raise TrainingError(f"{self.path} is damaged, or another version's ({error}); {ANEW}") from None
        return int(header["step"])

    def _restore(self, tensors: dict[str, Tensor], header: dict[str, str]) -> None:
        self.model.load_state_dict(_strip_prefix(tensors, "model/"))
        self.ema.load_state_dict(_strip_prefix(tensors, "ema/"))
        for name, optimizer in self.optimizers.items():
            state: dict[int, dict[str, Tensor]] = {}
            for key, value in _strip_prefix(tensors, f"optimizer/{name}/").items():
                index, _, field = key.partition("/")
                state.setdefault(int(index), {})[field] = value
            optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
        self.history.images = {int(k): v.numpy() for k, v in _strip_prefix(tensors, "images/").items()}
        self.history.losses = {int(k): v for k, v in json.loads(header["losses"]).items()}
        self.history.modes = {int(k): v for k, v in json.loads(header["modes"]).items()}
        self.history.seconds, self.precision = float(header["seconds"]), header["precision"]

    @cached_property
    def fingerprint(self) -> str:
        """Tells these images and labels from others."""
        digest = hashlib.sha256()
        for values in (self.run.images.images, self.run.images.labels):
            if values is not None:
                digest.update(values.contiguous().numpy())
        return digest.hexdigest()

    def delete(self) -> None:
        """Remove the file: the checkpoint is complete."""
        self.path.unlink(missing_ok=True)


def read_header(run: TrainingRun) -> dict[str, str]:
    """What the saved state in the folder of ``run`` says of itself.

    TrainingError where there is none, where it is damaged, or where it is a run's with other settings.
    """
    path = run.out / STATE
    if not path.exists():
        raise TrainingError(f"there is nothing to resume in {run.out}; start without --resume")
    try:
        with safetensors.safe_open(path, "pt") as file:
            header = file.metadata() or {}
        saved = json.loads(header["settings"])
    except (OSError, ValueError, KeyError, safetensors.SafetensorError) as error:
        raise TrainingError(f"{path} is damaged ({error}); {ANEW}") from None
    here = json.loads(json.dumps(run.settings))
    if saved != here:
        raise TrainingError(f"the run saved in {run.out} has other settings, {_difference(saved, here)}; give the "
                            f"same, or {ANEW}")
    return header


def steps_done(path: Path) -> int | None:
    """The number of steps after which a state was saved; None where it cannot be read."""
    try:
        with safetensors.safe_open(path, "pt") as file:
            return int(file.metadata()["step"])
    except (OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError):
        return None


def _difference(saved: Any, here: Any) -> str:
    """The first setting that differs, and both its values."""
    names = "model", "config", "dataset", "seed"
    pairs = dict(zip(names, saved, strict=False)), dict(zip(names, here, strict=True))
    then, now = ({**pair.pop("config"), **pair} for pair in pairs)
    name = next(name for name in {**now, **then} if then.get(name) != now.get(name))
    return f"{name}={then.get(name)} and not {now.get(name)}"


def _strip_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
