"""The files that the verbs read and write: ``images`` uint8 [N, H, W] or [N, H, W, 3] and other arrays in an .npz."""

from __future__ import annotations

import argparse
import itertools
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genmodels import checkpoint
from genmodels.cli.common import CommandError, load_classifier
from genmodels.metrics.predictions import predict
from genmodels.model import Model
from genmodels.registry import DEFAULT_CLASSIFIER


def add_input(parser: argparse.ArgumentParser) -> None:
    """The arguments of a verb that reads a file of images and writes another .npz file."""
    parser.add_argument("name", metavar="NAME", help="a checkpoint with an encoder; see: python -m genmodels list")
    parser.add_argument("--input", required=True, type=Path, metavar="FILE",
                        help=".npz with images, uint8 [N,H,W], and for a conditional model labels, int64 [N]")
    parser.add_argument("--out", required=True, type=output_path(".npz"), metavar="FILE", help="file.npz")


def output_path(*suffixes: str) -> Callable[[str], Path]:
    """The type of an argument that names a file to write: with one of these suffixes, in a folder that exists."""

    def path(text: str) -> Path:
        path = Path(text)
        if path.suffix not in suffixes:
            raise argparse.ArgumentTypeError(f"{text!r} does not end in {' or '.join(suffixes)}")
        if path.is_dir():
            raise argparse.ArgumentTypeError(f"{text} is a folder")
        if not path.parent.is_dir():
            raise argparse.ArgumentTypeError(f"there is no folder {path.parent}")
        return path

    return path


def read_input(args: argparse.Namespace, model: Model) -> tuple[np.ndarray, Tensor | None]:
    """``images`` of --input, and for a conditional model labels int64 [N], given or predicted.

    uint8 [N, H, W], or [N, H, W, 3] for a model of color.
    """
    arrays, path = read_npz(args.input, ("images", "labels")), args.input
    size = [model.config.height, model.config.width, *([3] if model.config.channels == 3 else [])]
    if "images" not in arrays:
        raise CommandError(f"{path} has no array called images")
    images = arrays["images"]
    if images.dtype != np.uint8 or list(images.shape[1:]) != size or not len(images):
        raise CommandError(f"{path}: images must be uint8 [N,{','.join(map(str, size))}], N at least 1, not "
                           f"{images.dtype} {list(images.shape)}")
    part = model.latent.label
    if part is None:
        return images, None
    if "labels" not in arrays:
        classifier = load_classifier(DEFAULT_CLASSIFIER, args.checkpoints)[0]
        print(f"genmodels: {path} has no labels; the checkpoint {DEFAULT_CLASSIFIER!r} predicts them", file=sys.stderr)
        return images, predict(classifier, images)
    labels = arrays["labels"]
    if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
        raise CommandError(f"{path}: labels must be int64 [{len(images)}], not {labels.dtype} {list(labels.shape)}")
    if labels.min() < 0 or labels.max() >= part.classes:
        raise CommandError(f"{path}: labels go from 0 to {part.classes - 1}, not {labels.min()} to {labels.max()}")
    return images, torch.from_numpy(labels.astype(np.int64))


def read_npz(path: Path, keys: Iterable[str]) -> dict[str, np.ndarray]:
    """Those arrays of ``keys`` that the file has; pickles are refused. CommandError for anything but an .npz file."""
    if not path.is_file():
        raise CommandError(f"there is no file {path}")
    if not zipfile.is_zipfile(path):
        raise CommandError(f"{path} is not an .npz file")
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: np.asarray(file[key]) for key in keys if key in file.files}
    except (OSError, ValueError, EOFError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise CommandError(f"{path} is damaged or no .npz file ({error})") from None


def write_npz(path: Path, n: int, batches: Iterable[np.ndarray], rest: dict[str, np.ndarray]) -> None:
    """An .npz with ``images`` uint8 [n, ...], written batch by batch as they are made, then the arrays of ``rest``."""
    batches = iter(batches)
    first = next(batches)
    with checkpoint.atomic_open(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("images.npy", "w", force_zip64=True) as entry:
            header = {"descr": "|u1", "fortran_order": False, "shape": (n, *first.shape[1:])}
            np.lib.format.write_array_header_1_0(entry, header)
            for batch in itertools.chain([first], batches):
                entry.write(batch.tobytes())
        for key, array in rest.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array)
