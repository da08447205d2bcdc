"""The verbs ``reconstruct`` and ``encode``."""

from __future__ import annotations

import numpy as np
import pytest

import genmodels
from cli.helpers import read_npz
from genmodels import images


@pytest.mark.parametrize("name", ["vae", "cvae"])
def test_reconstruct_works_row_by_row(run, digits, name):
    labels = np.arange(len(digits)) % 10
    np.savez("all.npz", images=digits, labels=labels)
    np.savez("one.npz", images=digits[18:19], labels=labels[18:19])
    for which in ("all", "one"):
        assert run(f"reconstruct {name} --input {which}.npz --out {which}_out.npz")[0] == 0
        assert run(f"encode {name} --input {which}.npz --out {which}_codes.npz")[0] == 0
    every, one, codes = read_npz("all_out.npz"), read_npz("one_out.npz"), read_npz("all_codes.npz")
    assert every["images"].shape == digits.shape and every["images"].dtype == np.uint8
    assert every["latents"].shape == (len(digits), 4) and every["latents"].dtype == np.float32
    assert all((every[key][18] == one[key][0]).all() for key in every)
    assert set(codes) == {"latents"} and (codes["latents"] == every["latents"]).all()
    assert (read_npz("one_codes.npz")["latents"] == one["latents"]).all()


def test_missing_labels_are_predicted(run, root, digits):
    np.savez("bare.npz", images=digits)
    status, _, stderr = run("reconstruct cvae --input bare.npz --out bare_out.npz")
    assert status == 0 and "labels" in stderr and "'cnn'" in stderr
    labels = genmodels.load("cnn", root).classify(images.from_uint8(digits)).argmax(1).numpy()
    np.savez("labeled.npz", images=digits, labels=labels)
    assert run("reconstruct cvae --input labeled.npz --out labeled_out.npz")[2] == ""
    assert (read_npz("bare_out.npz")["images"] == read_npz("labeled_out.npz")["images"]).all()
    assert run("reconstruct vae --input bare.npz --out vae_out.npz")[2] == ""


def test_encode_infers_infogan_codes(run, digits):
    np.savez("in.npz", images=digits)
    assert run("encode infogan --input in.npz --out codes.npz")[0] == 0
    codes = read_npz("codes.npz")
    assert codes["category"].dtype == np.int64 and codes["category"].shape == (len(digits),)
    assert codes["continuous"].dtype == np.float32 and codes["continuous"].shape == (len(digits), 2)
