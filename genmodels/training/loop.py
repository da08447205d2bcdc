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
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from tqdm import tqdm

from genmodels import checkpoint, images
from genmodels.config import BaseConfig
from genmodels.data import batch_indices
from genmodels.interrupts import Interrupts
from genmodels.model import Batch, GenerativeModel, Model
from genmodels.registry import model_class
from genmodels.training.distributed import all_reduce_gradients, any_process, broadcast_choice, init_distributed
from genmodels.training.folder import claimed, put_in_place, staged
from genmodels.training.history import History
from genmodels.training.mode_counts import mode_reader
from genmodels.training.precision import TRIED, autocast, memory_format, quicker_precision
from genmodels.training.progress import shown
from genmodels.training.run import TrainingError, TrainingRun
from genmodels.training.state import TrainState

SAVE_EVERY = 120.0  # seconds between saved states
OUT_OF_MEMORY = "allocate memory", "out of memory"  # in an error's message
SAMPLES_SHOWN = 64  # images in samples.png


def fit(run: TrainingRun, interrupts: Interrupts | None = None) -> checkpoint.Card | None:
    """Train to the last step and write the checkpoint; returns its card (None in all processes but the first).

    Ctrl-C and SIGTERM save the state for ``resume`` after the step that they find, and raise KeyboardInterrupt.
    """
    rank, world_size = init_distributed(run.device)
    try:
        with contextlib.nullcontext() if rank else claimed(run):
            return _fit(run, rank, world_size, interrupts)
    except (MemoryError, RuntimeError) as error:  # the CPU's allocator has no error of its own
        if not isinstance(error, MemoryError) and not any(words in str(error) for words in OUT_OF_MEMORY):
            raise
        raise TrainingError("there is not enough memory for this run; try a smaller batch_size") from None
    finally:
        if world_size > 1:
            dist.destroy_process_group()


def _fit(run: TrainingRun, rank: int, world_size: int, interrupts: Interrupts | None = None) -> checkpoint.Card | None:
    config, interrupts = run.config, interrupts or Interrupts()
    one_of_several = run.device == "cuda" and world_size > 1
    device = torch.device(f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if one_of_several else run.device)
    if config.batch_size % world_size:
        raise TrainingError(f"batch_size {config.batch_size} does not divide into {world_size} processes")

    def batch(step: int) -> Batch:
        rows = batch_indices(len(split), config.batch_size, step, run.seed)
        share = len(rows) // world_size
        return Batch(*split.batch(rows[rank * share : (rank + 1) * share], device), step)

    torch.manual_seed(run.seed)
    model = _build(run).to(device)
    split = model.prepare(run.images)
    ema = copy.deepcopy(model).eval().requires_grad_(False)
    optimizers = model.optimizers()
    for optimizer in optimizers.values():
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
        if world_size > 1:
            optimizer.register_step_pre_hook(all_reduce_gradients)
    history = History(config.steps, run.seed, model.phase(config.steps - 1)[0], mode_reader(run.dataset))
    state = TrainState(run, model, ema, optimizers, history)
    start = 0
    if run.resume:
        start = state.load()
        interrupts.saved = _place(start, run)
    if state.precision is None:
        choice = quicker_precision(model, batch, device) if config.precision == "auto" else config.precision
        state.precision = broadcast_choice(choice, TRIED, device, world_size)
    for network in (model, ema):
        network.to(memory_format=memory_format(device, state.precision))

    began = tried = time.monotonic()  # tried: to save
    spent = history.seconds
    bar = tqdm(total=config.steps, initial=start, disable=run.quiet or rank > 0, unit="step", dynamic_ncols=True,
               mininterval=1.0, desc=run.out.name)
    model.train()
    # Steps are done in all processes or in none, so that these stop at the same one, however often they are asked to.
    with (interrupts.postponed(insistent=world_size > 1), contextlib.closing(bar),
          shown(run, history, start) if rank == 0 else contextlib.nullcontext(lambda step: None) as show):
        for step in range(start, config.steps):
            first, end = model.phase(step)
            _set_learning_rate(optimizers, config, step - first, end - first)
            step_batch = batch(step)
            torch.manual_seed(_step_seed(run.seed, step, rank))
            with autocast(device, state.precision):
                losses = model.train_step(step_batch, optimizers)
            _update_ema(ema, model, config.ema_half_life, step - first)
            values = history.record(step, losses, ema)
            history.seconds = spent + time.monotonic() - began
            show(step + 1)
            bar.update()
            if step % 10 == 0:
                rate = (step + 1 - start) * config.batch_size / (time.monotonic() - began)
                bar.set_postfix_str(" ".join(f"{k} {v:.3g}" for k, v in values.items()) + f" {rate:.0f} images/s")
                if not all(map(math.isfinite, values.values())):
                    raise TrainingError(f"a loss is no longer a number at step {step}: {values}; try a smaller lr")
            stop = any_process(interrupts.received is not None, device, world_size)
            if rank == 0 and (stop or step + 1 == config.steps or time.monotonic() - tried > SAVE_EVERY):
                tried = time.monotonic()
                try:
                    with interrupts.postponed(insistent=True):
                        state.save(step + 1)
                    interrupts.saved = _place(step + 1, run)
                except OSError as error:  # a full disk, perhaps only for now
                    bar.write(f"step {step + 1:,} could not be saved: {error.strerror}", file=sys.stderr)
            if stop:
                raise KeyboardInterrupt
    return None if rank else _write_checkpoint(run, ema, history, device, world_size, state, interrupts)


