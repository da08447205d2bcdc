"""Frey Face: a split by blocks, frames as they were filmed, and errors where the file is missing or damaged."""

from __future__ import annotations

import hashlib
from urllib.error import URLError

import numpy as np
import pytest
import torch
from scipy.io import savemat

from genmodels import data
from genmodels.data import frey
from genmodels.ui.reference import ReferenceImages


def frey_file(root, frames=None):
    """A file of the published form: 560 x 1965, frame i filled with i modulo 256 unless given."""
    frames = np.tile((np.arange(frey.FRAMES) % 256).astype(np.uint8), (560, 1)) if frames is None else frames
    (root / frey.FOLDER).mkdir()
    savemat(root / frey.FOLDER / frey.FILE, {"ff": frames})
    return hashlib.md5((root / frey.FOLDER / frey.FILE).read_bytes()).hexdigest()


def test_frames_next_to_a_held_out_one_are_not_learned_from():
    split = frey.split_of_frames()
    assert len(split) == 1965 and {name: int((split == name).sum()) for name in data.SPLITS} == {
        "train": 1515, "validation": 100, "test": 200}
    held_out = np.flatnonzero((split == "test") | (split == "validation"))
    assert np.abs(np.flatnonzero(split == "train")[:, None] - held_out).min() == frey.GAP + 1
    runs = np.split(held_out, np.flatnonzero(np.diff(held_out) > 1) + 1)
    assert {len(run) for run in runs} == {frey.BLOCK}


def test_frames_are_read_upright_and_in_order(monkeypatch, tmp_path):
    frames = np.zeros((560, frey.FRAMES), np.uint8)
    frames[:, :] = np.arange(frey.FRAMES) % 256
    frames[20:40] = 7  # the second row of each frame
    monkeypatch.setattr(frey, "MD5", frey_file(tmp_path, frames))
    test = data.load("frey", "test", tmp_path, download=False)
    assert test.images.shape == (200, 28, 20) and test.images.dtype == torch.uint8 and test.labels is None
    assert (test.images[:, 1] == 7).all()
    assert test.images[:, 0, 0].tolist() == [i % 256 for i in np.flatnonzero(frey.split_of_frames() == "test")]


@pytest.mark.parametrize(("content", "words"), [
    (b"", "it is empty"), (b"<html>not found</html>", "a web page"), (None, "it is a folder"),
    (b"MATLAB 5.0 MAT-file" + bytes(500), "not the file that was published"),
])
def test_a_damaged_file_of_faces_is_named_with_the_cure(content, words, tmp_path):
    """And the app goes on without it."""
    path = tmp_path / frey.FOLDER / frey.FILE
    path.parent.mkdir()
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(data.DataError, match=f"{frey.FILE} cannot be read .*{words}.*; delete it, .* anew$"):
        data.load("frey", "train", tmp_path)
    assert ReferenceImages(tmp_path).test_examples("frey", 10) is None


def test_missing_faces_are_downloaded_as_torchvision_does_it(monkeypatch, tmp_path):
    asked = []

    def fail(url, root, filename, md5):
        asked.append((url, root, filename, md5))
        raise URLError("no route to host")

    monkeypatch.setattr("torchvision.datasets.utils.download_url", fail)
    with pytest.raises(data.DataError, match="could not be downloaded.*--data DIR"):
        data.load("frey", "train", tmp_path)
    assert asked == [(frey.URL, str(tmp_path / frey.FOLDER), frey.FILE, frey.MD5)]
    with pytest.raises(data.DataError, match="is not in"):
        data.load("frey", "train", tmp_path, download=False)
    assert len(asked) == 1
