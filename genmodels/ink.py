"""Find handwriting in a picture: photos of ink on paper or chalk on a board, scans, drawings.

The paper is estimated at every pixel, so that shadows and uneven light do not count as ink; printed lines, specks and
what hangs on the edge of the picture (a desk, a finger, a frame) are dropped; what is left is split into characters.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

WORKING_SIZE = 800  # pixels of the longer side on which ink is sought
POLARITY_SIZE = 200  # pixels; enough to tell dark ink on bright paper from bright ink on dark
PLAIN_SHARE = 0.5  # of the pixels must have exactly one color for it to be the paper of a drawing
PLAIN_PAPER = 0.8  # of the pixels must have it once all thin strokes are gone
STROKE_SHARE = 0.3  # of the shorter side; no stroke is wider
EDGE_WEIGHT = 0.05  # of an edge in the paper, as long as the picture, against ink on as large a share of the picture
FULL_INK = 90  # percentile of a character's levels that counts as full ink
THINNEST = 0.07  # width of a stroke, of its character's longer side: about the thinnest of MNIST
EDGE = 2  # pixels; the soft edge of a stroke in a photo, beyond which faint marks belong to the paper
FAINTEST = 0.08  # of full ink; what is fainter is paper
SMALLEST_CHARACTER = 0.03  # of the shorter side; what is smaller is a speck
MOST_CHARACTERS = 12  # that are told apart; more are a pattern or a page of text
MOST_STROKES = 200  # that are put together, the largest ones
GAP_SHARE = 0.008  # of the longer side; a gap in a stroke is no wider than twice this
NEIGHBORS = np.ones((3, 3))  # eight neighbors to a pixel
MIN_CONTRAST = 0.045  # of the paper's level; weaker marks are no ink
HISTOGRAM_BINS = 128
FRAME_SHARE = 0.85  # of the picture's height and width; a frame is at least as large
CORNER_SHARE = 0.13  # of a box's sides; an ellipse stays out of such corners
LINE_SHARE = 0.012  # of the picture's height or width; no printed line is thicker
SMALLEST_PHOTO = 100  # pixels of the longer side; in smaller pictures a stroke is as thin as a printed line
MANY_LINES = 3  # so many parallel lines are printed ones, though they may not reach the edges


@dataclass(frozen=True)
class Ink:
    """What was found, in levels from 0 to 1, which is full ink: a pencil's as much as a felt pen's."""

    levels: np.ndarray  # float32 [H, W], of the whole picture, at most ``WORKING_SIZE`` a side
    characters: list[np.ndarray]  # float32 [h, w], cut out of it, left to right; at most ``MOST_CHARACTERS`` and one

    @property
    def whole(self) -> np.ndarray:
        """All of the ink as if it were one character, float32 [h, w]."""
        return _cut_out(self.levels)


def find_ink(picture: np.ndarray) -> Ink:
    """The ink of a picture, uint8 [H, W, 3]. ``characters`` is empty where there is none."""
    picture = _shrink(picture)
    plain = _plain_color(picture)
    if plain is None:
        contrast, noise = _contrast_on_paper(picture)
    else:
        contrast, noise = np.abs(picture - plain).max(-1) / 255, 0.0
    threshold = _threshold(contrast, noise)
    mask = _without_frames(contrast > threshold)
    if max(mask.shape) >= SMALLEST_PHOTO:
        mask &= ~_printed_lines(mask)
    levels, characters = np.zeros_like(contrast), []
    for core in _characters(mask, is_drawing=plain is not None):
        if plain is None:
            full = np.percentile(contrast[core], FULL_INK)
            soft = contrast > max(4 * noise, FAINTEST * full)
            whole = ndimage.binary_dilation(core, NEIGHBORS, EDGE, mask=core | soft)
        else:
            full = contrast[core].max()
            whole = ndimage.binary_propagation(core, NEIGHBORS, contrast > 0)
        found = np.where(whole, np.clip(contrast / full, 0, 1), 0)
        levels = np.maximum(levels, found)
        characters.append(_cut_out(found))
    return Ink(levels, characters)


def _shrink(picture: np.ndarray) -> np.ndarray:
    """float32 [h, w, 3], the longer side at most ``WORKING_SIZE``."""
    height, width = picture.shape[:2]
    scale = WORKING_SIZE / max(height, width)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        picture = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))
    return picture.astype(np.float32)


def _plain_color(picture: np.ndarray) -> np.ndarray | None:
    """The one color behind a drawing, [3]; None for a photo, which may have bars or be too bright in places."""
    flat = picture.reshape(-1, 3).round().astype(np.int64)
    codes = flat[:, 0] << 16 | flat[:, 1] << 8 | flat[:, 2]
    values, counts = np.unique(codes, return_counts=True)
    if counts.max() < PLAIN_SHARE * len(codes):
        return None
    color = picture.reshape(-1, 3)[codes == values[counts.argmax()]][0].round()
    if max(picture.shape) < SMALLEST_PHOTO:
        return color
    step = max(1, max(picture.shape) // POLARITY_SIZE)
    marks = np.abs(picture[::step, ::step] - color).max(-1, keepdims=True)
    return color if (_paper(marks, ndimage.grey_opening, "constant") < 1).mean() > PLAIN_PAPER else None


def _contrast_on_paper(picture: np.ndarray) -> tuple[np.ndarray, float]:
    """How far each pixel is from its paper, [H, W] relative to the paper, and the standard deviation of the noise.

    Dark ink is what a morphological closing fills (the closing is the paper), light ink what an opening removes; the
    right one of the two explains the picture with less.
    """
    picture = ndimage.gaussian_filter(picture, (0.8, 0.8, 0))
    small = np.stack([np.asarray(Image.fromarray(channel).reduce(max(1, max(channel.shape) // POLARITY_SIZE)))
                      for channel in np.moveaxis(picture, -1, 0)], -1)
    find_paper = min((ndimage.grey_closing, ndimage.grey_opening),
                     key=lambda function: _explanation_cost(small, _paper(small, function)))
    paper = _paper(picture, find_paper)
    contrast = (np.abs(picture - paper) / np.maximum(paper, 24)).max(-1)
    middle = float(np.median(contrast))
    noise = 1.4826 * float(np.median(np.abs(contrast - middle)))
    return np.maximum(contrast - middle, 0), noise


def _paper(picture: np.ndarray, function: Callable, beyond: str = "edge") -> np.ndarray:
    """A closing or an opening that is wider than any stroke; ``beyond`` the edge: the same, or 0 ("constant")."""
    size = max(3, round(STROKE_SHARE * min(picture.shape[:2])))
    around = np.pad(picture, ((size, size), (size, size), (0, 0)), beyond)  # else the paper is wrong along the edges
    return function(around, size=(size, size, 1))[size:-size, size:-size]


def _explanation_cost(picture: np.ndarray, paper: np.ndarray) -> float:
    """What it takes to explain a picture by this paper: its edges, and the ink on it."""
    edges = sum(float(np.abs(np.diff(paper, axis=axis)).mean()) for axis in (0, 1) if paper.shape[axis] > 1)
    return EDGE_WEIGHT * max(picture.shape) * edges + float(np.abs(picture - paper).mean())


def _threshold(contrast: np.ndarray, noise: float) -> float:
    """Between weak marks and ink, by the histogram of what is no noise (Otsu 1979); infinite where all is noise."""
    marks = contrast[contrast > max(4 * noise, MIN_CONTRAST)]
    if not len(marks):
        return np.inf
    counts, edges = np.histogram(marks, HISTOGRAM_BINS)
    if counts.max() == len(marks):  # all marks are equally strong
        return float(marks.min()) / 2
    centers = (edges[:-1] + edges[1:]) / 2
    below, sums = np.cumsum(counts)[:-1], np.cumsum(counts * centers)[:-1]
    above, mean = len(marks) - below, float((counts * centers).sum()) / len(marks)
    between = (mean * below - sums) ** 2 / np.maximum(below * above, 1)
    return float(edges[1 + int(between.argmax())])


def _printed_lines(mask: np.ndarray) -> np.ndarray:
    """Where rules or squares are printed: thin lines, level or upright within 5 degrees, from edge to edge."""
    return _level_lines(mask) | _level_lines(mask.T).T


def _level_lines(mask: np.ndarray) -> np.ndarray:
    """Where thin, nearly level lines are; a stroke that crosses one is left whole."""
    height, width = mask.shape
    thick = max(3, round(LINE_SHARE * height))
    thin = mask & ~ndimage.binary_opening(mask, np.ones((thick, 1)))
    y, x = np.nonzero(thin)
    if not len(y):
        return thin
    angles = np.linspace(-0.09, 0.09, 37)  # radians

    def rows(angle: float, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.round(y + angle * (x - width / 2)).astype(int).clip(0, height - 1)

    def share(angle: float, chosen: np.ndarray | slice = slice(None), columns: int = width) -> np.ndarray:
        return np.bincount(rows(angle, x[chosen], y[chosen]), minlength=height) / columns

    angle = max(angles, key=lambda angle: np.square(share(angle)).sum())
    end = max(1, round(width / 5))
    long = ndimage.grey_dilation(share(angle), size=3) > 0.35
    ends = [ndimage.grey_dilation(share(angle, chosen, end), size=3) > 0.3 for chosen in (x < end, x >= width - end)]
    lines = long & ends[0] & ends[1]
    if ndimage.label(long)[1] >= MANY_LINES:
        lines = long
    found = np.zeros_like(mask)
    found[y, x] = lines[rows(angle, x, y)]
    return found


def _without_frames(mask: np.ndarray) -> np.ndarray:
    """Without a frame around everything, or what is left of the edges of a sheet; a large 0 is no frame."""
    labels = ndimage.label(mask, NEIGHBORS)[0]
    frames = [index for index, box in enumerate(ndimage.find_objects(labels), 1)
              if all(np.array(_sides(box)) > FRAME_SHARE * np.array(mask.shape))
              and _reaches_corners(labels[box] == index)]
    rest = mask & ~np.isin(labels, frames)
    return rest if rest.any() else mask


def _reaches_corners(stroke: np.ndarray) -> bool:
    """Whether ink comes near at least three corners of its box, as a rectangle does and an ellipse does not."""
    near = [max(1, round(CORNER_SHARE * side)) for side in stroke.shape]
    corners = [stroke[rows, columns] for rows in (slice(near[0]), slice(-near[0], None))
               for columns in (slice(near[1]), slice(-near[1], None))]
    return stroke.mean() < 0.2 and sum(bool(corner.any()) for corner in corners) >= 3


@dataclass(frozen=True)
class _Stroke:
    """Connected ink: its label, box and number of pixels."""

    label: int
    box: tuple[slice, slice]
    area: int

    @property
    def longest(self) -> int:
        return max(_sides(self.box))

    def at_edge(self, shape: tuple[int, int]) -> bool:
        return any(side.start <= 1 or side.stop >= length - 1 for side, length in zip(self.box, shape, strict=True))

    def belongs_to(self, other: _Stroke, near: float) -> bool:
        """Whether two strokes are of one character, as the bar of a 5 and the two halves of a 4 are.

        They stand one above the other, or nearly touch and do not look like two characters on one line. ``near``: so
        many pixels apart is nearly, whatever their height.
        """
        (high, wide), (other_high, other_wide) = _sides(self.box), _sides(other.box)
        (left, right), (top, bottom) = _shared(self.box[1], other.box[1]), _shared(self.box[0], other.box[0])
        if right - left > 0.3 * min(wide, other_wide):
            return top - bottom < 0.3 * max(high, other_high)
        if left - right > max(near, 0.08 * max(high, other_high)):
            return False
        both = [max(a.stop, b.stop) - min(a.start, b.start) for a, b in zip(self.box, other.box, strict=True)]
        return both[1] < 0.9 * both[0] or bottom - top < 0.5 * min(high, other_high)


def _characters(mask: np.ndarray, is_drawing: bool) -> list[np.ndarray]:
    """The masks of the characters, left to right, one more than ``MOST_CHARACTERS`` if there are more; specks are none.

    In a drawing what touches the edge is ink, too, which in a photo is rather a desk or a finger; and its strokes, all
    of one pen, belong together where they are no further apart than they are wide.
    """
    labels, strokes = _strokes(mask)
    smallest = SMALLEST_CHARACTER * min(mask.shape)
    inner = [stroke for stroke in strokes if not stroke.at_edge(mask.shape)]
    if not is_drawing and any(stroke.longest >= smallest for stroke in inner):
        strokes = inner
    longest = max((stroke.longest for stroke in strokes), default=0)
    if longest < max(2, smallest):
        return []
    largest = max(stroke.area for stroke in strokes)
    strokes = [stroke for stroke in strokes if stroke.area >= 0.04 * largest or stroke.longest > 0.25 * longest]
    near = _pen_width(mask) if is_drawing else 0.0
    groups: list[list[_Stroke]] = []
    strokes = sorted(strokes, key=lambda stroke: stroke.area)[-MOST_STROKES:]
    for stroke in sorted(strokes, key=lambda stroke: stroke.box[1].start):
        own = [group for group in groups if any(stroke.belongs_to(other, near) for other in group)]
        groups = [group for group in groups if group not in own] + [sum(own, [stroke])]
    areas = [sum(stroke.area for stroke in group) for group in groups]
    heights = [max(s.box[0].stop for s in group) - min(s.box[0].start for s in group) for group in groups]
    kept = [group for group, area, height in zip(groups, areas, heights, strict=True)
            if area >= 0.12 * max(areas) and height >= 0.35 * max(heights)]
    kept.sort(key=lambda group: min(stroke.box[1].start for stroke in group))
    return [np.isin(labels, [stroke.label for stroke in group]) for group in kept[: MOST_CHARACTERS + 1]]


def _strokes(mask: np.ndarray) -> tuple[np.ndarray, list[_Stroke]]:
    """Labels [H, W] and the connected strokes; a gap as wide as a pen skips over does not part one."""
    reach = round(GAP_SHARE * max(mask.shape))
    joined = ndimage.binary_dilation(mask, iterations=reach) if reach else mask
    labels = ndimage.label(joined, NEIGHBORS)[0] * mask
    areas = np.bincount(labels.ravel())
    return labels, [_Stroke(label, box, int(areas[label]))
                    for label, box in enumerate(ndimage.find_objects(labels), 1) if box]


def _sides(box: tuple[slice, slice]) -> tuple[int, int]:
    return box[0].stop - box[0].start, box[1].stop - box[1].start


def _cut_out(found: np.ndarray) -> np.ndarray:
    """The box around some ink, [h, w], with wider strokes where they are thinner than ``THINNEST``."""
    rows, columns = (np.flatnonzero(found.any(axis)) for axis in (1, 0))
    character = found[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    solid = ndimage.uniform_filter(np.pad(character, 1), 3) > 0.5  # dithering has holes
    if not solid.any():
        return character
    missing = math.ceil((THINNEST * max(character.shape) - _pen_width(solid)) / 2)
    if missing < 1:
        return character
    y, x = np.mgrid[-missing : missing + 1, -missing : missing + 1]
    return ndimage.grey_dilation(np.pad(character, missing), footprint=x * x + y * y <= missing * missing)


def _pen_width(mask: np.ndarray) -> float:
    """The width of the strokes, pixels: the pixels of a strip are on average a quarter of it from its edge."""
    return 4 * float(ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1][mask].mean())


def _shared(a: slice, b: slice) -> tuple[int, int]:
    """Where two ranges overlap; the first number is the larger one where they do not."""
    return max(a.start, b.start), min(a.stop, b.stop)
