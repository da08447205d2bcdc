"""The histories of runs as the page takes them: those of the checkpoints, and that of the run that is watched."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from genmodels.run_history import RunHistory, UnreadableError, read_run, signature
from genmodels.ui.text import Text

Facts = dict[str, Any]


def curves(run: RunHistory) -> Facts:
    """What the page plots: ``steps``, ``losses`` by name at these steps, what each is in ``words``, ``imageSteps``.

    A loss at a step was computed before the step was taken, so that it stands at the number of steps done with it. Of
    images of many modes, ``covered``: pairs of a step and how many modes were drawn; of ``modeImages`` images.
    """
    history = run.history
    names = {name: Text.first_of(f"history.loss.{name}") for name in history["losses"]}
    found = {"steps": [step + 1 for step in history["steps"]], "losses": history["losses"],
             "imageSteps": history["image_steps"], "size": run.size, "last": run.steps,
             "words": {name: words.to_json() for name, words in names.items() if words}}
    if modes := history.get("modes"):
        drawn = (sum(count > 0 for count in counts) for counts in modes["counts"])
        found |= {"covered": [list(pair) for pair in zip(modes["steps"], drawn, strict=True)],
                  "modeImages": modes["images"]}
    return found


class WatchedRun:
    """The run in a folder, read again when something has changed there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.name = folder, folder.resolve().name
        self._seen: tuple | None = None
        self._run, self._curves = RunHistory("empty"), curves(RunHistory("empty"))

    def read(self) -> RunHistory:
        """Where the run stands. UnreadableError."""
        if (seen := signature(self.folder)) != self._seen:
            run = read_run(self.folder)
            self._run, self._curves, self._seen = run, curves(run), seen
        return self._run

    def news(self, identity: str, points: int, images: int) -> Facts:
        """Where the run stands, and what has been added to so many ``points`` of its curves, and to so many ``images``.

        All of it, where ``identity`` is not this run's: ``isNew`` says so.
        """
        try:
            run = self.read()
        except UnreadableError:
            return {"state": "unreadable"}
        found = dict(self._curves)
        if is_new := identity != run.identity:
            points = images = 0
        found["losses"] = {name: curve[points:] for name, curve in found["losses"].items()}
        found |= {"steps": found["steps"][points:], "imageSteps": found["imageSteps"][images:]}
        age = time.time() - run.written if run.state == "running" else 0
        return found | {"state": run.state, "identity": run.identity, "isNew": is_new, "step": run.step,
                        "seconds": run.seconds, "age": round(max(0, age), 1)}

    def sheet(self) -> bytes | None:
        """The images of the run so far, as a PNG file; None while there are none. UnreadableError."""
        return self.read().sheet
