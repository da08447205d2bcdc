"""The Python interface of the package."""

from __future__ import annotations

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
