"""One's own images: a folder of image files, or of subfolders, one per class, centered and resized to 28x28 gray."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from genmodels.data.files import holds_data_sets
from genmodels.data.splits import DataError, Dataset, ImageSplit
from genmodels.images import MNIST_SIZE, resize_to_fit, to_gray
from genmodels.lazy_import import torch

HELD_OUT = 10  # every tenth image of a class is for testing, another tenth for validation
MAX_IMAGES = 200_000
SKIPPED_SHOWN = 3  # names in the note about files that were not read


def open_folder(root: Path) -> Dataset:
    """The data set made of the image files in ``root``; DataError, with what is wanted, where there are too few.

    Subfolders with images are classes, in alphabetical order; images beside them are skipped. Without subfolders
    there are no labels. Files that are not images are skipped, and ``notes`` says how many and which.
    """
    return _open_folder(root.resolve())


@cache  # the facts and each of the three splits need all files
def _open_folder(root: Path) -> Dataset:
    if not root.is_dir():
        raise DataError(f"there is no folder {root}; --dataset folder --data DIR learns from the images in DIR")
    if holds_data_sets(root):
        raise DataError(f"{root} holds data sets, and no images; without --dataset folder, --data names such a folder")
    subfolders = [folder for folder in _visible(root) if folder.is_dir()]
    groups = [_visible(folder) for folder in subfolders] or [_visible(root)]
    skipped = [path.name for path in _visible(root) if path.is_file()] if subfolders else []
    images: list[np.ndarray] = []
    labels: list[int] = []
    splits: list[str] = []
    for label, files in enumerate(groups):
        count = 0
        for path in files:
            image = _read_image(path)
            if image is None:
                skipped.append(path.name)
                continue
            if len(images) == MAX_IMAGES:
                raise DataError(f"{root} has more than {MAX_IMAGES:,} images, too many to hold in memory; use fewer")
            images.append(image)
            labels.append(label)
            splits.append({0: "test", HELD_OUT // 2: "validation"}.get(count % HELD_OUT, "train"))
            count += 1
        if subfolders and count < HELD_OUT:
            raise DataError(f"{subfolders[label]} has {count} images that can be read; a class needs {HELD_OUT}")
    if len(images) < HELD_OUT:
        raise DataError(f"{root} has {len(images)} images that can be read; at least {HELD_OUT} are needed, "
                        "directly in it or in one subfolder per class")
    pixels, assigned = np.stack(images), np.array(splits)
    classes = tuple(folder.name for folder in subfolders)

    def read(_: Path, split: str, download: bool) -> ImageSplit:
        rows = np.flatnonzero(assigned == split)
        found = torch.from_numpy(np.array(labels)[rows]) if classes else None
        return ImageSplit(torch.from_numpy(pixels[rows]), found)

    return Dataset(root.name, "the owner's", "the user's own images", read, classes, framing="photo",
                   in_data_folder=False,
                   notes=_notes(root, len(images), len(classes), skipped))


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _read_image(path: Path) -> np.ndarray | None:
    """uint8 [28, 28], or None where the file is not an image that can be read."""
    try:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image)
            if "A" in upright.getbands() or "transparency" in upright.info:
                upright = upright.convert("RGBA")
                upright = Image.alpha_composite(Image.new("RGBA", upright.size, "black"), upright)
            return resize_to_fit(to_gray(upright), MNIST_SIZE, MNIST_SIZE)
    except (OSError, ValueError, SyntaxError, RuntimeError, Image.DecompressionBombError):
        return None


def _notes(root: Path, images: int, classes: int, skipped: list[str]) -> tuple[str, ...]:
    notes = [f"read {images:,} images" + (f" of {classes} classes" if classes else "") + f" from {root.name}"]
    if skipped:
        names = ", ".join(skipped[:SKIPPED_SHOWN]) + (", ..." if len(skipped) > SKIPPED_SHOWN else "")
        files = "1 file that is not an image" if len(skipped) == 1 else f"{len(skipped):,} files that are not images"
        notes.append(f"skipped {files} or not in a class's folder: {names}")
    return tuple(notes)
