"""The training loop: batches, learning rate, weight averaging, progress, snapshots, resuming, several processes.

It knows no adversary and no bound: a model trains itself by ``train_step``, and several processes meet in the
optimisers, whose gradients are averaged just before each step.

Everything random at step t comes from (seed, t, process), so a run that is stopped and resumed ends in the same weights
as one that was not.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import json
import math
import os
import platform
import signal
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
import torch.distributed as dist
from torch import Tensor
from tqdm import tqdm

from genmodels import checkpoint, images
from genmodels.data import DATASETS, Pictures, batch_rows
from genmodels.latents import Latents, check_seed
from genmodels.model import BaseConfig, Batch, GenerativeModel, Model
from genmodels.registry import model_class

RESUME = ".resume.safetensors"
SNAPSHOTS = 40  # pictures of the fixed latents, at log-spaced steps
SNAPSHOT_PICTURES = 10
SAVE_EVERY = 120.0  # seconds between resume files
CURVE_POINTS = 400  # of each loss kept in the history


class TrainingError(ValueError):
    """The run cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class Run:
    """What to train, on what, where to."""

    name: str  # registry name
    config: BaseConfig
    dataset: str
    pictures: Pictures
    out: Path
    command: str  # as typed, for the card
    seed: int = 0
    device: str = "cpu"
    resume: bool = False
    quiet: bool = False


def check(config: BaseConfig, device: str, seed: int, out: Path) -> None:
    """TrainingError, in one line, for settings that no run could have; leaves nothing behind in or about ``out``."""
    check_seed(seed)
    for field, value in dataclasses.asdict(config).items():
        least = 0 if field in ("warmup", "ema_half_life") else 4 if field.endswith("width") else 1
        if type(value) is int and value < least:
            raise TrainingError(f"{field} is at least {least}, not {value}")
    if config.precision not in ("float32", "bfloat16"):
        raise TrainingError(f"precision is float32 or bfloat16, not {config.precision!r}")
    if device not in ("cpu", "cuda"):
        raise TrainingError(f"--device is cpu or cuda, not {device!r}")
    if device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("--device cuda: torch finds no CUDA device here; use --device cpu")
    there = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise TrainingError(f"cannot write to {out}: {error.strerror or error} ({there})") from None


def is_made(config: BaseConfig, dataset: str, seed: int, out: Path) -> bool:
    """Whether ``out`` holds the whole checkpoint of these settings, which a new run would but make again."""
    try:
        card, _ = checkpoint.read(out.name, out.parent)
    except checkpoint.CheckpointError:
        return False
    made = card.config, card.dataset.get("name"), card.training.get("seed")
    return made == (dataclasses.asdict(config), dataset, seed)


def fit(run: Run) -> checkpoint.Card | None:
    """Train to the last step and write the checkpoint; returns its card (None in all processes but the first).

    KeyboardInterrupt saves the state for ``resume`` and is raised again.
    """
    rank, world = _join(run.device)
    try:
        return _fit(run, rank, world)
    finally:
        if world > 1:
            dist.destroy_process_group()


def _fit(run: Run, rank: int, world: int) -> checkpoint.Card | None:
    config = run.config
    one_of_several = run.device == "cuda" and world > 1
    device = torch.device(f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if one_of_several else run.device)
    if config.batch_size % world:
        raise TrainingError(f"batch_size {config.batch_size} does not divide into {world} processes")
    run.out.mkdir(parents=True, exist_ok=True)

    torch.manual_seed(run.seed)
    model = model_class(run.name)(config).to(device)
    if config.precision == "bfloat16" and device.type == "cpu":
        model = model.to(memory_format=torch.channels_last)  # timed: a tenth faster with bfloat16 on the CPU
    average = copy.deepcopy(model).eval().requires_grad_(False)
    optimizers = model.optimizers()
    for optimizer in optimizers.values():
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
        if world > 1:
            optimizer.register_step_pre_hook(_average_gradients)
    history = History(config.steps, run.seed)
    state = _State(run, model, average, optimizers, history)
    start = state.load() if run.resume else 0

    began, spent, saved = time.time(), history.seconds, time.time()
    bar = tqdm(total=config.steps, initial=start, disable=run.quiet or rank > 0, unit="step", dynamic_ncols=True,
               mininterval=1.0, desc=run.out.name)
    model.train()
    with _Interrupt() as interrupt, contextlib.closing(bar):
        for step in range(start, config.steps):
            _set_learning_rate(optimizers, config, step)
            rows = batch_rows(len(run.pictures), config.batch_size, step, run.seed)
            share = len(rows) // world
            x, y = run.pictures.batch(rows[rank * share : (rank + 1) * share], device)
            torch.manual_seed(_step_seed(run.seed, step, rank))
            with torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bfloat16"):
                losses = model.train_step(Batch(x, y, step), optimizers)
            _average_weights(average, model, config.ema_half_life, step)
            values = history.record(step, losses, average)
            history.seconds = spent + time.time() - began
            bar.update()
            if step % 10 == 0:
                rate = (step + 1 - start) * config.batch_size / (time.time() - began)
                bar.set_postfix_str(" ".join(f"{k} {v:.3g}" for k, v in values.items()) + f" {rate:.0f} pictures/s")
                if not all(map(math.isfinite, values.values())):
                    raise TrainingError(f"a loss is no longer a number at step {step}: {values}; try a smaller lr")
            if rank == 0 and (interrupt.asked or time.time() - saved > SAVE_EVERY):
                state.save(step + 1)
                saved = time.time()
            if interrupt.asked:
                raise KeyboardInterrupt
    if rank:
        return None
    return _finish(run, model, average, history, device, world, state)


