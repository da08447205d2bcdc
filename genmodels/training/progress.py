"""What a run shows of itself while it trains: its history so far, in two hidden files of its folder.

Either appears whole or not at all. They are there from the first step until the run ends, however it does, unless the
process is killed; afterwards the checkpoint, or the state for --resume, has all that was in them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from genmodels import checkpoint, images
from genmodels.training.history import History
from genmodels.training.run import TrainingRun

SHOW_EVERY = 1.0  # seconds between two writings, at least
MAX_SHARE = 0.02  # of the time of a run that writing may take


@contextmanager
def shown(run: TrainingRun, history: History, start: int) -> Iterator[Callable[[int], None]]:
    """Gives a function to be called with the number of steps done; ``start``: those done before this began.

    ``.running.json`` is ``History.to_json`` and ``run``: when it was ``begun`` (seconds since 1970), its ``model``,
    ``step`` of ``steps`` done, its ``seconds``, and the ``size`` [H, W] of an image. ``.running.png`` is the sheet of
    images, which is written first: it has at least the rows that the other file speaks of.
    """
    begun, rows, due = time.time(), 0, 0.0

    def write(step: int) -> None:
        nonlocal rows
        size = next(iter(history.images.values())).shape[1:3] if history.images else None
        if len(history.images) != rows:
            checkpoint.atomic_write(run.out / checkpoint.RUNNING_IMAGES, images.png(history.sheet()))
            rows = len(history.images)
        about = {"begun": begun, "model": run.model, "step": step, "steps": run.config.steps,
                 "seconds": round(history.seconds, 1), "size": size}
        checkpoint.atomic_write(run.out / checkpoint.RUNNING, json.dumps(history.to_json() | {"run": about}).encode())

    def show(step: int) -> None:
        nonlocal due
        if (now := time.monotonic()) < due:
            return
        with suppress(OSError):  # a full disk, or a folder that was deleted: no reason to stop training
            write(step)
        cost = time.monotonic() - now
        due = now + cost + max(SHOW_EVERY, cost / MAX_SHARE)

    try:
        show(start)
        yield show
    finally:
        clear(run.out)


def clear(folder: Path) -> None:
    """Remove what a run in this folder has shown."""
    for name in (checkpoint.RUNNING, checkpoint.RUNNING_IMAGES):
        with suppress(OSError):
            (folder / name).unlink(missing_ok=True)