def _build(run: TrainingRun) -> Model:
    try:
        return model_class(run.model)(run.config)
    except (RuntimeError, MemoryError, OverflowError, TypeError) as error:  # sizes that no memory can hold
        raise TrainingError(f"no {run.model} can be built with these settings: {str(error).splitlines()[0]}") from None


def _write_checkpoint(run: TrainingRun, ema: Model, history: History, device: torch.device, world_size: int,
                      state: TrainState, interrupts: Interrupts) -> checkpoint.Card:
    """The checkpoint, whole or not at all."""
    began = time.monotonic()
    ema.finish(run.images.images, run.images.labels)
    history.seconds += time.monotonic() - began
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
    try:
        with staged(run.out) as folder:
            card = checkpoint.save(ema, folder, card)
            history.save(folder)
            stored, _ = checkpoint.load(folder.name, folder.parent)
            if isinstance(stored, GenerativeModel):
                images.save_png(sample_sheet(stored), folder / checkpoint.SAMPLES)
            with interrupts.postponed(insistent=True):
                put_in_place(folder, run.out)
                state.delete()
    except OSError as error:
        raise TrainingError(f"the checkpoint could not be written to {run.out}: {error.strerror or error}"
                            + ("; --resume tries again" if interrupts.saved else "")) from None
    return card


def sample_sheet(model: GenerativeModel) -> np.ndarray:
    """The first images of seed 0 side by side, as ``samples.png`` shows them."""
    latents = model.latent.sample(0, range(SAMPLES_SHOWN))
    drawn = model.render(model.generate(latents))
    return images.upscale(images.make_grid(drawn, columns=8), 2, images.is_color(drawn))


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
    """Exponential moving average, its half-life growing with the phase at first (Karras et al. 2020, appendix B)."""
    decay = 0.5 ** (1 / max(1.0, min(half_life, 0.1 * step)))
    pairs = list(zip(ema.parameters(), model.parameters(), strict=True))
    if learned := [pair for pair in pairs if pair[1].requires_grad]:
        torch._foreach_lerp_(*map(list, zip(*learned, strict=True)), 1 - decay)
    # Statistics, and parameters in closed form, are as good as they get: the last ones count.
    fixed = [pair for pair in pairs if not pair[1].requires_grad]
    for averaged, current in [*fixed, *zip(ema.buffers(), model.buffers(), strict=True)]:
        averaged.copy_(current)


def _set_learning_rate(optimizers: dict[str, torch.optim.Optimizer], config: BaseConfig, step: int,
                       steps: int) -> None:
    """Linear warm-up, then half a cosine from lr to lr_final * lr, at a step of a phase of so many steps."""
    cosine = (1 + math.cos(math.pi * step / steps)) / 2
    factor = min(1.0, (step + 1) / max(1, config.warmup)) * (config.lr_final + (1 - config.lr_final) * cosine)
    for optimizer in optimizers.values():
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * factor


def _place(step: int, run: TrainingRun) -> str:
    return f"step {step:,} of {run.out}"


def _step_seed(seed: int, step: int, rank: int) -> int:
    return int(np.random.SeedSequence([seed, step, rank]).generate_state(1, np.uint64)[0] >> 1)
