"""Training in processes of its own: signals, exit statuses, and several processes that train one model."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys

import pytest
from conftest import ROOT, free_port
from PIL import Image

import train
from core.helpers import GOES_ON, NOTHING_SAVED, STEPS, short_run, tree
from genmodels import checkpoint
from genmodels.data.synthetic import draw_digit
from genmodels.interrupts import STATE


@pytest.fixture(scope="module")
def digit_folder(tmp_path_factory) -> list[str]:
    """The words that train on ten drawings of each digit, from files: less to draw than the synthetic data set."""
    root = tmp_path_factory.mktemp("digits")
    for i in range(100):
        (root / str(i % 10)).mkdir(exist_ok=True)
        Image.fromarray(draw_digit(i % 10, i)).save(root / str(i % 10) / f"{i}.png")
    return ["--dataset", "folder", "--data", str(root)]


def environment() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}


def test_sigterm_saves_and_exits_with_143_and_nobody_else_writes_there_meanwhile(tmp_path, digit_folder, capsys):
    words = [*short_run("gan"), *digit_folder, "--steps", "1000000", "--out", str(tmp_path / "made")]
    command = [sys.executable, ROOT / "train.py", *words]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, env=environment())
    try:
        stderr = b""
        while not re.search(rb" [1-9]\d*/1000000", stderr):  # it is training
            assert select.select([process.stderr], [], [], 120)[0], stderr
            stderr += (chunk := os.read(process.stderr.fileno(), 4096))
            assert chunk, stderr
        for flag in ([], ["--force"], ["--dry-run"]):
            assert train.main([*words, *flag]) == 2
            assert "another run is training into" in (shown := capsys.readouterr().err) and shown.count("\n") == 1
        process.send_signal(signal.SIGTERM)
        stderr += process.communicate(timeout=120)[1]
    finally:
        process.kill()
    assert process.returncode == 143 and b"--resume goes on" in stderr and b"Traceback" not in stderr
    assert tree(tmp_path) == ["made", f"made/{STATE}"]


@pytest.mark.parametrize(("number", "flags", "status", "said"), [
    (signal.SIGINT, [], 130, NOTHING_SAVED), (signal.SIGTERM, ["--resume"], 143, f"{GOES_ON}what is saved"),
])
def test_a_signal_while_torch_is_imported_is_answered(number, flags, status, said, tmp_path):
    """The import swallows what is raised in it, as some extension modules do."""
    if flags:
        (tmp_path / "made").mkdir()
        (tmp_path / "made" / STATE).touch()
    before = tree(tmp_path)
    code = f"""
import importlib.abc, runpy, signal, sys
class Signal(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "torch":
            try:
                signal.raise_signal({int(number)})
            except KeyboardInterrupt:
                raise ImportError("initialization failed")
sys.meta_path.insert(0, Signal())
sys.path.insert(0, {str(ROOT)!r})
sys.argv = ["train.py", "gan", "--out", "made", *{flags}]
runpy.run_path({str(ROOT / "train.py")!r}, run_name="__main__")
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ended.returncode == status and ended.stderr == f"\n{said}\n"
    assert tree(tmp_path) == before


def test_bad_input_exits_with_2(tmp_path):
    command = [sys.executable, ROOT / "train.py", "gan", "--fast"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment(), timeout=120)
    assert ended.returncode == 2 and ended.stdout == "" and tree(tmp_path) == []
    assert ended.stderr.startswith("train.py: unrecognized arguments: --fast") and ended.stderr.count("\n") == 1


@pytest.mark.slow
def test_two_processes_train_one_model(tmp_path, digit_folder):
    command = [sys.executable, ROOT / "train.py", *short_run("cgan"), *digit_folder, "--out", "made"]
    as_torchrun = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    started = [subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True,
                                env=environment() | as_torchrun | {"RANK": str(rank)}) for rank in range(2)]
    for process in started:
        assert process.wait(timeout=250) == 0, process.stderr.read()
    model, card = checkpoint.load("made", tmp_path)
    assert card.training["processes"] == 2 and card.training["steps"] == STEPS
    assert all(p.isfinite().all() for p in model.parameters())
    assert set(tree(tmp_path / "made")) == {checkpoint.WEIGHTS, checkpoint.CARD, checkpoint.HISTORY,
                                            checkpoint.SAMPLES, checkpoint.HISTORY_IMAGES}
