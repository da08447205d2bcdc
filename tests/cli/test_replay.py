"""The verb ``replay``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import genmodels
from genmodels import checkpoint, images


def record(root: Path, name: str = "cgan", **changes: object) -> str:
    """The name of a file like a bundle's latent.json, with six latents."""
    latents = genmodels.load(name, root).latent.sample(3, range(6))
    weights = checkpoint.read_card(name, root).weights_sha256
    facts = {"format": 1, "model": name, "weights_sha256": weights, "columns": 3, "scale": 2,
             "latents": latents.rows().tolist()}
    Path("latent.json").write_text(json.dumps(facts | changes))
    return "latent.json"


@pytest.mark.parametrize("name", ["cgan", "infogan", "vae", "gan"])
def test_replay_draws_the_latents_of_a_bundle(run, root, name):
    model = genmodels.load(name, root)
    expected = model.render(model.generate(model.latent.sample(3, range(6))))
    status, _, stderr = run(f"replay {record(root, name)} --out a.png")
    assert (status, stderr) == (0, "")
    assert (np.asarray(Image.open("a.png")) == images.upscale(images.make_grid(expected, 3), 2)).all()


def test_other_weights_are_said(run, root):
    status, _, stderr = run(f"replay {record(root, weights_sha256='0' * 64)} --out a.png")
    assert status == 0 and "other weights of cgan" in stderr and Path("a.png").exists()


@pytest.mark.parametrize("changes, words", [
    ({"format": 2}, "another version"), ({"model": "nope"}, "unknown checkpoint"), ({"model": "cnn"}, "generates no"),
    ({"latents": []}, "1 to 10000"), ({"latents": [[1.0, 2.0]]}, "numbers, not"),
    ({"latents": [[1], [1, 2]]}, "equally"), ({"latents": [["a"]]}, "equally"),
    ({"latents": "abc"}, "1 to 10000"), ({"columns": 0}, "columns"),
    ({"scale": 1000}, "scale"), ({"latents": [[float("nan")] * 64 + [1]]}, "finite"),
    ({"latents": [[0.0] * 64 + [10]]}, "0 to 9"), ({"latents": [[0.0] * 64 + [1.5]]}, "0 to 9")])
def test_what_is_no_bundle_is_refused_in_one_line(run, root, changes, words):
    dim = genmodels.load("cgan", root).latent.dim
    if "latents" in changes and len(changes["latents"]) == 1 and len(changes["latents"][0]) == 65:
        changes = {"latents": [changes["latents"][0][64 - dim:]]}
    status, shown, stderr = run(f"replay {record(root, **changes)} --out a.png")
    assert (status, shown, stderr.count("\n")) == (2, "", 1) and words in stderr and not Path("a.png").exists()


def test_a_file_of_another_kind_is_refused(run):
    Path("latent.json").write_bytes(b"\x89PNG")
    assert run("replay latent.json --out a.png")[0] == 2
    status, _, stderr = run("replay nothing.json --out a.png")
    assert status == 2 and "nothing.json" in stderr
