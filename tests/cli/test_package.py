"""The Python interface of the package."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys

import pytest

import genmodels
from cli.helpers import MODELS
from genmodels import checkpoint


def test_available_lists_the_checkpoints_whose_cards_are_readable(root, tmp_path):
    assert genmodels.available(root) == [name for name in MODELS if name != "cnn"]
    assert genmodels.available(tmp_path) == []
    model = genmodels.load("cgan", str(root))
    assert not model.training and not any(p.requires_grad for p in model.parameters())
    with pytest.raises(checkpoint.CheckpointError, match="train.py vae2d"):
        genmodels.load("vae2d", root)


def test_package_is_cheap_to_import():
    code = "import sys, genmodels; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=checkpoint.ROOT.parent, timeout=60).returncode == 0


@pytest.mark.parametrize("given, spins", [({}, str(genmodels.SPIN_COUNT)), ({"GOMP_SPINCOUNT": "7"}, "7"),
                                          ({"OMP_WAIT_POLICY": "active"}, None)])
def test_waiting_threads_leave_their_core_soon_unless_the_user_says_otherwise(monkeypatch, given, spins):
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.setenv(name, "")  # so that what the reload sets is undone
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    importlib.reload(genmodels)
    assert os.environ.get("GOMP_SPINCOUNT") == spins
