"""What a run shows of itself while it trains, read by another process at any time, and where it stands afterwards."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from core.helpers import STEPS, interrupt, short_run, tree
from genmodels import checkpoint, registry
from genmodels.interrupts import STATE
from genmodels.run_history import UnreadableError, is_run, read_run, signature
from genmodels.training import progress

MADE = Path("made")


def watch(monkeypatch, name: str) -> list:
    """What can be read before each step."""
    monkeypatch.setattr(progress, "SHOW_EVERY", 0.0)
    monkeypatch.setattr(progress, "MAX_SHARE", float("inf"))
    cls, seen = registry.model_class(name), []
    whole = cls.train_step

    def train_step(self, batch, optimizers):
        seen.append(read_run(MADE))
        return whole(self, batch, optimizers)

    monkeypatch.setattr(cls, "train_step", train_step)
    return seen


def test_a_run_can_be_read_while_it_trains_when_it_is_stopped_and_when_it_is_done(call, monkeypatch):
    with monkeypatch.context() as patch:
        interrupt(patch, "gan", 5)
        seen = watch(patch, "gan")
        assert call(*short_run("gan"), "--out", "made")[0] == 130
    assert [run.state for run in seen] == ["running"] * 6 and [run.step for run in seen] == list(range(6))
    assert all(run.steps == STEPS and run.identity == seen[0].identity for run in seen)
    assert [len(run.history["steps"]) for run in seen] == list(range(6))
    assert seen[0].sheet is None and seen[0].size is None
    with Image.open(io.BytesIO(seen[5].sheet)) as sheet:
        assert sheet.size == (10 * seen[5].size[1], len(seen[5].history["image_steps"]) * seen[5].size[0])

    stopped = read_run(MADE)
    assert tree(MADE) == [STATE] and (stopped.state, stopped.step, stopped.steps) == ("stopped", 6, STEPS)
    assert stopped.size == seen[5].size and stopped.history["image_steps"] == seen[5].history["image_steps"]
    for key, curve in seen[5].history["losses"].items():  # null where a penalty is not computed
        assert [value or 0 for value in stopped.history["losses"][key][:5]] == pytest.approx(
            [value or 0 for value in curve], rel=1e-4)

    seen = watch(monkeypatch, "gan")
    assert call(*short_run("gan"), "--out", "made", "--resume")[0] == 0
    assert [run.step for run in seen] == [6, 7] and len(seen[0].history["steps"]) == 6
    done = read_run(MADE)
    assert (done.state, done.step) == ("done", STEPS) and done.history["image_steps"][-1] == STEPS
    assert not {checkpoint.RUNNING, checkpoint.RUNNING_IMAGES} & set(tree(MADE))
    assert len({stopped.identity, seen[0].identity, done.identity}) == 3


def test_a_state_of_all_steps_is_a_run_that_still_writes_its_checkpoint(call, monkeypatch):
    monkeypatch.setattr(registry.model_class("gan"), "finish", lambda *_: seen.append(read_run(MADE)))
    seen: list = []
    assert call(*short_run("gan"), "--out", "made")[0] == 0
    assert (seen[0].state, seen[0].step) == ("running", STEPS)


def test_a_run_that_cannot_be_shown_trains_on(call, monkeypatch):
    monkeypatch.setattr(progress, "SHOW_EVERY", 0.0)
    write = checkpoint.atomic_write

    def full(path: Path, content: bytes) -> None:
        if path.name == checkpoint.RUNNING:
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(checkpoint, "atomic_write", full)
    assert call(*short_run("gan"), "--out", "made")[0] == 0


def test_what_is_no_run_yet_and_what_is_damaged(tmp_path):
    assert is_run(tmp_path) and read_run(tmp_path).state == "empty" and signature(tmp_path) is None
    (tmp_path / ".hidden").touch()
    assert is_run(tmp_path)
    (tmp_path / "letter.txt").touch()
    assert not is_run(tmp_path)
    for content in ('{"steps": [', "[]", json.dumps({"image_steps": []})):
        (tmp_path / checkpoint.RUNNING).write_text(content)
        with pytest.raises(UnreadableError):
            read_run(tmp_path)
    (tmp_path / checkpoint.RUNNING).unlink()
    (tmp_path / STATE).write_bytes(b"half a file")
    with pytest.raises(UnreadableError):
        read_run(tmp_path)
    assert is_run(tmp_path)
