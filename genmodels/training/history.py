"""How a run went: losses by step, and images of one fixed set of latents at log-spaced steps."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from torch import Tensor

from genmodels import checkpoint, images
from genmodels.latents import Latents
from genmodels.model import GenerativeModel, Model

SNAPSHOTS = 40  # images of the fixed latents, at log-spaced steps
SNAPSHOT_IMAGES = 10
CURVE_POINTS = 400  # of each loss kept


class History:
    """Losses by step, and images of one fixed set of latents by the averaged weights."""

    def __init__(self, steps: int, seed: int) -> None:
        self.losses: dict[int, dict[str, float]] = {}
        self.images: dict[int, np.ndarray] = {}
        self.seconds = 0.0
        self.log_every = max(1, steps // CURVE_POINTS)
        snapshots = np.unique(np.geomspace(1, steps, SNAPSHOTS).round().astype(int)) - 1
        self.snapshot_steps = set(snapshots.tolist())
        self.seed = seed

    def record(self, step: int, losses: dict[str, Tensor], ema: Model) -> dict[str, float]:
        """Keep what this step adds; returns the losses as numbers on the steps where they are shown or kept."""
        values = {}
        if step % 10 == 0 or step % self.log_every == 0:
            values = {k: float(v) for k, v in losses.items()}
        if step % self.log_every == 0:
            self.losses[step] = values
        if step in self.snapshot_steps:
            self.snapshot(step + 1, ema)
        return values

    def snapshot(self, steps_done: int, ema: Model) -> None:
        """Keep images of the fixed latents after so many steps; nothing for a model that generates none."""
        if not isinstance(ema, GenerativeModel):
            return
        latents, device = snapshot_latents(ema), next(iter(ema.state_dict().values())).device
        latents = Latents(latents.z.to(device), None if latents.y is None else latents.y.to(device))
        self.images[steps_done] = ema.render(ema.generate(latents))

    def save(self, folder: Path) -> None:
        """``history.json``: steps, losses; ``history.png``: a row of images for each of ``image_steps``."""
        steps = sorted(self.losses)
        keys = sorted({k for values in self.losses.values() for k in values})
        curves = {k: [_round_sig(self.losses[s].get(k)) for s in steps] for k in keys}
        data = {"steps": steps, "losses": curves, "image_steps": sorted(self.images)}
        checkpoint.atomic_write(folder / checkpoint.HISTORY, json.dumps(data).encode())
        if self.images:
            rows = np.concatenate([self.images[s] for s in sorted(self.images)])
            sheet = images.make_grid(images.quantize_gray(rows), columns=SNAPSHOT_IMAGES, gap=0)
            images.save_png(sheet, folder / checkpoint.HISTORY_IMAGES)


def snapshot_latents(model: GenerativeModel) -> Latents:
    """The latents whose images the history follows: ten of seed 0, one per class where there are classes."""
    return model.latent.sample(0, range(SNAPSHOT_IMAGES))


def _round_sig(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")
