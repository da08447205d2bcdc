"""All that an interrupted run needs to go on, as one safetensors file beside the checkpoint."""

from __future__ import annotations

import dataclasses
import json

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from genmodels import checkpoint
from genmodels.model import Model
from genmodels.training.history import History
from genmodels.training.run import TrainingError, TrainingRun

STATE_FILE = ".resume.safetensors"


class TrainState:
    """The networks, optimizers and history of a run, saved and loaded together."""

    def __init__(self, run: TrainingRun, model: Model, ema: Model, optimizers: dict, history: History) -> None:
        self.run, self.model, self.ema, self.optimizers, self.history = run, model, ema, optimizers, history
        self.path = run.out / STATE_FILE
        settings = [run.model, dataclasses.asdict(run.config), run.dataset_name, run.seed]
        self.settings = json.dumps(settings, sort_keys=True)
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
            "settings": self.settings, "step": str(step), "seconds": str(self.history.seconds),
            "losses": json.dumps(self.history.losses), "precision": str(self.precision),
        }
        checkpoint.atomic_write(self.path, safetensors.torch.save(tensors, header))

    def load(self) -> int:
        """Restore the saved state; returns the number of steps done. TrainingError where it is another run's."""
        if not self.path.exists():
            raise TrainingError(f"there is nothing to resume in {self.run.out}; start without --resume")
        try:
            with safetensors.safe_open(self.path, "pt") as file:
                header = file.metadata() or {}
                tensors = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118, a safetensors file is no dict
        except (OSError, safetensors.SafetensorError) as error:
            raise TrainingError(f"{self.path} is damaged ({error}); start without --resume") from None
        if header.get("settings") != self.settings:
            raise TrainingError(f"the run saved in {self.run.out} has other settings; give the same, or start anew")
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
        self.history.seconds, self.precision = float(header["seconds"]), header["precision"]
        return int(header["step"])

    def delete(self) -> None:
        """Remove the file: the checkpoint is complete."""
        self.path.unlink(missing_ok=True)


def _strip_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
