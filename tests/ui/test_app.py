"""app.py from the command line."""

from __future__ import annotations

import shutil
import socket
from functools import partial

import pytest

import app
from genmodels import checkpoint, registry
from genmodels.ui import page
from ui.helpers import damage


@pytest.fixture
def shipped(copy, monkeypatch):
    """Checkpoints that a test may damage, in place of the shipped ones."""
    for name in ("list_checkpoints", "load"):
        monkeypatch.setattr(checkpoint, name, partial(getattr(checkpoint, name), root=copy))
    return copy


def test_selfcheck_passes_intact_checkpoints(shipped, capsys):
    assert app.main(["--selfcheck"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert [line.split() for line in printed.out.splitlines()] == [["ok", name] for name in registry.CHECKPOINTS]


def test_selfcheck_names_broken_checkpoints_and_their_remedy(shipped, capsys):
    damage(shipped, "cgan")
    shutil.rmtree(shipped / "vae2d")
    (shipped / "gan" / checkpoint.CARD).write_text("{")
    assert app.main(["--selfcheck"]) == 1
    printed = capsys.readouterr()
    broken, intact = printed.err.splitlines(), printed.out.split()
    assert len(broken) == 3 and all(line.startswith("broken  ") for line in broken)
    for line, words in zip(broken, ("'gan' is damaged", "'cgan' is damaged", "'vae2d' is missing"), strict=True):
        assert words in line and "make it with: python train.py" in line
    assert "dcgan" in intact and "cgan" not in intact


def test_a_port_that_is_taken_is_reported_in_one_line(root, monkeypatch, capsys):
    monkeypatch.setattr(page, "build_demo", partial(page.build_demo, root))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert app.main(["--host", "127.0.0.1", "--port", str(taken.getsockname()[1])]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("app.py: ") and "port" in lines[0]
