"""Digits drawn by our own code: strokes of varied shape, slant, width and size; no fonts, no download.

They look enough like MNIST to run every line of training and of the interface, and they are the drawings that the app
offers as examples.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from genmodels.data.splits import Dataset, ImageSplit
from genmodels.images import center_by_mass
from genmodels.lazy_import import torch

# Strokes of each digit: control points of one smooth curve a stroke, x to the right, y down, in the unit square.
_SHAPES: dict[int, list[list[tuple[float, float]]]] = {
    0: [[(.52, .05), (.25, .15), (.14, .50), (.25, .85), (.52, .95), (.78, .82), (.86, .48), (.75, .15), (.52, .05)]],
    1: [[(.52, .05), (.51, .35), (.50, .65), (.49, .95)]],
    2: [[(.20, .25), (.35, .07), (.65, .07), (.78, .28), (.62, .55), (.35, .78), (.18, .93)],
        [(.18, .93), (.50, .91), (.84, .92)]],
    3: [[(.22, .15), (.45, .05), (.70, .12), (.72, .32), (.45, .47)],
        [(.45, .47), (.75, .55), (.80, .78), (.55, .95), (.22, .87)]],
    4: [[(.30, .08), (.24, .32), (.20, .55)], [(.20, .55), (.50, .55), (.85, .53)],
        [(.70, .10), (.68, .50), (.66, .95)]],
    5: [[(.75, .07), (.52, .08), (.30, .08)], [(.30, .08), (.27, .25), (.25, .43)],
        [(.25, .43), (.55, .38), (.78, .58), (.70, .86), (.42, .96), (.20, .87)]],
    6: [[(.66, .06), (.42, .22), (.25, .50), (.24, .78), (.45, .95), (.70, .86), (.74, .65), (.55, .52), (.28, .66)]],
    7: [[(.18, .10), (.50, .09), (.82, .08)], [(.82, .08), (.66, .36), (.52, .65), (.42, .95)]],
    8: [[(.52, .48), (.27, .30), (.34, .08), (.64, .06), (.76, .24), (.52, .48), (.24, .70), (.34, .94), (.64, .95),
         (.78, .72), (.52, .48)]],
    9: [[(.74, .28), (.55, .07), (.30, .14), (.26, .38), (.48, .50), (.70, .36), (.74, .28)],
        [(.74, .28), (.71, .60), (.60, .95)]],
}

CANVAS_SIZE = 112  # pixels a side of the canvas that is drawn on, before it is framed down to 28
SPLIT_SIZES = {"train": (0, 4_000), "validation": (4_000, 500), "test": (4_500, 500)}  # first seed, count


def draw_digit(digit: int, seed: int) -> np.ndarray:
    """One drawing of ``digit`` (0-9), uint8 [28, 28], framed as MNIST frames digits; the same for the same seed."""
    if digit not in _SHAPES:
        raise ValueError(f"only the digits 0 to 9 can be drawn, not {digit!r}")
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, 0xD161], dtype=np.uint64)))
    slant, angle = rng.normal(0.12, 0.16), rng.normal(0, 0.08)
    wide, high = rng.uniform(0.62, 0.95), rng.uniform(0.9, 1.0)
    thickness = rng.uniform(7, 15)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = matrix @ np.array([[wide, -slant], [0, high]])
    jitter: dict[tuple[float, float], np.ndarray] = {}  # by point, so that strokes that meet in a point still meet

    canvas = Image.new("L", (CANVAS_SIZE, CANVAS_SIZE))
    pen = ImageDraw.Draw(canvas)
    for stroke in _SHAPES[digit]:
        points = []
        for point in stroke:
            if point not in jitter:
                jitter[point] = rng.normal(0, 0.025, 2)
            points.append(matrix @ (np.array(point) + jitter[point] - 0.5))
        curve = (_catmull_rom(np.array(points)) * 0.66 + 0.5) * CANVAS_SIZE
        pen.line(curve.ravel().tolist(), fill=255, width=round(thickness))
        for box in np.hstack([curve - thickness / 2, curve + thickness / 2]).tolist():  # round ends and joints
            pen.ellipse(box, fill=255)
    return center_by_mass(np.asarray(canvas))


def _catmull_rom(points: np.ndarray, per_segment: int = 8) -> np.ndarray:
    """A Catmull-Rom curve through points [K, 2]."""
    padded = np.concatenate([points[:1] * 2 - points[1:2], points, points[-1:] * 2 - points[-2:-1]])
    t = np.linspace(0, 1, per_segment, endpoint=False)[:, None]
    a, b, c, d = (padded[i : len(padded) - 3 + i, None] for i in range(4))
    segments = (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3) / 2
    return np.concatenate([segments.reshape(-1, 2), points[-1:]])


def _read(root: Path, split: str, download: bool) -> ImageSplit:
    start, count = SPLIT_SIZES[split]
    labels = np.arange(start, start + count) % 10
    images = np.stack([draw_digit(int(y), seed) for seed, y in enumerate(labels, start)])
    return ImageSplit(torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64)))


SYNTHETIC = Dataset("Synthetic digits", "same as this project", "drawn by genmodels/data/synthetic.py", _read,
                    classes=tuple("0123456789"), in_data_folder=False)
