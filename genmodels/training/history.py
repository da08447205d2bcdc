"""How a run went: losses by step, and images of one fixed set of latents at log-spaced steps.

Of models of stacked images also how many images of a larger fixed set are of each mode.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from genmodels import checkpoint, images
from genmodels.latents import Latents
from genmodels.model import GenerativeModel, Model, map_in_batches
from genmodels.training.mode_counts import ModeReader

SNAPSHOTS = 40  # images of the fixed latents, at log-spaced steps
SNAPSHOT_IMAGES = 10
MODE_IMAGES = 2_000  # whose modes are counted at these steps
ROWS_PER_PASS = 250  # of those
NOISE_STEPS = 20  # at first, in which images are noise and nothing is counted
CURVE_POINTS = 400  # of each loss kept


class History:
    """Losses by step, and images of one fixed set of latents by the averaged weights.

    ``last_phase``: the first step of the last phase of the training, from which the steps of images are spaced; what
    earlier phases learn is seen in no image. ``read_modes``: counts the modes of images, see ``mode_counts``.
    """

    def __init__(self, steps: int, seed: int, last_phase: int = 0, read_modes: ModeReader | None = None) -> None:
        self.losses: dict[int, dict[str, float]] = {}
        self.images: dict[int, np.ndarray] = {}
        self.modes: dict[int, list[int]] = {}
        self.seconds = 0.0
        self.log_every = max(1, steps // CURVE_POINTS)
        spaced = np.unique(np.geomspace(1, steps - last_phase, SNAPSHOTS).round().astype(int)) - 1
        self.snapshot_steps = {0, *(last_phase + spaced).tolist()}
        self.seed, self.last_phase, self.read_modes = seed, last_phase, read_modes

    def record(self, step: int, losses: dict[str, Tensor], ema: Model) -> dict[str, float]:
        """Keep what this step adds; returns the losses as numbers on the steps where they are shown or kept."""
        values = {}
        is_kept = step % self.log_every == 0 or step in self.snapshot_steps  # the latter: many of the first steps
        if is_kept or step % 10 == 0:
            values = {k: float(v) for k, v in losses.items()}
        if is_kept:
            self.losses[step] = values
        if step in self.snapshot_steps:
            self.snapshot(step + 1, ema)
        return values

    def snapshot(self, steps_done: int, ema: Model) -> None:
        """Keep what the fixed latents give after so many steps; nothing for a model that generates no images."""
        if not isinstance(ema, GenerativeModel):
            return
        device = next(iter(ema.state_dict().values())).device

        def there(latents: Latents) -> Latents:
            return Latents(latents.z.to(device), None if latents.y is None else latents.y.to(device))

        self.images[steps_done] = ema.render(ema.generate(there(snapshot_latents(ema))))
        if self.read_modes and steps_done >= self.last_phase + NOISE_STEPS:
            latents = there(ema.latent.sample(0, range(MODE_IMAGES)))
            drawn = map_in_batches(ema.decode, latents.z, latents.y, batch_size=ROWS_PER_PASS)
            self.modes[steps_done] = self.read_modes(ema.render(drawn))

    def to_json(self) -> dict[str, Any]:
        """``steps`` and ``losses`` at these, null where there was none; ``image_steps`` after which there are images.

        Where modes are counted, ``modes``: after each of ``steps``, ``counts`` of all modes among so many ``images``;
        ``first_step`` is that of the last phase.
        """
        steps = sorted(self.losses)
        keys = sorted({k for values in self.losses.values() for k in values})
        curves = {k: [_round_sig(self.losses[s].get(k)) for s in steps] for k in keys}
        data = {"steps": steps, "losses": curves, "image_steps": sorted(self.images)}
        if self.modes:
            counted = sorted(self.modes)
            data["modes"] = {"images": MODE_IMAGES, "first_step": self.last_phase, "steps": counted,
                             "counts": [self.modes[s] for s in counted]}
        return data

    def sheet(self) -> np.ndarray:
        """A row of images for each of ``image_steps``, uint8 [H, W] or [H, W, 3]; there is at least one row."""
        rows = np.concatenate([self.images[s] for s in sorted(self.images)])
        return images.make_grid(images.quantize_gray(rows), columns=SNAPSHOT_IMAGES, gap=0)

    def save(self, folder: Path) -> None:
        """``history.json`` as ``to_json`` has it, and where there are images ``history.png``, their sheet."""
        checkpoint.atomic_write(folder / checkpoint.HISTORY, json.dumps(self.to_json()).encode())
        if self.images:
            images.save_png(self.sheet(), folder / checkpoint.HISTORY_IMAGES)


def snapshot_latents(model: GenerativeModel) -> Latents:
    """The latents whose images the history follows: ten of seed 0, one per class where there are classes."""
    return model.latent.sample(0, range(SNAPSHOT_IMAGES))


def _round_sig(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")
