"""How many photos of digits are read right, by kind: generated ones, and those of a folder."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from genmodels import data
from genmodels.data.synthetic import draw_digit
from genmodels.images import png
from genmodels.ui.api.base import ScreenError
from genmodels.ui.api.reconstruct import ReconstructEndpoints
from genmodels.ui.reference import data_places
from genmodels.ui.store import ModelStore
from tests.benchmarks.report import Row
from tests.benchmarks.session import BenchSession
from tests.photos import PHOTOS, photo, written

TRUTH = "truth.json"  # of a folder: {file name: the digit, or a text of several}


def measure_photos(session: BenchSession) -> list[Row]:
    """A row per kind of generated photos, one for all of them, and the same for the folder that was named."""
    api, digit = ReconstructEndpoints(ModelStore()), digit_source()
    rng, made = np.random.default_rng(0), []
    for kind, options in PHOTOS.items():
        for _ in range(session.effort.photos):
            image, label = digit(rng)
            made.append((kind, base64.b64encode(png(photo(written(image), **options))).decode(), str(label)))
    rows = count_read(api, "generated photos", made, target=">= 98")
    return rows + (count_read(api, session.photos.name, in_folder(session.photos)) if session.photos else [])


def digit_source() -> Callable[[np.random.Generator], tuple[np.ndarray, int]]:
    """A function that chooses a digit, uint8 [28, 28], and its label: of MNIST's training images, else a drawn one."""
    for place in data_places():
        try:
            split = data.load("mnist", "train", place, download=False)
        except data.DataError:
            continue
        images, labels = split.images.numpy(), split.labels.numpy()
        return lambda rng: (images[i := rng.integers(len(images))], int(labels[i]))
    return lambda rng: (draw_digit(label := int(rng.integers(10)), int(rng.integers(1000))), label)


def read_truth(folder: Path) -> dict[str, int | str]:
    """What is written in each picture of a folder, by file; ValueError or OSError where that is not said."""
    truth = json.loads((folder / TRUTH).read_text())
    missing = [name for name in truth if not (folder / name).is_file()] if isinstance(truth, dict) else []
    if missing or not truth or not isinstance(truth, dict):
        raise ValueError(f"{folder / TRUTH} does not say what is written in which picture {' '.join(missing)}".strip())
    return truth


def in_folder(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Group, content and digits of each picture in a folder; a group is a file's name up to its last number."""
    for name, digits in read_truth(folder).items():
        content = base64.b64encode((folder / name).read_bytes()).decode()
        yield re.sub(r"[\W_]*\d+$", "", Path(name).stem), content, str(digits)


def count_read(api: ReconstructEndpoints, subject: str, pictures: Iterable[tuple[str, str, str]],
               target: str = "") -> list[Row]:
    """A row per group, and one for all with the share of pictures that are read right, in per cent."""
    groups: dict[str, list[tuple[bool, bool]]] = {}
    for group, content, digits in pictures:
        groups.setdefault(group, []).append(read_right(api, content, digits))
    rows = [Row(subject, group, sum(given for given, _ in found), f"of {len(found)}", note=reconstructed(found))
            for group, found in groups.items()]
    every = sum(groups.values(), [])
    share = 100 * sum(given for given, _ in every) / len(every)
    return [*rows, Row(subject, f"read right, of {len(every)}", share, "%", target, note=reconstructed(every))]


def reconstructed(found: list[tuple[bool, bool]]) -> str:
    return f"{sum(back for _, back in found)} of {len(found)} in the reconstruction"


def read_right(api: ReconstructEndpoints, content: str, digits: str) -> tuple[bool, bool]:
    """Whether the classifier reads these digits in the input and in its reconstruction; neither in what is refused."""
    try:
        answers = [api.reconstruct(content, piece=i if len(digits) > 1 else -1) for i in range(len(digits))]
    except ScreenError:
        return False, False
    given, back = ("".join(str(answer["predicted"][what][0]) for answer in answers) == digits
                   for what in ("input", "reconstruction"))
    return given, back
