"""The package and the command line: what they write, and one clear line for whatever cannot be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import build, narrow, shelve
from PIL import Image

import genmodels
from genmodels import __main__ as commands
from genmodels import checkpoint, data, images, strokes
from genmodels.latents import Latents
from genmodels.metrics import evaluate, report

SMALL = ("cnn", "gan", "dcgan", "cgan", "infogan", "vae", "cvae")


def make(root: Path) -> Path:
    """Small untrained checkpoints of all models; vae2d is missing."""
    for name in SMALL:
        shelve(build(name, **narrow(name)), name, root / name)
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture
def run(root, tmp_path, monkeypatch, capsys):
    """Runs a command line in an empty folder; returns (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(line: str, root: Path = root) -> tuple[int, str, str]:
        status = commands.main([*line.split(), "--checkpoints", str(root)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def digits() -> np.ndarray:
    return np.stack([strokes.draw_digit(i % 10, i) for i in range(21)])


@pytest.fixture
def few_pictures(monkeypatch, digits):
    pictures = data.Pictures(torch.from_numpy(digits), torch.arange(len(digits)) % 10)
    monkeypatch.setattr(data, "load", lambda name, split, root: pictures)


def read(path: str) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


# The package


def test_package_offers_the_checkpoints_whose_cards_read(root, tmp_path):
    assert genmodels.available(root) == [name for name in SMALL if name != "cnn"]
    assert genmodels.available(tmp_path) == []
    model = genmodels.load("cgan", str(root))
    assert not model.training and not any(p.requires_grad for p in model.parameters())
    with pytest.raises(checkpoint.CheckpointError, match="train.py vae --set latent_dim=2"):
        genmodels.load("vae2d", root)


def test_package_is_cheap_to_import():
    code = "import sys, genmodels; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=checkpoint.ROOT.parent, timeout=60).returncode == 0


# sample


def test_sample_writes_pictures_and_labels_in_turn(run):
    assert run("sample cgan --n 23 --out a.npz")[0] == 0
    arrays = read("a.npz")
    assert set(arrays) == {"images", "labels"}
    assert arrays["images"].shape == (23, 28, 28) and arrays["images"].dtype == np.uint8
    assert arrays["labels"].dtype == np.int64 and arrays["labels"].tolist() == [i % 10 for i in range(23)]
    run("sample cgan --n 7 --labels 3,1,4 --out b.npz")
    assert read("b.npz")["labels"].tolist() == [3, 1, 4, 3, 1, 4, 3]


@pytest.mark.parametrize("name", ["gan", "dcgan", "infogan", "vae"])
def test_models_without_labels_write_pictures_alone(run, name):
    assert run(f"sample {name} --n 3 --out a.npz")[0] == 0
    assert set(read("a.npz")) == {"images"}


@pytest.mark.parametrize("name", [name for name in SMALL if name != "cnn"])
def test_a_picture_has_the_same_bytes_whatever_is_drawn_with_it(run, root, monkeypatch, name):
    model = genmodels.load(name, root)
    latents = model.latent.draw(7, range(40))
    if model.latent.categorical and model.latent.categorical.is_label:
        latents = Latents(latents.z, torch.arange(40) % 10)
    alone = np.concatenate([images.to_uint8(model.generate(latents[i : i + 1])) for i in range(40)])
    for n, block in ((1, 1024), (5, 1024), (40, 1024), (40, 7)):
        monkeypatch.setattr(commands, "BLOCK", block)
        assert run(f"sample {name} --n {n} --seed 7 --out a.npz")[0] == 0
        assert (read("a.npz")["images"] == alone[:n]).all()


def test_the_same_command_writes_the_same_file(run):
    run("sample cgan --n 12 --out a.npz")
    run("sample cgan --n 12 --out b.npz")
    run("sample cgan --n 12 --seed 1 --out c.npz")
    assert Path("a.npz").read_bytes() == Path("b.npz").read_bytes() != Path("c.npz").read_bytes()


@pytest.mark.parametrize(("line", "rows", "columns"), [
    ("cgan --n 40", 4, 10), ("cgan --n 3", 1, 3), ("cgan --n 6 --labels 3,1,4", 2, 3), ("cgan --n 9 --labels 5", 3, 3),
    ("dcgan --n 9", 3, 3), ("dcgan --n 7", 3, 3),
])
def test_sample_draws_a_grid(run, line, rows, columns):
    assert run(f"sample {line} --out grid.png")[0] == 0
    assert Image.open("grid.png").size == (2 + columns * 30, 2 + rows * 30)


def test_codes_are_held_fixed_by_name(run, root):
    run("sample infogan --n 6 --code c1=3,c3=-1.5 --out a.npz")
    model = genmodels.load("infogan", root)
    z = model.latent.draw(0, range(6)).z
    z[:, 1] = -1.5
    assert (read("a.npz")["images"] == images.to_uint8(model.generate(Latents(z, torch.full((6,), 3))))).all()


def test_truncation_pulls_to_the_mean(run):
    run("sample dcgan --n 4 --truncation 0 --out a.npz")
    run("sample dcgan --n 4 --out b.npz")
    truncated, whole = read("a.npz")["images"], read("b.npz")["images"]
    assert (truncated == truncated[0]).all() and (whole != whole[0]).any()


# reconstruct, encode


@pytest.mark.parametrize("name", ["vae", "cvae"])
def test_reconstruct_works_row_by_row(run, digits, name):
    labels = np.arange(len(digits)) % 10
    np.savez("all.npz", images=digits, labels=labels)
    np.savez("one.npz", images=digits[18:19], labels=labels[18:19])
    for which in ("all", "one"):
        assert run(f"reconstruct {name} --input {which}.npz --out {which}_out.npz")[0] == 0
        assert run(f"encode {name} --input {which}.npz --out {which}_codes.npz")[0] == 0
    every, one, codes = read("all_out.npz"), read("one_out.npz"), read("all_codes.npz")
    assert every["images"].shape == digits.shape and every["images"].dtype == np.uint8
    assert every["latents"].shape == (len(digits), 4) and every["latents"].dtype == np.float32
    assert all((every[key][18] == one[key][0]).all() for key in every)
    assert set(codes) == {"latents"} and (codes["latents"] == every["latents"]).all()
    assert (read("one_codes.npz")["latents"] == one["latents"]).all()


def test_the_judge_reads_labels_that_are_not_given(run, root, digits):
    np.savez("bare.npz", images=digits)
    status, _, told = run("reconstruct cvae --input bare.npz --out bare_out.npz")
    assert status == 0 and "labels" in told and "'cnn'" in told
    labels = genmodels.load("cnn", root).classify(images.from_uint8(digits)).argmax(1).numpy()
    np.savez("labelled.npz", images=digits, labels=labels)
    assert run("reconstruct cvae --input labelled.npz --out labelled_out.npz")[2] == ""
    assert (read("bare_out.npz")["images"] == read("labelled_out.npz")["images"]).all()
    assert run("reconstruct vae --input bare.npz --out vae_out.npz")[2] == ""


def test_encode_reads_infogan_codes(run, digits):
    np.savez("in.npz", images=digits)
    assert run("encode infogan --input in.npz --out codes.npz")[0] == 0
    codes = read("codes.npz")
    assert codes["category"].dtype == np.int64 and codes["category"].shape == (len(digits),)
    assert codes["continuous"].dtype == np.float32 and codes["continuous"].shape == (len(digits), 2)


# list, evaluate


def test_list_shows_what_there_is_and_what_is_wrong(run, tmp_path):
    root = make(tmp_path / "mixed")
    weights = root / "dcgan" / checkpoint.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    (root / "gan" / checkpoint.CARD).write_text("{")
    status, table, told = run("list", root)
    assert (status, told) == (0, "")
    assert any(line.startswith("cgan ") and "Strokes" in line for line in table.splitlines())
    assert "'dcgan' is damaged" in table and "'gan' is damaged" in table and "'vae2d' is missing" in table


TINY = evaluate.Protocol(samples=20, manifold=20, resamples=3, two_sample_steps=2, score_samples=30, score_steps=2,
                         copies=10, window=10, encoded=20, wide=(6, 4), deep=(2, 8), static=(3, 4), sweeps=5)


@pytest.fixture
def tiny(monkeypatch, few_pictures):
    monkeypatch.setattr(evaluate, "FULL", TINY)
    monkeypatch.setattr(evaluate, "QUICK", TINY)


def test_evaluate_in_full_writes_figures_into_the_cards(run, tmp_path, tiny):
    root = make(tmp_path / "mixed")
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    names = " ".join([*SMALL, "controls"])
    for flags in ("", "--full --dry-run"):
        status, printed, _ = run(f"evaluate {names} {flags}", root)
        assert status == 0 and {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    status, table, _ = run(f"evaluate {names} --full", root)
    assert status == 0 and [line.split()[:2] for line in table.splitlines()] == [
        line.split()[:2] for line in printed.splitlines()]
    assert "conditional_accuracy" in table and ">= 0.995" in table and "(one-class)" in table

    cards = {name: checkpoint.read_card(name, root) for name in SMALL}
    figures = {name: set(card.figures) for name, card in cards.items()}
    drawn = {"frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage", "class_kl", "class_histogram", "class_min",
             "class_max", "c2st_accuracy", "copy_rate", "data_copying_score", "parzen"}
    sampled, asked = drawn | {"ms_per_sample"}, {"conditional_accuracy", "cas", "nn_test_error"}
    bound = {"reconstruction_mse", "elbo", "active_units", "nll", "nll_static"}
    assert figures["cnn"] == {"validation_accuracy", "test_accuracy"}
    assert figures["gan"] == figures["dcgan"] == sampled
    assert figures["cgan"] == sampled | asked
    assert figures["infogan"] == sampled | {"clustering_error", "mi_lower_bound", "code_rank_correlation", "class_consistency"}
    assert figures["vae"] == sampled | bound
    assert figures["cvae"] == sampled | bound | asked
    controls = json.loads((root / "controls.json").read_text())
    assert list(controls) == ["real", "copies", "blurred", "class-means", "one-class"]
    assert all(set(found) == drawn | asked for found in controls.values())
    agreement, score = (cards["cgan"].figures[key] for key in ("conditional_accuracy", "cas"))
    assert agreement["n"] == 20 and agreement["seed"] == 0 and score["n"] == 30
    assert agreement["classifier"] == cards["cnn"].weights_sha256[:12]
    assert sorted(cards["infogan"].latent["category_to_class"]) == list(range(10))
    assert [code["name"] for code in cards["infogan"].latent["traversals"]] == ["c2", "c3"]
    assert len(cards["vae"].latent["kl"]) == len(cards["vae"].latent["traversals"]) == 4
    page = (root / "README.md").read_text()
    assert page == report.page(*commands.measured(root)) and "| (blurred) |" in page and "| vae | z" in page

    run("sample cgan --n 20 --out a.npz", root)  # the figure is of the very pictures that this command writes
    file = read("a.npz")
    seen = genmodels.load("cnn", root).classify(images.from_uint8(file["images"])).argmax(1).numpy()
    assert agreement["value"] == round((seen == file["labels"]).mean(), 4)
    assert "conditional_accuracy" in run("list", root)[1]


def test_evaluate_tells_what_it_could_not_measure(run, tmp_path, tiny):
    root = make(tmp_path / "mixed")
    path = root / "dcgan" / checkpoint.CARD
    card = json.loads(path.read_text())
    path.write_text(json.dumps(card | {"dataset": card["dataset"] | {"name": "fashion", "title": "Fashion-MNIST"}}))
    status, table, told = run("evaluate cvae dcgan vae2d", root)
    assert status == 2 and "cvae" in table and "dcgan" not in table
    assert "'vae2d' is missing" in told and "Strokes and cannot judge dcgan" in told


# What cannot be


BAD = [
    ("paint cgan", "invalid choice"),
    ("sample cgan", "--out"),
    ("sample nope --out a.npz", "unknown checkpoint 'nope'; there are: cnn, gan"),
    ("sample ../cgan --out a.npz", "unknown checkpoint"),
    ("sample vae2d --out a.npz", "python train.py vae --set latent_dim=2"),
    ("sample cnn --out a.npz", "cannot draw; these can: gan, dcgan"),
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
    ("reconstruct dcgan --input in.npz --out a.npz", "dcgan has no encoder, so it cannot reconstruct; these can: vae"),
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
    ("evaluate --judge vae", "vae is no classifier"),
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
    np.savez("other.npz", pictures=two)
    for name, labels in (("bad", [3, 12]), ("few", [3]), ("float", [3.0, 1.0])):
        np.savez(f"{name}labels.npz", images=two, labels=np.array(labels))


@pytest.mark.parametrize(("line", "message"), BAD, ids=[line for line, _ in BAD])
def test_bad_input_is_one_clear_line(run, inputs, line, message):
    before = sorted(Path().iterdir())
    status, shown, told = run(line)
    assert status == 2 and shown == ""
    assert message in told and told.startswith("genmodels: ") and told.count("\n") == 1
    assert sorted(Path().iterdir()) == before


def test_no_command_is_bad_input_and_help_is_not(capsys):
    assert commands.main([]) == 2
    assert "required: command" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="^0$"):
        commands.main(["sample", "--help"])
    assert "--truncation" in capsys.readouterr().out


def test_a_damaged_checkpoint_is_one_clear_line(run, tmp_path):
    root = make(tmp_path / "mixed")
    (root / "cgan" / checkpoint.WEIGHTS).write_bytes(b"")
    status, _, told = run("sample cgan --out a.npz", root)
    assert status == 2 and "'cgan' is damaged" in told and "python train.py cgan" in told and told.count("\n") == 1
    assert run("list", tmp_path / "nowhere")[2].startswith("genmodels: there is no folder")


@pytest.mark.parametrize("old", [None, b"old"])
def test_an_interrupted_command_leaves_what_was_there(run, monkeypatch, old):
    if old:
        Path("a.npz").write_bytes(old)
    blocks = commands.blocks_of

    def interrupted(n):
        yield from blocks(n)
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "blocks_of", interrupted)
    assert run("sample cgan --n 3 --out a.npz")[0] == 130
    assert {path.name: path.read_bytes() for path in Path().iterdir()} == ({"a.npz": old} if old else {})


def test_the_commands_as_a_process(root, tmp_path):
    def process(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, "-m", "genmodels", *words, "--checkpoints", str(root)], text=True,
                              capture_output=True, cwd=checkpoint.ROOT.parent, timeout=60)

    done = process("sample", "cgan", "--n", "2", "--out", str(tmp_path / "a.npz"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert read(tmp_path / "a.npz")["images"].shape == (2, 28, 28)
    bad = process("sample", "nope", "--out", str(tmp_path / "b.npz"))
    assert bad.returncode == 2 and bad.stderr.count("\n") == 1 and "Traceback" not in bad.stderr


def test_the_readme_shows_the_figures_of_the_cards(capsys):
    """The table in README.md is what ``list --markdown`` prints of the shipped checkpoints."""
    assert commands.main(["list", "--markdown"]) == 0
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    shown = readme.split("<!-- figures -->")[1].split("<!-- /figures -->")[0]
    assert shown.strip() == capsys.readouterr().out.strip()


def test_the_page_among_the_checkpoints_follows_from_the_cards():
    cards, controls = commands.measured(checkpoint.ROOT)
    assert (checkpoint.ROOT / "README.md").read_text() == report.page(cards, controls)
    judge = checkpoint.read_card("cnn").weights_sha256[:12]
    figures = [figure for card in cards for figure in card.figures.values()]
    figures += [figure for found in controls.values() for figure in found.values()]
    assert {figure["classifier"] for figure in figures if "classifier" in figure} == {judge}, "judged by another network"
