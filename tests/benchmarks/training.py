"""How long training takes in float32, and beside another program that computes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import genmodels
from genmodels import checkpoint, registry
from genmodels.ui.reference import data_places
from tests.benchmarks.report import Row
from tests.benchmarks.servers import ROOT, NotMeasured, environment
from tests.benchmarks.session import BenchSession

LIBRARY_SPINS = "300000"  # of libgomp, where nothing is set and each thread has a core
BUSY = "import torch; a = torch.ones(64, 64, 28, 28); f = torch.nn.Conv2d(64, 64, 3, padding=1)\nwhile True: f(a)"


def measure_training(session: BenchSession) -> list[Row]:
    """Minutes that each checkpoint takes in float32 on one thread, as on a processor without bfloat16 units.

    From two short runs of different lengths: what every run does once, such as its snapshots, is in both.
    """
    rows, few = [], session.effort.training_steps
    for name in registry.CHECKPOINTS:
        short, long = (train(session, name, steps, OMP_NUM_THREADS="1") for steps in (few, 3 * few))
        step = (long["seconds"] - short["seconds"]) / (2 * few)
        minutes = checkpoint.read_card(name, checkpoint.ROOT).training["steps"] * step / 60
        rows.append(Row(name, "training, float32, 1 thread", minutes, "min"))
    return rows


def measure_neighbor(session: BenchSession) -> list[Row]:
    """What training keeps of its speed beside a program that keeps every core busy; "plain": with libgomp's setting."""
    def speed(**variables: str) -> float:
        return train(session, "dcgan", session.effort.training_steps, **variables)["steps_per_second"]

    alone = speed()
    with busy_program():
        beside, plain = speed(), speed(GOMP_SPINCOUNT=LIBRARY_SPINS)
    plain_alone = speed(GOMP_SPINCOUNT=LIBRARY_SPINS)
    return [Row("neighbor", "training alone", alone, "steps/s", plain=plain_alone),
            Row("neighbor", "beside a busy program, of alone", beside / alone, "", ">= 0.33", plain / plain_alone,
                f"spin count {genmodels.SPIN_COUNT}")]


@contextmanager
def busy_program() -> Iterator[None]:
    """Another program that computes with as many threads as there are cores, and does not yield to anybody."""
    process = subprocess.Popen([sys.executable, "-c", BUSY], env={k: v for k, v in os.environ.items()
                                                                  if not k.startswith(("GOMP_", "OMP_"))})
    try:
        yield
    finally:
        process.kill()
        process.wait()


def train(session: BenchSession, name: str, steps: int, **variables: str) -> dict:
    """What the card says of a run by ``train.py``, which downloads the data set where it is not on this machine."""
    out = session.folder / "trained"
    data = [word for place in data_places() if place.is_dir() for word in ("--data", str(place))][:2]
    command = [sys.executable, "train.py", name, "--steps", str(steps), "--force", "--set", "precision=float32",
               "--out", str(out), *data]
    done = subprocess.run(command, cwd=ROOT, env=environment(session.folder) | variables, capture_output=True,
                          text=True)
    if done.returncode:
        raise NotMeasured(f"{name} was not trained: {done.stderr.strip().splitlines()[-1]}")
    return checkpoint.read_card(out.name, out.parent).training
