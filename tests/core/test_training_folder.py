"""The folder that a training run writes into: nothing in it is lost unasked, and no checkpoint is half written."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
from pathlib import Path

import pytest
from conftest import ROOT, build, change_card, save_checkpoint, tiny_config
from PIL import Image

import train
from core.helpers import GOES_ON, NOTHING_SAVED, STEPS, interrupt, short_run, step_on_a_clock, tree, weights
from genmodels import checkpoint, data, registry
from genmodels.interrupts import POSTPONED, STATE, Interrupts
from genmodels.training import command, folder, loop, sweep
from genmodels.training.history import History
from genmodels.training.state import TrainState, steps_done

MARK = {"test_accuracy": {"value": 0.5}}  # a metric that tells the old card from a new one


def old_checkpoint(path: Path, name: str = "gan") -> dict[str, bytes]:
    """A small checkpoint with metrics and pictures; returns its files."""
    save_checkpoint(build(name, **tiny_config(name)), name, path)
    change_card(path, metrics=MARK)
    for file in (checkpoint.SAMPLES, checkpoint.HISTORY, checkpoint.HISTORY_IMAGES):
        (path / file).write_bytes(b"old")
    return contents(path)


def contents(path: Path) -> dict[str, bytes]:
    return {file: (path / file).read_bytes() for file in tree(path)}


def write_state(path: Path) -> None:
    path.mkdir(exist_ok=True)
    (path / STATE).write_bytes(b"half a run")


def write_others(path: Path) -> None:
    path.mkdir()
    (path / checkpoint.WEIGHTS).write_bytes(b"somebody's model")


def fail_to_read(monkeypatch) -> None:
    monkeypatch.setattr(data.Dataset, "load", lambda *arguments, **options: pytest.fail("images were read"))


# ---- What is there stays, unless it is given up


@pytest.mark.parametrize("flags", [[], ["--dry-run"]], ids=["run", "dry-run"])
@pytest.mark.parametrize("put", [old_checkpoint, write_state, write_others])
def test_what_is_there_is_not_replaced_unasked(put, flags, call, monkeypatch):
    """The line names the three ways out, and comes before anything is read; --dry-run shows the settings, too."""
    fail_to_read(monkeypatch)
    put(Path("made"))
    before = contents(Path("made"))
    status, stderr, out = call(*short_run("gan"), "--out", "made", *flags)
    assert status == 2 and stderr.count("\n") == 1 and stderr.startswith("train.py: made holds ")
    assert json.loads(out)["checkpoint"] == "gan" if flags else out == ""
    assert all(flag in stderr for flag in ("--out", "--resume", "--force"))
    assert contents(Path("made")) == before


def test_a_trial_run_of_a_shipped_checkpoint_is_refused(call, monkeypatch):
    fail_to_read(monkeypatch)
    Path("checkpoints").symlink_to(ROOT / "checkpoints")
    for words in (["vae", "--steps", 20], ["vae"], ["--all"], ["--all", "--steps", 20, "--resume"]):
        status, stderr, _ = call(*words)
        assert status == 2 and stderr.count("\n") == 1 and "holds a" in stderr and "--force" in stderr, words


def test_other_files_in_the_folder_stay(call):
    Path("made").mkdir()
    Path("made/notes.txt").write_text("mine")
    assert call(*short_run("gan"), "--out", "made")[0] == 0
    assert Path("made/notes.txt").read_text() == "mine" and checkpoint.load("made", Path())[0]


def test_the_command_that_a_damaged_checkpoint_names_replaces_it(call):
    old = old_checkpoint(Path("checkpoints/gan"))
    Path("checkpoints/gan", checkpoint.WEIGHTS).write_bytes(b"damaged")
    assert call(*short_run("gan"))[0] == 2  # nothing else does: its metrics are whole
    assert contents(Path("checkpoints/gan")) == old | {checkpoint.WEIGHTS: b"damaged"}
    with pytest.raises(checkpoint.CheckpointError) as damage:
        checkpoint.load("gan", Path("checkpoints"))
    words = shlex.split(str(damage.value).partition("make it with: ")[2])
    assert words == ["python", "train.py", "gan", "--force"] and call(*words[2:], *short_run("gan")[1:])[0] == 0
    assert checkpoint.load("gan", Path("checkpoints"))[1].metrics == {}


def test_force_replaces_all_of_the_old_checkpoint(call):
    """Its metrics, and the pictures that the new one does not have."""
    old_checkpoint(Path("made"))
    assert call(*short_run("cnn"), "--out", "made", "--force")[0] == 0
    assert checkpoint.load("made", Path())[1].metrics == {}
    assert tree(Path("made")) == sorted([checkpoint.CARD, checkpoint.HISTORY, checkpoint.WEIGHTS])


def test_the_old_checkpoint_is_whole_until_the_new_one_is(call, monkeypatch):
    """Interrupted while images are read, in a step, and in writing; --resume alone goes on."""
    old = old_checkpoint(Path("made"))
    words = [*short_run("gan"), "--out", "made"]
    with monkeypatch.context() as patch:
        patch.setattr(data.Dataset, "load", lambda *arguments, **options: signal.raise_signal(signal.SIGINT))
        assert call(*words, "--force")[:2] == (130, f"\n{NOTHING_SAVED}\n")
    assert contents(Path("made")) == old
    with monkeypatch.context() as patch:
        interrupt(patch, "gan", step=3)
        status, stderr, _ = call(*words, "--force")
    assert status == 130 and "with --resume instead of --force goes on from step 4 of made\n" in stderr
    assert contents(Path("made")).items() > old.items()
    with monkeypatch.context() as patch:
        patch.setattr(History, "save", lambda self, path: signal.raise_signal(signal.SIGINT))
        status, stderr, _ = call(*words, "--resume")
    assert status == 130 and stderr.endswith(f"{GOES_ON}step 8 of made\n")
    assert contents(Path("made")).items() > old.items() and folder.STAGED not in tree(Path("made"))
    assert call(*words, "--resume")[0] == 0
    assert checkpoint.load("made", Path())[1].metrics == {} and set(tree(Path("made"))) == set(old)


# ---- --resume


def test_resume_keeps_a_complete_checkpoint_and_refuses_another(call, monkeypatch):
    words = [*short_run("gan"), "--out", "made"]
    assert call(*words)[0] == 0
    before = contents(Path("made"))
    fail_to_read(monkeypatch)
    assert call(*words, "--resume")[:2] == (0, "made is complete already\n")
    status, stderr, _ = call(*words, "--seed", 1, "--resume")
    assert status == 2 and "a checkpoint of other settings" in stderr and "--force" in stderr
    assert contents(Path("made")) == before


def test_a_checkpoint_of_other_images_is_not_complete(call):
    for name in ("cats", "dogs"):
        Path(name).mkdir()
        for i in range(10):
            Image.new("L", (28, 28), 20 * i).save(f"{name}/{i}.png")
    words = [*short_run("gan"), "--dataset", "folder", "--out", "made"]
    assert call(*words, "--data", "cats")[0] == 0
    assert call(*words, "--data", "cats", "--resume")[:2] == (0, "made is complete already\n")
    status, stderr, _ = call(*words, "--data", "dogs", "--resume")
    assert status == 2 and "made holds a checkpoint of other settings" in stderr


def three_runs(monkeypatch) -> None:
    jobs = {name: registry.Entry(registry.MODELS["gan"], "synthetic", tiny_config("gan", steps=STEPS))
            for name in ("one", "two", "three")}
    monkeypatch.setattr(registry, "CHECKPOINTS", jobs)


def test_all_with_force_is_resumed_where_it_stopped(call, monkeypatch):
    """With old checkpoints that look the same: interrupted as the first is put in place, then in the second."""
    three_runs(monkeypatch)
    for name in ("one", "two", "three"):
        assert call(name, "--out", f"checkpoints/{name}")[0] == 0
        change_card(Path("checkpoints", name), metrics=MARK)
    write_state(Path("checkpoints/three"))
    with monkeypatch.context() as patch:
        patch.setattr(loop, "put_in_place", lambda *paths: (signal.raise_signal(signal.SIGINT),
                                                            folder.put_in_place(*paths)))
        status, stderr, _ = call("--all", "--force")
    assert status == 130 and stderr.endswith("with --resume instead of --force goes on from what is complete\n")
    with monkeypatch.context() as patch:
        interrupt(patch, "gan", step=4)
        status, stderr, _ = call("--all", "--resume")
    assert status == 130 and stderr.endswith(f"{GOES_ON}step 5 of checkpoints/two\n")
    marked = [name for name in registry.CHECKPOINTS if checkpoint.read_card(name, Path("checkpoints")).metrics]
    assert marked == ["two", "three"]
    status, stderr, _ = call("--all", "--resume")
    assert status == 0 and "one is complete already" in stderr and stderr.count("complete already") == 1
    assert not any(checkpoint.read_card(name, Path("checkpoints")).metrics for name in registry.CHECKPOINTS)
    assert not sweep.FILE.exists() and call("--all", "--resume")[0] == 0


def test_all_is_refused_before_the_first_is_trained(call, monkeypatch):
    fail_to_read(monkeypatch)
    three_runs(monkeypatch)
    before = old_checkpoint(Path("checkpoints/two"))
    for flags in ([], ["--resume"], ["--dry-run"]):
        status, stderr, _ = call("--all", *flags)
        assert status == 2 and "checkpoints/two holds a trained checkpoint" in stderr and stderr.count("\n") == 1
    assert tree(Path("checkpoints")) == ["two", *(f"two/{file}" for file in before)]


# ---- Interruptions


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_says_whether_there_is_anything_to_resume(number, status, call, monkeypatch):
    words = [*short_run("gan", precision="auto"), "--out", "new/made"]

    def strike(*arguments: object) -> None:
        signal.raise_signal(number)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "quicker_precision", strike)
        assert call(*words)[:2] == (status, f"\n{NOTHING_SAVED}\n") and tree(Path()) == []
    with monkeypatch.context() as patch:
        patch.setattr(loop, "quicker_precision", lambda *arguments: "float32")
        interrupt(patch, "gan", 3, number)
        ended = call(*words)
        assert ended[0] == status and ended[1].endswith(f"{GOES_ON}step 4 of new/made\n")
    with monkeypatch.context() as patch:
        patch.setattr(data.Dataset, "load", strike)
        assert call(*words, "--resume")[:2] == (status, f"\n{GOES_ON}what is saved\n")
    with monkeypatch.context() as patch:
        patch.setattr(train, "parse", strike)
        assert call(*words)[:2] == (status, "\ninterrupted\n")


@pytest.mark.parametrize("moment", ["finish", "save"])
def test_a_run_stopped_while_it_writes_ends_in_the_same_checkpoint(moment, call, monkeypatch):
    """``finish`` computes from all images, ``History.save`` is in the middle of the files."""
    assert call(*short_run("ae"), "--out", "whole")[0] == 0
    with monkeypatch.context() as patch:
        owner = registry.model_class("ae") if moment == "finish" else History
        patch.setattr(owner, moment, lambda *arguments: signal.raise_signal(signal.SIGTERM))
        status, stderr, _ = call(*short_run("ae"), "--out", "made")
    assert status == 143 and stderr.endswith(f"{GOES_ON}step 8 of made\n")
    assert tree(Path("made")) == [STATE]
    assert call(*short_run("ae"), "--out", "made", "--resume")[0] == 0
    assert weights("made") == weights("whole") and tree(Path("made")) == tree(Path("whole"))


def test_a_signal_between_two_files_waits_for_the_rest(call, monkeypatch):
    replace = os.replace

    def strike(old: Path, new: Path) -> None:
        if Path(old).parent != Path(new).parent:
            signal.raise_signal(signal.SIGINT)
        replace(old, new)

    monkeypatch.setattr(folder.os, "replace", strike)
    assert call(*short_run("gan"), "--out", "made")[0] == 0
    assert checkpoint.load("made", Path())[0] and STATE not in tree(Path("made"))


def test_a_second_signal_stops_at_once(call, monkeypatch):
    went_on = []

    def train_step(self, batch, optimizers):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        went_on.append(batch.step)

    monkeypatch.setattr(registry.model_class("gan"), "train_step", train_step)
    status, stderr, _ = call(*short_run("gan"), "--out", "made")
    assert status == 130 and not went_on and stderr.endswith(f"\n{NOTHING_SAVED}\n") and tree(Path()) == []


def test_a_save_is_not_broken_off(call, monkeypatch):
    save = TrainState.save

    def struck(self, step: int) -> None:
        signal.raise_signal(signal.SIGINT)
        save(self, step)

    interrupt(monkeypatch, "gan", step=3)
    monkeypatch.setattr(TrainState, "save", struck)
    status, stderr, _ = call(*short_run("gan"), "--out", "made")
    assert status == 130 and stderr.endswith(f"{GOES_ON}step 4 of made\n")


def test_the_first_signal_is_answered_and_an_ignored_one_stays_ignored(capfd, monkeypatch):
    """As nohup ignores Ctrl-C of a job in the background."""
    interrupts = Interrupts()
    with interrupts.postponed():
        signal.raise_signal(signal.SIGTERM)
    assert interrupts.status == 143 and capfd.readouterr().err == POSTPONED.decode()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts.raised():
            signal.raise_signal(signal.SIGINT)
            with interrupts.postponed():
                signal.raise_signal(signal.SIGINT)
        assert interrupts.received == signal.SIGTERM and signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


# ---- Two runs, several processes, a full disk


def test_what_another_run_has_written_meanwhile_is_not_replaced(call, monkeypatch, images):
    def load(*arguments: object, **options: object) -> data.ImageSplit:
        old_checkpoint(Path("made"))
        return images

    monkeypatch.setattr(data.Dataset, "load", load)
    status, stderr, _ = call(*short_run("gan"), "--out", "made")
    assert status == 2 and "made holds a trained checkpoint" in stderr
    assert checkpoint.read_card("made", Path()).metrics == MARK


def test_of_several_processes_one_looks_and_one_speaks(call, monkeypatch):
    write_state(Path("made"))
    monkeypatch.setattr(command, "IS_FIRST", False)
    assert call(*short_run("gan"), "--out", "made", "--dry-run")[0] == 0
    monkeypatch.setattr(command, "SPEAKS", False)
    assert call("gan", "--set", "lr=fast") == (2, "", "")
    monkeypatch.setattr(train, "IS_FIRST", False)
    monkeypatch.setattr(train, "parse", lambda arguments: signal.raise_signal(signal.SIGINT))
    assert call("gan") == (130, "", "")


def test_a_full_disk_stops_no_run_and_is_tried_again_as_often_as_a_free_one(call, monkeypatch):
    """The first state is saved; the next two are not."""
    save, calls = TrainState.save, []

    def full(self, step: int) -> None:
        calls.append(step)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        save(self, step)

    with monkeypatch.context() as patch:
        step_on_a_clock(patch, "gan", 1.0)
        interrupt(patch, "gan", step=6)
        patch.setattr(loop, "SAVE_EVERY", 2.5)
        patch.setattr(TrainState, "save", full)
        status, stderr, _ = call(*short_run("gan"), "--out", "made")
    assert status == 130 and calls == [3, 6, 7] and "step 7 could not be saved: No space left on device" in stderr
    assert stderr.endswith(f"{GOES_ON}step 3 of made\n")
    assert call(*short_run("gan"), "--out", "made", "--resume")[0] == 0


def test_a_run_that_is_killed_goes_on_from_the_last_saved_step(call, monkeypatch):
    """To the same weights; its end is stood for by an error that nothing expects."""
    assert 0 < loop.SAVE_EVERY <= 120
    assert call(*short_run("gan"), "--out", "whole")[0] == 0
    with monkeypatch.context() as patch:
        patch.setattr(loop, "SAVE_EVERY", 0.0)
        cls = registry.model_class("gan")
        whole = cls.train_step
        patch.setattr(cls, "train_step", lambda self, batch, optimizers: (
            whole(self, batch, optimizers) if batch.step < 5 else {}["killed"]))
        with pytest.raises(KeyError, match="killed"):
            call(*short_run("gan"), "--out", "made")
    assert steps_done(Path("made", STATE)) == 5
    assert call(*short_run("gan"), "--out", "made", "--resume")[0] == 0 and weights("made") == weights("whole")


def test_a_folder_deleted_meanwhile_is_made_again(call, monkeypatch):
    """Before the state is saved, and before the checkpoint is written."""
    cls = registry.model_class("gan")
    whole = cls.train_step

    def train_step(self, batch, optimizers):
        if batch.step == 5:
            shutil.rmtree("new")
        return whole(self, batch, optimizers)

    monkeypatch.setattr(cls, "train_step", train_step)
    monkeypatch.setattr(cls, "finish", lambda *arguments: shutil.rmtree("new"))
    status, stderr, _ = call(*short_run("gan"), "--out", "new/made")
    assert status == 0 and "could not be saved" not in stderr and checkpoint.load("made", Path("new"))


def test_a_checkpoint_that_does_not_fit_on_the_disk_can_be_written_later(call, monkeypatch):
    Path("made", folder.STAGED).mkdir(parents=True)  # of a run that was killed while it wrote
    Path("made", folder.STAGED, checkpoint.CARD).write_text("half")
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "atomic_write", raising_for_weights(checkpoint.atomic_write))
        status, stderr, _ = call(*short_run("gan"), "--out", "made")
    assert status == 2 and stderr.endswith("train.py: the checkpoint could not be written to made: No space left on "
                                           "device; --resume tries again\n")
    assert tree(Path("made")) == [STATE] and call(*short_run("gan"), "--out", "made", "--resume")[0] == 0


def raising_for_weights(write):
    def full(path: Path, content: bytes) -> None:
        if path.name == checkpoint.WEIGHTS:
            raise OSError(28, "No space left on device")
        write(path, content)

    return full


# ---- Names of folders, and commands that are written down


def test_a_folder_is_called_by_its_name_however_it_is_given(call):
    Path("mine").mkdir()
    os.chdir("mine")
    assert call(*short_run("gan"), "--out", ".")[0] == 0
    assert checkpoint.read_card("mine", Path("..").resolve()).name == "mine"


@pytest.mark.parametrize("words", [["--out", ""], ["--out", "/"], ["--data", " "], ["--out", "models"]])
def test_a_folder_that_cannot_be_a_checkpoint_s_is_refused(words, call):
    """No name, the root, a folder of checkpoints."""
    old_checkpoint(Path("models/gan"))
    status, stderr, _ = call(*short_run("gan"), *words)
    assert status == 2 and stderr.count("\n") == 1 and tree(Path()) == ["models", *(
        f"models/{file}" for file in tree(Path("models")))]


def test_the_commands_in_the_readme_and_in_the_cards_work(call):
    """In a clone the README's, in an empty folder those of the cards."""
    for name in registry.CHECKPOINTS:
        words = shlex.split(checkpoint.read_card(name).training["command"])
        assert call(*words[2:], "--dry-run")[0] == 0, words
    Path("checkpoints").symlink_to(ROOT / "checkpoints")
    Path("my_images").mkdir()
    for i in range(12):
        Image.new("L", (30, 40), i).save(f"my_images/{i}.png")
    lines = [line.partition("#")[0] for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()]
    lines = [line.partition("train.py ")[2] for line in lines if line.startswith("    ") and "train.py " in line]
    assert len(lines) >= 5
    for line in lines:
        status, stderr, _ = call(*shlex.split(line), "--dry-run")
        assert status == 0 or "NAME" in line, (line, stderr)
