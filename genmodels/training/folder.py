"""The folder that a run writes into.

Nothing in it is lost unasked, one run at a time writes there, and a checkpoint is put in place whole.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from genmodels import checkpoint
from genmodels.data.files import made
from genmodels.interrupts import STATE
from genmodels.training.run import TrainingError, TrainingRun
from genmodels.training.state import ANEW, read_header, steps_done

try:
    import fcntl
except ImportError:  # on Windows, where two runs into one folder are not told apart
    fcntl = None

WRITTEN = (checkpoint.WEIGHTS, checkpoint.CARD, checkpoint.HISTORY, checkpoint.HISTORY_IMAGES, checkpoint.SAMPLES)
STAGED = ".new.tmp"  # the folder in which a checkpoint is written, before it replaces the one that is there
WAYS_OUT = "--out DIR writes elsewhere, --resume goes on with an interrupted run, --force replaces what is there"


def check_folder(run: TrainingRun) -> None:
    """TrainingError, in one line, where the run would destroy what is there or has nothing to resume."""
    if run.out.is_dir():
        with _locked(run.out):
            pass
        if any(run.out.glob(f"[!.]*/{checkpoint.CARD}")):
            raise TrainingError(f"{run.out} is a folder of checkpoints; --out names the folder of one, for example "
                                f"{run.out / 'mine'}")
    state, whole = run.out / STATE, _read(run.out) is not None
    if run.resume and state.exists():
        read_header(run)
    elif run.resume:
        raise TrainingError(f"{run.out} holds a checkpoint of other settings, and nothing to resume: --out DIR writes "
                            f"elsewhere, or {ANEW}"
                            if whole else f"there is nothing to resume in {run.out}; start without --resume")
    elif run.force:
        return
    elif state.exists():
        done = steps_done(state)
        raise TrainingError(f"{run.out} holds an interrupted run" + (f" of {done:,} steps" if done else "")
                            + f": {WAYS_OUT}")
    elif whole:
        raise TrainingError(f"{run.out} holds a trained checkpoint: {WAYS_OUT}")
    elif found := [name for name in WRITTEN if (run.out / name).exists()]:
        raise TrainingError(f"{run.out} holds {found[0]}, which would be overwritten: {WAYS_OUT}")


def is_complete(run: TrainingRun) -> bool:
    """Whether the folder holds the finished checkpoint of these settings; with "auto", of any precision.

    Of one's own images it is the folder's name and the classes that are compared, not the pixels.
    """
    card = _read(run.out)
    if card is None or (run.out / STATE).exists():
        return False
    config = card.config | ({"precision": "auto"} if run.config.precision == "auto" else {})
    learned_from = card.dataset["title"], tuple(card.dataset["classes"])
    return (learned_from == (run.dataset.title, run.dataset.classes)
            and [card.model, config, card.dataset["name"], card.training.get("seed")] == run.settings)


@contextmanager
def claimed(run: TrainingRun) -> Iterator[None]:
    """Make the folder and keep other runs out of it; a new one that is empty in the end does not stay.

    TrainingError as for ``check_folder``: checked again, since another run may have written there meanwhile.
    """
    with made(run.out):
        check_folder(run)
        with _locked(run.out):
            yield


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A folder to write a checkpoint into, which replaces the files of the one in ``out`` when it is complete."""
    folder = out / STAGED
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    try:
        folder.mkdir(parents=True)  # ``out`` may have been deleted meanwhile
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put_in_place(folder: Path, out: Path) -> None:
    """Move the files of a complete checkpoint from ``folder`` into ``out``; those of an older one do not stay."""
    for name in WRITTEN:
        if (folder / name).exists():
            os.replace(folder / name, out / name)
        else:
            (out / name).unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock on a folder, which ends with the process however it ends; TrainingError where another has it."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TrainingError(f"another run is training into {folder}; --out DIR writes elsewhere") from None
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(handle)


def _read(out: Path) -> checkpoint.Card | None:
    """The card of the complete checkpoint in ``out``, None where there is none."""
    try:
        return checkpoint.read_checked(out.name, out.parent)[0]
    except checkpoint.CheckpointError:
        return None
