"""Frey Face: 1,965 frames of one man's face, 28x20 gray, in the order of the film, by Brendan Frey and Sam Roweis.

Neighboring frames are nearly the same, so a random split would leak the held-out frames into training. The film is cut
into blocks instead: one in ten is for testing, another in ten for validation, and training leaves out the frames next
to them.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np

from genmodels.data import files
from genmodels.data.splits import DataError, Dataset, ImageSplit
from genmodels.lazy_import import torch

URL = "https://cs.nyu.edu/~roweis/data/frey_rawface.mat"
MD5 = "5aeb024d42b8a6091f30e5eb18c8a48d"
FOLDER, FILE = "FreyFace", "frey_rawface.mat"
HEIGHT, WIDTH, FRAMES = 28, 20, 1965
BLOCK = 20  # frames of a block
GAP = 5  # frames on either side of a held-out block that nothing is learned from


def split_of_frames() -> np.ndarray:
    """The split of each frame, by its name, [1965]; "" for those next to a held-out block."""
    blocks = np.arange(FRAMES) // BLOCK
    split = np.full(FRAMES, "train", dtype="<U10")
    split[blocks % 20 == 2] = "validation"
    split[blocks % 10 == 7] = "test"
    held_out = split != "train"
    near = np.convolve(held_out, np.ones(2 * GAP + 1), "same") > 0
    split[near & ~held_out] = ""
    return split


def _read(root: Path, split: str, download: bool) -> ImageSplit:
    path = root / FOLDER / FILE
    if not files.is_there(path):
        _download(root, path, download)
    data = files.read(path)
    if hashlib.md5(data).hexdigest() != MD5:
        raise files.damaged(path, "it is not the file that was published, or only a part of it")
    from scipy.io import loadmat

    frames = loadmat(io.BytesIO(data))["ff"].T.reshape(FRAMES, HEIGHT, WIDTH)
    return ImageSplit(torch.from_numpy(np.ascontiguousarray(frames[split_of_frames() == split])))


def _download(root: Path, path: Path, download: bool) -> None:
    remedy = f"give --data DIR with {FOLDER}/{FILE} in it"
    if not download:
        raise DataError(f"{FILE} is not in {path.parent}; {remedy}")
    files.check_root(root)
    files.fetch(path, [URL], MD5, remedy)


FREY = Dataset("Frey Face", "not stated", "https://cs.nyu.edu/~roweis/data.html (Roweis, Frey)", _read,
               height=HEIGHT, width=WIDTH, framing="photo")