def _finish(run: Run, model: Model, average: Model, history: History, device: torch.device, world: int,
            state: _State) -> checkpoint.Card:
    data = DATASETS[run.dataset]
    card = checkpoint.Card(
        name=run.out.name, model=run.name, config=dataclasses.asdict(run.config),
        dataset={
            "name": run.dataset, "title": data.title, "classes": list(data.classes), "licence": data.licence,
            "source": data.source, "split": "train", "pictures": len(run.pictures),
        },
        training={
            "command": run.command, "seed": run.seed, "steps": run.config.steps, "seconds": round(history.seconds, 1),
            "device": describe(device), "processes": world, "torch": torch.__version__.split("+")[0],
            "seconds_of_200_steps": history.first_200,
        },
        parameters=0, weights_sha256="",
    )
    card = checkpoint.save(average, run.out, card)
    history.save(run.out)
    if isinstance(average, GenerativeModel):
        average = average.cpu().eval()
        latents = average.latent.draw(0, range(64))
        sheet = images.grid(images.to_uint8(average.generate(latents)), columns=8)
        images.save_png(images.enlarge(sheet, 2), run.out / checkpoint.SAMPLES)
    state.path.unlink(missing_ok=True)
    return card


class History:
    """Losses by step, and pictures of one fixed set of latents at log-spaced steps, by the averaged weights."""

    def __init__(self, steps: int, seed: int) -> None:
        self.losses: dict[int, dict[str, float]] = {}
        self.pictures: dict[int, np.ndarray] = {}
        self.seconds = 0.0
        self.first_200: float | None = None
        self.every = max(1, steps // CURVE_POINTS)
        marks = np.unique(np.geomspace(1, steps, SNAPSHOTS).round().astype(int)) - 1
        self.marks = set(marks.tolist())
        self.seed = seed

    def record(self, step: int, losses: dict[str, Tensor], average: Model) -> dict[str, float]:
        """Keep what this step adds; returns the losses as numbers on the steps where they are shown or kept."""
        values = {}
        if step % 10 == 0 or step % self.every == 0:
            values = {k: float(v) for k, v in losses.items()}
        if step % self.every == 0:
            self.losses[step] = values
        if step == 199:
            self.first_200 = round(self.seconds, 1)
        if step in self.marks and isinstance(average, GenerativeModel):
            latents = snapshot_latents(average)
            device = next(average.parameters()).device
            latents = dataclasses.replace(latents, z=latents.z.to(device),
                                          c=None if latents.c is None else latents.c.to(device))
            self.pictures[step + 1] = images.to_uint8(average.generate(latents))
        return values

    def save(self, folder: Path) -> None:
        """``history.json``: steps, losses; ``history.png``: a row of pictures for each of ``picture_steps``."""
        steps = sorted(self.losses)
        keys = sorted({k for values in self.losses.values() for k in values})
        curves = {k: [_short(self.losses[s].get(k)) for s in steps] for k in keys}
        data = {"steps": steps, "losses": curves, "picture_steps": sorted(self.pictures)}
        checkpoint.replace(folder / checkpoint.HISTORY, json.dumps(data).encode())
        if self.pictures:
            rows = np.concatenate([self.pictures[s] for s in sorted(self.pictures)])
            rows = images.coarse(rows)
            images.save_png(images.grid(rows, columns=SNAPSHOT_PICTURES, gap=0), folder / checkpoint.HISTORY_PICTURES)


def snapshot_latents(model: GenerativeModel) -> Latents:
    """The latents whose pictures the history follows: ten of seed 0, one a class where there are classes."""
    latents = model.latent.draw(0, range(SNAPSHOT_PICTURES))
    if latents.c is not None:
        latents = dataclasses.replace(latents, c=torch.arange(SNAPSHOT_PICTURES) % model.latent.categorical.classes)
    return latents


class _State:
    """All that a run needs to go on, as one safetensors file beside the checkpoint."""

    def __init__(self, run: Run, model: Model, average: Model, optimizers: dict, history: History) -> None:
        self.run, self.model, self.average, self.optimizers, self.history = run, model, average, optimizers, history
        self.path = run.out / RESUME
        self.settings = json.dumps([run.name, dataclasses.asdict(run.config), run.dataset, run.seed], sort_keys=True)

    def save(self, step: int) -> None:
        """Write the state in which ``step`` steps are done."""
        tensors = {f"model/{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"average/{k}": v for k, v in self.average.state_dict().items()}
        for name, optimizer in self.optimizers.items():
            for index, values in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer/{name}/{index}/{k}": torch.as_tensor(v) for k, v in values.items()}
        tensors |= {f"pictures/{s}": torch.from_numpy(p) for s, p in self.history.pictures.items()}
        tensors = {k: v.detach().cpu().clone(memory_format=torch.contiguous_format) for k, v in tensors.items()}
        header = {
            "settings": self.settings, "step": str(step), "seconds": str(self.history.seconds),
            "losses": json.dumps(self.history.losses), "first_200": json.dumps(self.history.first_200),
        }
        checkpoint.replace(self.path, safetensors.torch.save(tensors, header))

    def load(self) -> int:
        """Take up the saved state; returns the number of steps done. TrainingError where it is another run's."""
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
        self.model.load_state_dict(_below(tensors, "model/"))
        self.average.load_state_dict(_below(tensors, "average/"))
        for name, optimizer in self.optimizers.items():
            state: dict[int, dict[str, Tensor]] = {}
            for key, value in _below(tensors, f"optimizer/{name}/").items():
                index, _, field = key.partition("/")
                state.setdefault(int(index), {})[field] = value
            optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
        self.history.pictures = {int(k): v.numpy() for k, v in _below(tensors, "pictures/").items()}
        self.history.losses = {int(k): v for k, v in json.loads(header["losses"]).items()}
        self.history.seconds, self.history.first_200 = float(header["seconds"]), json.loads(header["first_200"])
        return int(header["step"])


class _Interrupt:
    """Ctrl-C asks the loop to stop after the step it is in; a second one stops at once."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> _Interrupt:
        self.main = threading.current_thread() is threading.main_thread()
        if self.main:
            self.before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *error: object) -> None:
        if self.main:
            signal.signal(signal.SIGINT, self.before)

    def _handle(self, number: int, frame: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


def describe(device: torch.device) -> str:
    """The device in words, for the card."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), name)
    return f"{name}, {torch.get_num_threads()} threads"


def _join(device: str) -> tuple[int, int]:
    """Join the processes that torchrun started, if it did; returns (rank, processes)."""
    world = int(os.environ.get("WORLD_SIZE", 1))
    if world > 1:
        dist.init_process_group("nccl" if device == "cuda" else "gloo")
        return dist.get_rank(), world
    return 0, 1


def _average_gradients(optimizer: torch.optim.Optimizer, args: tuple, kwargs: dict) -> None:
    """Before an optimiser steps: its gradients become their mean over the processes, in one message."""
    gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


@torch.no_grad()
def _average_weights(average: Model, model: Model, half_life: int, step: int) -> None:
    """Exponential moving average, its half-life growing with the run at first (Karras et al. 2020, appendix B)."""
    keep = 0.5 ** (1 / max(1.0, min(half_life, 0.1 * step)))
    ours, theirs = list(average.parameters()), list(model.parameters())
    torch._foreach_lerp_(ours, theirs, 1 - keep)
    for mine, its in zip(average.buffers(), model.buffers(), strict=True):
        mine.copy_(its)


def _set_learning_rate(optimizers: dict[str, torch.optim.Optimizer], config, step: int) -> None:
    """Linear warm-up, then half a cosine from lr to lr_final * lr."""
    cosine = (1 + math.cos(math.pi * step / config.steps)) / 2
    factor = min(1.0, (step + 1) / max(1, config.warmup)) * (config.lr_final + (1 - config.lr_final) * cosine)
    for optimizer in optimizers.values():
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * factor


def _step_seed(seed: int, step: int, rank: int) -> int:
    return int(np.random.SeedSequence([seed, step, rank]).generate_state(1, np.uint64)[0] >> 1)


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")
