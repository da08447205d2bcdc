"""The training loop: batches, learning rate, weight averaging, progress, snapshots, resuming.

It knows no adversary and no bound: a model trains itself by ``train_step``, and several processes meet in the
optimizers.

Everything random at step t comes from (seed, t, process), so a run that is stopped and resumed ends in the same weights
as one that was not.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import math
import os
import platform
import signal
import threading
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from tqdm import tqdm

from genmodels import checkpoint, images
from genmodels.config import BaseConfig
from genmodels.data import batch_indices
from genmodels.model import Batch, GenerativeModel, Model
from genmodels.registry import model_class
from genmodels.training.distributed import all_reduce_gradients, broadcast_choice, init_distributed
from genmodels.training.history import History
from genmodels.training.precision import TRIED, autocast, memory_format, quicker_precision
from genmodels.training.run import TrainingError, TrainingRun
from genmodels.training.state import TrainState

SAVE_EVERY = 120.0  # seconds between saved states
SAMPLES_SHOWN = 64  # images in samples.png


def fit(run: TrainingRun) -> checkpoint.Card | None:
    """Train to the last step and write the checkpoint; returns its card (None in all processes but the first).

    KeyboardInterrupt saves the state for ``resume`` and is raised again.
    """
    rank, world_size = init_distributed(run.device)
    try:
        return _fit(run, rank, world_size)
    finally:
        if world_size > 1:
            dist.destroy_process_group()


def _fit(run: TrainingRun, rank: int, world_size: int) -> checkpoint.Card | None:
    config = run.config
    one_of_several = run.device == "cuda" and world_size > 1
    device = torch.device(f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if one_of_several else run.device)
    if config.batch_size % world_size:
        raise TrainingError(f"batch_size {config.batch_size} does not divide into {world_size} processes")
    run.out.mkdir(parents=True, exist_ok=True)

    def batch(step: int) -> Batch:
        rows = batch_indices(len(run.images), config.batch_size, step, run.seed)
        share = len(rows) // world_size
        return Batch(*run.images.batch(rows[rank * share : (rank + 1) * share], device), step)

    torch.manual_seed(run.seed)
    model = model_class(run.model)(config).to(device)
    ema = copy.deepcopy(model).eval().requires_grad_(False)
    optimizers = model.optimizers()
    for optimizer in optimizers.values():
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
        if world_size > 1:
            optimizer.register_step_pre_hook(all_reduce_gradients)
    history = History(config.steps, run.seed)
    state = TrainState(run, model, ema, optimizers, history)
    start = state.load() if run.resume else 0
    if state.precision is None:
        choice = quicker_precision(model, batch, device) if config.precision == "auto" else config.precision
        state.precision = broadcast_choice(choice, TRIED, device, world_size)
    for network in (model, ema):
        network.to(memory_format=memory_format(device, state.precision))

    began, spent, saved = time.time(), history.seconds, time.time()
    bar = tqdm(total=config.steps, initial=start, disable=run.quiet or rank > 0, unit="step", dynamic_ncols=True,
               mininterval=1.0, desc=run.out.name)
    model.train()
    with _Interrupt() as interrupt, contextlib.closing(bar):
        for step in range(start, config.steps):
            _set_learning_rate(optimizers, config, step)
            step_batch = batch(step)
            torch.manual_seed(_step_seed(run.seed, step, rank))
            with autocast(device, state.precision):
                losses = model.train_step(step_batch, optimizers)
            _update_ema(ema, model, config.ema_half_life, step)
            values = history.record(step, losses, ema)
            history.seconds = spent + time.time() - began
            bar.update()
            if step % 10 == 0:
                rate = (step + 1 - start) * config.batch_size / (time.time() - began)
                bar.set_postfix_str(" ".join(f"{k} {v:.3g}" for k, v in values.items()) + f" {rate:.0f} images/s")
                if not all(map(math.isfinite, values.values())):
                    raise TrainingError(f"a loss is no longer a number at step {step}: {values}; try a smaller lr")
            if rank == 0 and (interrupt.requested or time.time() - saved > SAVE_EVERY):
                state.save(step + 1)
                saved = time.time()
            if interrupt.requested:
                raise KeyboardInterrupt
    return None if rank else _write_checkpoint(run, ema, history, device, world_size, state)


def _write_checkpoint(run: TrainingRun, ema: Model, history: History, device: torch.device, world_size: int,
                      state: TrainState) -> checkpoint.Card:
    began = time.time()
    ema.finish(run.images.images, run.images.labels)
    history.seconds += time.time() - began
    history.snapshot(run.config.steps, ema)  # once more, since ``finish`` may have changed what is sampled
    # What "auto" chose is part of the command: another machine may choose otherwise, and get other weights.
    pinned = f" --set precision={state.precision}" if run.config.precision == "auto" else ""
    card = checkpoint.Card(
        name=run.out.name, model=run.model, config=dataclasses.asdict(run.config),
        dataset={"name": run.dataset_name, **run.dataset.to_json(), "split": "train", "images": len(run.images)},
        training={
            "command": run.command + pinned, "seed": run.seed, "steps": run.config.steps,
            "seconds": round(history.seconds, 1),
            "steps_per_second": round(run.config.steps / max(history.seconds, 1e-3), 2), "precision": state.precision,
            "device": device_name(device), "processes": world_size, "torch": torch.__version__.split("+")[0],
        },
        parameters=0, weights_sha256="",
    )
    card = checkpoint.save(ema, run.out, card)
    history.save(run.out)
    stored, _ = checkpoint.load(run.out.name, run.out.parent)
    if isinstance(stored, GenerativeModel):
        images.save_png(sample_sheet(stored), run.out / checkpoint.SAMPLES)
    state.delete()
    return card


def sample_sheet(model: GenerativeModel) -> np.ndarray:
    """The first images of seed 0 side by side, as ``samples.png`` shows them."""
    latents = model.latent.sample(0, range(SAMPLES_SHOWN))
    return images.upscale(images.make_grid(model.render(model.generate(latents)), columns=8), 2)


class _Interrupt:
    """Ctrl-C asks the loop to stop after the current step; a second one stops at once."""

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> _Interrupt:
        self.main = threading.current_thread() is threading.main_thread()
        if self.main:
            self.before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *error: object) -> None:
        if self.main:
            signal.signal(signal.SIGINT, self.before)

    def _handle(self, number: int, frame: object) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


def device_name(device: torch.device) -> str:
    """The device in words, for the card."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), name)
    return f"{name}, {torch.get_num_threads()} threads"


