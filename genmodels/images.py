"""Pictures: the one place where [-1, 1] meets uint8, and where grids, PNG, animations and MNIST's framing are made.

Two forms of a picture are used everywhere: a model's float tensor [N, C, H, W] in [-1, 1] (-1 is background), and
uint8 arrays [N, H, W] (0 is background), as in MNIST's files.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from genmodels.lazily import torch

if TYPE_CHECKING:
    from torch import Tensor

SIDE = 28  # pixels, MNIST's side
BOX = 20  # MNIST scales a digit into a box of this side before it centres it (LeCun et al. 1998)


def to_uint8(x: Tensor) -> np.ndarray:
    """[N, 1, H, W] in [-1, 1] -> uint8 [N, H, W], rounded to the nearest level, clipped."""
    levels = (x.detach().float().clamp(-1, 1) + 1) * 127.5
    return levels.round().to(torch.uint8).squeeze(1).cpu().numpy()


def from_uint8(images: np.ndarray | Tensor) -> Tensor:
    """uint8 [N, H, W] -> float32 [N, 1, H, W] in [-1, 1]."""
    return torch.as_tensor(images).unsqueeze(1).float() / 127.5 - 1


def to_unit(x: Tensor) -> Tensor:
    """[-1, 1] -> [0, 1], the scale of Bernoulli likelihoods and of every mean squared error that we quote."""
    return (x + 1) / 2


def from_unit(x: Tensor) -> Tensor:
    """[0, 1] -> [-1, 1]."""
    return x * 2 - 1


def grid(images: np.ndarray, columns: int, gap: int = 2, background: int = 0) -> np.ndarray:
    """uint8 [N, H, W] -> one uint8 picture, row by row, ``gap`` pixels of ``background`` between and around."""
    n, h, w = images.shape
    rows = -(-n // columns)
    sheet = np.full((gap + rows * (h + gap), gap + columns * (w + gap)), background, np.uint8)
    for i, image in enumerate(images):
        top, left = gap + i // columns * (h + gap), gap + i % columns * (w + gap)
        sheet[top : top + h, left : left + w] = image
    return sheet


def cut(sheet: np.ndarray, columns: int, side: int = SIDE, gap: int = 2) -> np.ndarray:
    """The pictures, uint8 [N, side, side], that ``grid`` laid out; the empty places of its last row are among them."""
    step = side + gap
    rows, lefts = range(gap, sheet.shape[0] - gap, step), range(gap, columns * step, step)
    places = [(top, left) for top in rows for left in lefts]
    return np.stack([sheet[top : top + side, left : left + side] for top, left in places])


def enlarge(image: np.ndarray, scale: int) -> np.ndarray:
    """Each pixel of a uint8 [..., H, W] picture as a ``scale`` x ``scale`` square: crisp at any size."""
    return image.repeat(scale, axis=-2).repeat(scale, axis=-1)


def coarse(image: np.ndarray) -> np.ndarray:
    """uint8 in sixteen grey levels, 0 and 255 among them: half the file for what is looked at in passing."""
    return ((image.astype(np.uint16) + 8) // 17 * 17).astype(np.uint8)


def png(image: np.ndarray) -> bytes:
    """uint8 [H, W] or [H, W, 3] -> PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def gif(frames: np.ndarray, frames_per_second: float = 25) -> bytes:
    """uint8 [T, H, W] -> an animated GIF file that loops for ever."""
    buffer = io.BytesIO()
    pictures = [Image.fromarray(frame) for frame in frames]
    pictures[0].save(buffer, "gif", save_all=True, append_images=pictures[1:], loop=0,
                     duration=max(20, round(1000 / frames_per_second)))
    return buffer.getvalue()


def save_png(image: np.ndarray, path: str | Path) -> None:
    Path(path).write_bytes(png(image))


def centre_by_mass(image: np.ndarray) -> np.ndarray:
    """Frame ink as MNIST frames digits: scaled into a 20x20 box, its centre of mass in the middle of 28x28.

    ``image``: [H, W], any size, higher is ink, background 0. Returns uint8 [28, 28], the strongest ink at 255.
    ValueError where there is no ink. (LeCun et al. 1998, "Gradient-based learning applied to document recognition".)
    """
    image = np.asarray(image, np.float32)
    peak = image.max(initial=0)
    rows, columns = np.nonzero(image > peak * 0.08)  # fainter than that is paper or JPEG noise
    if peak < 16 or not len(rows):
        raise ValueError("there is no ink in the picture")
    ink = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] * (255 / peak)
    scale = BOX / max(ink.shape)
    size = [max(1, round(side * scale)) for side in ink.shape]
    small = np.asarray(Image.fromarray(ink).resize((size[1], size[0]), Image.Resampling.BOX if scale < 1
                                                   else Image.Resampling.BILINEAR), np.float32)
    mass = small.sum()
    centre = [(small.sum(1) * np.arange(size[0])).sum() / mass, (small.sum(0) * np.arange(size[1])).sum() / mass]
    top, left = (int(round((SIDE - 1) / 2 - c)) for c in centre)
    top, left = (min(max(0, edge), SIDE - side) for edge, side in zip((top, left), size, strict=True))
    framed = np.zeros((SIDE, SIDE), np.float32)
    framed[top : top + size[0], left : left + size[1]] = small
    return np.clip(framed * (255 / max(framed.max(), 1)), 0, 255).round().astype(np.uint8)
