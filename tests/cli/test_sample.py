"""The verb ``sample``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import genmodels
from cli.helpers import MODELS, read_npz
from genmodels import images
from genmodels.cli import common
from genmodels.latents import Latents


def test_sample_writes_images_and_labels_in_turn(run):
    assert run("sample cgan --n 23 --out a.npz")[0] == 0
    arrays = read_npz("a.npz")
    assert set(arrays) == {"images", "labels"}
    assert arrays["images"].shape == (23, 28, 28) and arrays["images"].dtype == np.uint8
    assert arrays["labels"].dtype == np.int64 and arrays["labels"].tolist() == [i % 10 for i in range(23)]
    run("sample cgan --n 7 --labels 3,1,4 --seed 7 --out b.npz")
    assert read_npz("b.npz")["labels"].tolist() == [3, 1, 4, 3, 1, 4, 3]
    run("sample cgan --n 7 --labels \u0663,1\u200b,4 --seed \ufeff\uff17 --out c.npz")  # as typed anywhere, or pasted
    assert Path("b.npz").read_bytes() == Path("c.npz").read_bytes()


@pytest.mark.parametrize("name", ["gan", "dcgan", "infogan", "vae"])
def test_models_without_labels_write_images_alone(run, name):
    assert run(f"sample {name} --n 3 --out a.npz")[0] == 0
    assert set(read_npz("a.npz")) == {"images"}


@pytest.mark.parametrize("name", [name for name in MODELS if name != "cnn"])
def test_an_image_has_the_same_bytes_in_any_batch(run, root, monkeypatch, name):
    model = genmodels.load(name, root)
    latents = model.latent.sample(7, range(40))
    alone = np.concatenate([images.to_uint8(model.generate(latents[i : i + 1])) for i in range(40)])
    for n, batch in ((1, 1024), (5, 1024), (40, 1024), (40, 7)):
        monkeypatch.setattr(common, "BATCH", batch)
        assert run(f"sample {name} --n {n} --seed 7 --out a.npz")[0] == 0
        assert (read_npz("a.npz")["images"] == alone[:n]).all()


def test_the_same_command_writes_the_same_file(run):
    run("sample cgan --n 12 --out a.npz")
    run("sample cgan --n 12 --out b.npz")
    run("sample cgan --n 12 --seed 1 --out c.npz")
    assert Path("a.npz").read_bytes() == Path("b.npz").read_bytes() != Path("c.npz").read_bytes()


@pytest.mark.parametrize(("line", "rows", "columns"), [
    ("cgan --n 40", 4, 10), ("cgan --n 3", 1, 3), ("cgan --n 6 --labels 3,1,4", 2, 3), ("cgan --n 9 --labels 5", 3, 3),
    ("dcgan --n 9", 3, 3), ("dcgan --n 7", 3, 3),
])
def test_sample_writes_a_grid(run, line, rows, columns):
    assert run(f"sample {line} --out grid.png")[0] == 0
    assert Image.open("grid.png").size == (2 + columns * 30, 2 + rows * 30)


def test_codes_are_held_fixed_by_name(run, root):
    run("sample infogan --n 6 --code c1=3,c3=-1.5 --out a.npz")
    model = genmodels.load("infogan", root)
    z = model.latent.sample(0, range(6)).z
    z[:, 1] = -1.5
    assert (read_npz("a.npz")["images"] == images.to_uint8(model.generate(Latents(z, torch.full((6,), 3))))).all()


def test_truncation_zero_gives_the_mean(run):
    run("sample dcgan --n 4 --truncation 0 --out a.npz")
    run("sample dcgan --n 4 --out b.npz")
    truncated, whole = read_npz("a.npz")["images"], read_npz("b.npz")["images"]
    assert (truncated == truncated[0]).all() and (whole != whole[0]).any()