@torch.no_grad()
def _update_ema(ema: Model, model: Model, half_life: int, step: int) -> None:
    """Exponential moving average, its half-life growing with the run at first (Karras et al. 2020, appendix B)."""
    decay = 0.5 ** (1 / max(1.0, min(half_life, 0.1 * step)))
    pairs = list(zip(ema.parameters(), model.parameters(), strict=True))
    if learned := [pair for pair in pairs if pair[1].requires_grad]:
        torch._foreach_lerp_(*map(list, zip(*learned, strict=True)), 1 - decay)
    # Statistics, and parameters in closed form, are as good as they get: the last ones count.
    fixed = [pair for pair in pairs if not pair[1].requires_grad]
    for averaged, current in [*fixed, *zip(ema.buffers(), model.buffers(), strict=True)]:
        averaged.copy_(current)


def _set_learning_rate(optimizers: dict[str, torch.optim.Optimizer], config: BaseConfig, step: int) -> None:
    """Linear warm-up, then half a cosine from lr to lr_final * lr."""
    cosine = (1 + math.cos(math.pi * step / config.steps)) / 2
    factor = min(1.0, (step + 1) / max(1, config.warmup)) * (config.lr_final + (1 - config.lr_final) * cosine)
    for optimizer in optimizers.values():
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * factor


def _step_seed(seed: int, step: int, rank: int) -> int:
    return int(np.random.SeedSequence([seed, step, rank]).generate_state(1, np.uint64)[0] >> 1)
