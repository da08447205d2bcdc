"""Bad input, damage and interruption: one clear line, and no incomplete file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cli.helpers import read_npz, save_small_checkpoints
from genmodels import checkpoint, registry
from genmodels.cli import sample
from genmodels.cli.main import main

BAD = [
    ("paint cgan", "invalid choice"),
    ("sample cgan", "--out"),
    ("sample nope --out a.npz", f"unknown checkpoint 'nope'; there are: {', '.join(registry.CHECKPOINTS)}"),
    ("sample ../cgan --out a.npz", "unknown checkpoint"),
    ("sample vae2d --out a.npz", "python train.py vae2d"),
    ("sample cnn --out a.npz", "generates none; these can: gan, dcgan"),
    ("sample cgan --n 0 --out a.npz", "--n goes from 1 to 1000000"),
    ("sample cgan --n -3 --out a.npz", "--n goes from 1"),
    ("sample cgan --n 1000001 --out a.npz", "1000001"),
    ("sample cgan --n 10001 --out a.png", "from 1 to 10000 in a .png"),
    ("sample cgan --n many --out a.npz", "'many'"),
    ("sample cgan --seed -1 --out a.npz", "a seed is a whole number"),
    ("sample cgan --seed 4294967296 --out a.npz", "a seed is a whole number"),
    ("sample cgan --seed 1.5 --out a.npz", "a seed is a whole number"),
    ("sample cgan --labels 3,10 --out a.npz", "from 0 to 9, not '10'"),
    ("sample cgan --labels three --out a.npz", "'three'"),
    ("sample cgan --labels 3, --out a.npz", "from 0 to 9, not ''"),
    ("sample dcgan --labels 3 --out a.npz", "dcgan takes no labels"),
    ("sample infogan --labels 3 --out a.npz", "infogan takes no labels"),
    ("sample dcgan --code c1=3 --out a.npz", "dcgan has no codes"),
    ("sample cgan --code digit=3 --out a.npz", "cgan has no codes"),
    ("sample infogan --code c9=3 --out a.npz", "infogan has: c1, c2, c3"),
    ("sample infogan --code noise=3 --out a.npz", "infogan has: c1, c2, c3"),
    ("sample infogan --code c1 --out a.npz", "NAME=VALUE"),
    ("sample infogan --code c1=10 --out a.npz", "from 0 to 9"),
    ("sample infogan --code c1=1.5 --out a.npz", "'1.5'"),
    ("sample infogan --code c2=3.01 --out a.npz", "from -3 to 3"),
    ("sample infogan --code c2=nan --out a.npz", "'nan'"),
    ("sample cgan --truncation 1.5 --out a.npz", "from 0 to 1"),
    ("sample cgan --truncation nan --out a.npz", "from 0 to 1"),
    ("sample cgan --out a.txt", "does not end in .npz or .png"),
    ("sample cgan --out nowhere/a.npz", "no folder nowhere"),
    ("sample cgan --out folder.npz", "is a folder"),
    ("sample cgan --out in.npz/a.npz", "no folder in.npz"),
    ("reconstruct dcgan --input in.npz --out a.npz", "dcgan cannot reconstruct; these can: vae"),
    ("reconstruct vae --input none.npz --out a.npz", "no file none.npz"),
    ("reconstruct vae --input text.npz --out a.npz", "not an .npz"),
    ("reconstruct vae --input array.npy --out a.npz", "not an .npz"),
    ("reconstruct vae --input cut.npz --out a.npz", "cut.npz is damaged"),
    ("reconstruct vae --input pickle.npz --out a.npz", "pickle.npz is damaged"),
    ("reconstruct vae --input floats.npz --out a.npz", "not float32 [2, 28, 28]"),
    ("reconstruct vae --input flat.npz --out a.npz", "not uint8 [2, 784]"),
    ("reconstruct vae --input empty.npz --out a.npz", "not uint8 [0, 28, 28]"),
    ("reconstruct vae --input other.npz --out a.npz", "no array called images"),
    ("reconstruct vae --input in.npz --out a.png", "does not end in .npz"),
    ("reconstruct cvae --input badlabels.npz --out a.npz", "labels go from 0 to 9, not 3 to 12"),
    ("reconstruct cvae --input fewlabels.npz --out a.npz", "labels must be int64 [2]"),
    ("reconstruct cvae --input floatlabels.npz --out a.npz", "labels must be int64 [2]"),
    ("encode gan --input in.npz --out a.npz", "neither encoder nor recognition network; these can: infogan, vae, cvae"),
    ("encode cnn --input in.npz --out a.npz", "neither encoder nor recognition network"),
    ("evaluate nope", "unknown checkpoint 'nope'"),
    ("evaluate --seed x", "a seed is a whole number"),
    ("evaluate --data nowhere", "no folder nowhere"),
    ("evaluate --classifier vae", "a classifier with features, which vae is not"),
]


@pytest.fixture
def inputs(run, digits):
    two = digits[:2]
    Path("folder.npz").mkdir()
    Path("text.npz").write_text("no archive")
    np.save("array.npy", two)
    np.savez("in.npz", images=two)
    data = bytearray(Path("in.npz").read_bytes())
    data[300:900] = bytes(600)
    Path("cut.npz").write_bytes(data)
    np.savez("pickle.npz", images=np.array([{"a": 1}, None]))
    np.savez("floats.npz", images=two.astype(np.float32))
    np.savez("flat.npz", images=two.reshape(2, -1))
    np.savez("empty.npz", images=two[:0])
    np.savez("other.npz", pixels=two)
    for name, labels in (("bad", [3, 12]), ("few", [3]), ("float", [3.0, 1.0])):
        np.savez(f"{name}labels.npz", images=two, labels=np.array(labels))


@pytest.mark.parametrize(("line", "message"), BAD, ids=[line for line, _ in BAD])
def test_bad_input_gives_one_line_and_writes_nothing(run, inputs, line, message):
    before = sorted(Path().iterdir())
    status, shown, stderr = run(line)
    assert status == 2 and shown == ""
    assert message in stderr and stderr.startswith("genmodels: ") and stderr.count("\n") == 1
    assert sorted(Path().iterdir()) == before


def test_exit_status_without_a_verb_and_with_help(capsys):
    assert main([]) == 2
    assert "required: command" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="^0$"):
        main(["sample", "--help"])
    assert "--truncation" in capsys.readouterr().out


def test_a_damaged_checkpoint_gives_one_line(run, tmp_path):
    root = save_small_checkpoints(tmp_path / "mixed")
    (root / "cgan" / checkpoint.WEIGHTS).write_bytes(b"")
    status, _, stderr = run("sample cgan --out a.npz", root)
    assert status == 2 and stderr.count("\n") == 1
    assert "'cgan' is damaged" in stderr and "python train.py cgan" in stderr
    assert run("list", tmp_path / "nowhere")[2].startswith("genmodels: there is no folder")


def test_damaged_data_gives_one_line(run):
    raw = Path("data/MNIST/raw")
    raw.mkdir(parents=True)
    for kind in ("images-idx3", "labels-idx1"):
        (raw / f"t10k-{kind}-ubyte").write_text("<html>Sign in</html>")
    status, shown, stderr = run("evaluate cnn", checkpoint.ROOT)  # which was trained on MNIST
    assert (status, shown) == (2, "") and stderr == (
        f"genmodels: {raw}/t10k-images-idx3-ubyte cannot be read (it is a web page, saved under that name); delete it, "
        "and it will be downloaded anew\n")


@pytest.mark.parametrize("old", [None, b"old"])
def test_an_interrupted_command_leaves_the_old_file(run, monkeypatch, old):
    if old:
        Path("a.npz").write_bytes(old)
    batches = sample.batches_of

    def interrupted(n):
        yield from batches(n)
        raise KeyboardInterrupt

    monkeypatch.setattr(sample, "batches_of", interrupted)
    assert run("sample cgan --n 3 --out a.npz")[0] == 130
    assert {path.name: path.read_bytes() for path in Path().iterdir()} == ({"a.npz": old} if old else {})


def process(root: Path, *words: str) -> subprocess.CompletedProcess:
    """The command line as a process of its own, which takes seconds to import what it needs."""
    return subprocess.run([sys.executable, "-m", "genmodels", *words, "--checkpoints", str(root)], text=True,
                          capture_output=True, cwd=checkpoint.ROOT.parent, timeout=60)


def test_a_process_has_the_exit_status_of_the_command(root, tmp_path):
    bad = process(root, "sample", "nope", "--out", str(tmp_path / "b.npz"))
    assert bad.returncode == 2 and bad.stderr.count("\n") == 1 and "Traceback" not in bad.stderr


@pytest.mark.slow
def test_a_process_says_nothing_more_than_the_command(root, tmp_path):
    done = process(root, "sample", "cgan", "--n", "2", "--out", str(tmp_path / "a.npz"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert read_npz(tmp_path / "a.npz")["images"].shape == (2, 28, 28)
