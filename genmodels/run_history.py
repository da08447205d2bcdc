"""The history of a run, wherever it stands: read from what training has in its folder by now.

A run that goes on writes its history as it trains; an interrupted one has it in the state for --resume; a finished one
beside its weights. All are written whole or not at all, by other processes, at any time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from genmodels import checkpoint, images
from genmodels.interrupts import STATE

# What a run leaves in its folder; the first that is there says where it stands.
RUNNING, STOPPED, DONE = checkpoint.RUNNING, STATE, checkpoint.CARD
IMAGES_ABREAST = 10  # in the sheet
EMPTY = {"steps": [], "losses": {}, "image_steps": []}
STATES = {RUNNING: "running", STOPPED: "stopped", DONE: "done"}


class UnreadableError(ValueError):
    """What is in the folder cannot be read: it is damaged, or on its way from another machine."""


@dataclass(frozen=True)
class RunHistory:
    """Where a run stands.

    ``state``: "empty" (nothing is written yet), "running", "stopped" or "done". ``identity`` tells one run, from its
    beginning or from where it was resumed, from another in the same folder. ``history``: ``steps``, ``losses`` and
    ``image_steps``, perhaps ``modes``, as in history.json. ``size``: [H, W] of an image, None while there is none.
    ``sheet``: a PNG file, a row of images for each of ``image_steps``, and sometimes one more. ``written``: when, in
    seconds since 1970.
    """

    state: str
    identity: str = ""
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    size: list[int] | None = None
    history: dict[str, Any] = field(default_factory=lambda: EMPTY)
    sheet: bytes | None = None
    written: float = 0.0


def signature(folder: Path) -> tuple[str, int, int] | None:
    """Changes whenever ``read_run`` would read something else; None while nothing is written."""
    for name in STATES:
        try:
            found = (folder / name).stat()
        except OSError:
            continue
        return name, found.st_mtime_ns, found.st_size
    return None


def read_run(folder: Path) -> RunHistory:
    """What is in the folder of a run. UnreadableError."""
    seen = signature(folder)
    if seen is None:
        return RunHistory("empty")
    name, nanoseconds, _ = seen
    read = {RUNNING: _running, STOPPED: _stopped, DONE: _done}[name]
    try:
        return RunHistory(written=nanoseconds / 1e9, **read(folder))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableError(f"{folder / name}: {error}") from None


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a run, or may become one: it is empty, but for hidden files."""
    return signature(folder) is not None or not any(not path.name.startswith(".") for path in folder.iterdir())


def _running(folder: Path) -> dict[str, Any]:
    history = json.loads((folder / RUNNING).read_text())
    run = history.pop("run")
    sheet = (folder / checkpoint.RUNNING_IMAGES).read_bytes() if history["image_steps"] else None
    return {"state": "running", "identity": f"{run['begun']}", "step": run["step"], "steps": run["steps"],
            "seconds": run["seconds"], "size": run["size"], "history": history, "sheet": sheet}


def _stopped(folder: Path) -> dict[str, Any]:
    import safetensors  # loads no torch as long as its tensors are numpy's

    try:
        with safetensors.safe_open(folder / STOPPED, "numpy") as file:
            header = file.metadata()
            rows = {int(key.removeprefix("images/")): file.get_tensor(key) for key in file.keys()  # noqa: SIM118
                    if key.startswith("images/")}
    except safetensors.SafetensorError as error:
        raise ValueError(error) from None
    losses = {int(step): values for step, values in json.loads(header["losses"]).items()}
    steps, keys = sorted(losses), sorted({key for values in losses.values() for key in values})
    _, config, *_ = json.loads(header["settings"])
    done = int(header["step"])
    history = {"steps": steps, "image_steps": sorted(rows),
               "losses": {key: [losses[step].get(key) for step in steps] for key in keys}}
    sheet = size = None
    if rows:
        pictures = np.concatenate([rows[step] for step in sorted(rows)])
        size = list(pictures.shape[1:3])
        sheet = images.png(images.make_grid(images.quantize_gray(pictures), columns=IMAGES_ABREAST, gap=0))
    # Of all steps: the checkpoint is being written.
    return {"state": "stopped" if done < config["steps"] else "running", "identity": f"stopped at {done}", "step": done,
            "steps": config["steps"], "seconds": float(header["seconds"]), "size": size, "history": history,
            "sheet": sheet}


def _done(folder: Path) -> dict[str, Any]:
    card = json.loads((folder / DONE).read_text())
    history = json.loads((folder / checkpoint.HISTORY).read_text())
    steps, facts = card["config"]["steps"], card["dataset"]
    sheet = (folder / checkpoint.HISTORY_IMAGES).read_bytes() if history["image_steps"] else None
    return {"state": "done", "identity": card["weights_sha256"], "step": steps, "steps": steps,
            "seconds": card["training"]["seconds"], "size": [facts["height"], facts["width"]], "history": history,
            "sheet": sheet}
