"""Two hundred real digits that come with the code: the first 20 of each digit in the test split of MNIST.

The sheet has a row for each digit. ``python -m genmodels.data.shipped DATA`` writes it from the data set in a folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from genmodels.data import mnist

SHEET = Path(__file__).with_name("mnist_test_digits.png")
EACH, SIDE = 20, 28


def shipped_digits() -> tuple[np.ndarray, np.ndarray]:
    """The images, uint8 [200, 28, 28], and their labels, int64 [200]: in turn 20 of each digit."""
    with Image.open(SHEET) as file:
        sheet = np.asarray(file.convert("L"))
    tiles = sheet.reshape(mnist.CLASSES, SIDE, EACH, SIDE).swapaxes(1, 2)
    return tiles.reshape(-1, SIDE, SIDE), np.repeat(np.arange(mnist.CLASSES), EACH)


def write(data: Path, path: Path = SHEET) -> None:
    """Make the sheet from the data set in a folder, with its source and license in the file."""
    images, labels = mnist.read_split("MNIST", data, "test")
    rows = np.stack([np.flatnonzero(labels == digit)[:EACH] for digit in range(mnist.CLASSES)])
    sheet = images[rows].swapaxes(1, 2).reshape(mnist.CLASSES * SIDE, EACH * SIDE)
    facts = PngInfo()
    for name, text in {"Title": f"{EACH} test digits of each class of MNIST", "Source": mnist.MNIST.source,
                       "Copyright": mnist.MNIST.license}.items():
        facts.add_text(name, text)
    Image.fromarray(sheet).save(path, optimize=True, pnginfo=facts)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
