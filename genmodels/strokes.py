"""Digits drawn by our own code: strokes of varied shape, slant, width and size; no fonts, no download.

They look enough like MNIST to run every line of training and of the interface, and they are the drawings that the app
offers as examples.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from genmodels.images import centre_by_mass

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

_INK = 112  # pixels a side of the sheet that is drawn on, before it is framed down to 28


def draw_digit(digit: int, seed: int) -> np.ndarray:
    """One drawing of ``digit`` (0-9), uint8 [28, 28], framed as MNIST frames digits; the same for the same seed."""
    if digit not in _SHAPES:
        raise ValueError(f"strokes draws the digits 0 to 9, not {digit!r}")
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, 0xD161], dtype=np.uint64)))
    slant, turn = rng.normal(0.12, 0.16), rng.normal(0, 0.08)
    wide, high = rng.uniform(0.62, 0.95), rng.uniform(0.9, 1.0)
    thick = rng.uniform(7, 15)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = matrix @ np.array([[wide, -slant], [0, high]])
    jitter: dict[tuple[float, float], np.ndarray] = {}  # strokes that meet in a point still meet

    sheet = Image.new("L", (_INK, _INK))
    pen = ImageDraw.Draw(sheet)
    for stroke in _SHAPES[digit]:
        points = []
        for point in stroke:
            if point not in jitter:
                jitter[point] = rng.normal(0, 0.025, 2)
            points.append(matrix @ (np.array(point) + jitter[point] - 0.5))
        curve = (_smooth(np.array(points)) * 0.66 + 0.5) * _INK
        pen.line([tuple(p) for p in curve], fill=255, width=round(thick), joint="curve")
        for x, y in curve[[0, -1]]:
            pen.ellipse([x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2], fill=255)
    return centre_by_mass(np.asarray(sheet))


def _smooth(points: np.ndarray, per_leg: int = 8) -> np.ndarray:
    """A Catmull-Rom curve through points [K, 2]."""
    padded = np.concatenate([points[:1] * 2 - points[1:2], points, points[-1:] * 2 - points[-2:-1]])
    t = np.linspace(0, 1, per_leg, endpoint=False)[:, None]
    legs = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        legs.append(((2 * b) + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3) / 2)
    return np.concatenate([*legs, points[-1:]])
