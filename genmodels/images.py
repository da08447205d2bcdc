"""Images: the one place where [-1, 1] meets uint8, and where grids, PNG, animations and MNIST's framing are made.

Two forms of an image are used everywhere: a model's float tensor [N, C, H, W] in [-1, 1] (-1 is background), and
uint8 arrays [N, H, W] (gray, 0 is background, as in MNIST's files) or [N, H, W, 3] (color).
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from genmodels.lazy_import import torch

if TYPE_CHECKING:
    from torch import Tensor

MNIST_SIZE = 28  # pixels, height and width of MNIST's images
MNIST_BOX = 20  # MNIST scales a digit into a box of this side before it centers it (LeCun et al. 1998)


def to_uint8(x: Tensor) -> np.ndarray:
    """[N, C, H, W] in [-1, 1] -> uint8 [N, H, W] for one channel, [N, H, W, 3] for three; rounded, clipped.

    ValueError for any other number of channels.
    """
    if x.ndim != 4 or x.shape[1] not in (1, 3):
        raise ValueError(f"images have the shape [N, 1, H, W] or [N, 3, H, W], not {list(x.shape)}")
    levels = ((x.detach().float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu()
    return (levels.squeeze(1) if x.shape[1] == 1 else levels.permute(0, 2, 3, 1).contiguous()).numpy()


def from_uint8(images: np.ndarray | Tensor) -> Tensor:
    """uint8 [N, H, W] or [N, H, W, 3] -> float32 [N, 1 or 3, H, W] in [-1, 1]."""
    x = torch.as_tensor(images)
    x = x.unsqueeze(1) if x.ndim == 3 else x.permute(0, 3, 1, 2)
    return x.float() / 127.5 - 1


def to_unit(x: Tensor) -> Tensor:
    """[-1, 1] -> [0, 1], the scale of Bernoulli likelihoods and of every reported mean squared error."""
    return (x + 1) / 2


def from_unit(x: Tensor) -> Tensor:
    """[0, 1] -> [-1, 1]."""
    return x * 2 - 1


def make_grid(images: np.ndarray, columns: int, gap: int = 2, background: int = 0) -> np.ndarray:
    """uint8 [N, H, W] or [N, H, W, 3] -> one uint8 image, row by row.

    ``gap``: pixels of ``background`` between and around the images.
    """
    n, h, w, *color = images.shape
    rows = -(-n // columns)
    sheet = np.full((gap + rows * (h + gap), gap + columns * (w + gap), *color), background, np.uint8)
    for i, image in enumerate(images):
        top, left = gap + i // columns * (h + gap), gap + i % columns * (w + gap)
        sheet[top : top + h, left : left + w] = image
    return sheet


def split_grid(sheet: np.ndarray, rows: int, columns: int, gap: int = 2) -> np.ndarray:
    """The inverse of ``make_grid``: uint8 [rows * columns, H, W] or [rows * columns, H, W, 3], empty cells included.

    ValueError where the sheet has another layout.
    """
    height, width = (sheet.shape[0] - gap) // rows, (sheet.shape[1] - gap) // columns  # an image and the gap after it
    color = sheet.shape[2:]
    cells = sheet[gap:, gap:].reshape(rows, height, columns, width, *color).swapaxes(1, 2)
    return cells.reshape(-1, height, width, *color)[:, : height - gap, : width - gap]


def upscale(image: np.ndarray, scale: int, color: bool = False) -> np.ndarray:
    """Each pixel of uint8 [..., H, W], or with ``color`` [..., H, W, 3], as a ``scale`` x ``scale`` square: no blur."""
    rows, columns = (-3, -2) if color else (-2, -1)
    return image.repeat(scale, axis=rows).repeat(scale, axis=columns)


def is_color(images: np.ndarray | Tensor) -> bool:
    """Whether uint8 images are [N, H, W, 3] rather than [N, H, W]."""
    return images.ndim == 4


def require_gray(images: np.ndarray | Tensor, what: str) -> None:
    """ValueError unless the images are uint8 [N, H, W]; ``what`` begins the sentence: "slant is measured"."""
    if is_color(images):
        raise ValueError(f"{what} of gray images [N, H, W] alone, not of {list(images.shape)}")


def quantize_gray(image: np.ndarray) -> np.ndarray:
    """uint8 in sixteen levels of each channel, 0 and 255 among them.

    It halves the file size of images that need not be exact.
    """
    return ((image.astype(np.uint16) + 8) // 17 * 17).astype(np.uint8)


def png(image: np.ndarray) -> bytes:
    """uint8 [H, W] or [H, W, 3] -> PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def gif(frames: np.ndarray, frames_per_second: float = 25) -> bytes:
    """uint8 [T, H, W] or [T, H, W, 3] -> an animated GIF file that loops forever."""
    buffer = io.BytesIO()
    first, *others = [Image.fromarray(frame) for frame in frames]
    first.save(buffer, "gif", save_all=True, append_images=others, loop=0,
               duration=max(20, round(1000 / frames_per_second)))
    return buffer.getvalue()


def save_png(image: np.ndarray, path: str | Path) -> None:
    Path(path).write_bytes(png(image))


def to_gray(image: Image.Image) -> np.ndarray:
    """An image of any mode -> uint8 [H, W]; one of more than 8 bits a pixel is scaled, where Pillow would clip it."""
    if image.mode[0] not in "IF":
        return np.asarray(image.convert("L"))
    levels = np.asarray(image, np.float32).clip(0)
    bits = max(8, int(np.ceil(np.log2(max(float(levels.max()), 1) + 1))))  # 12 where a camera has 12
    return (levels * (255 / (2**bits - 1))).astype(np.uint8)


def resize_to_fit(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """A gray photo [H, W], 0 to 255, cropped about its center to the proportions of height x width and scaled.

    Returns uint8 [height, width].
    """
    photo = Image.fromarray(np.clip(np.asarray(image, np.float32), 0, 255))
    scale = max(width / photo.width, height / photo.height)
    cut_w, cut_h = width / scale, height / scale
    left, top = max(0.0, (photo.width - cut_w) / 2), max(0.0, (photo.height - cut_h) / 2)
    box = left, top, min(photo.width, left + cut_w), min(photo.height, top + cut_h)
    small = photo.resize((width, height), Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR, box=box)
    return np.asarray(small).round().clip(0, 255).astype(np.uint8)


def center_by_mass(image: np.ndarray) -> np.ndarray:
    """Frame ink as MNIST frames digits: scaled into a 20x20 box, its center of mass in the middle of 28x28.

    ``image``: gray [H, W] of any size, higher is ink, background 0. Returns uint8 [28, 28], the strongest ink at 255.
    ValueError where there is no ink. (LeCun et al. 1998, "Gradient-based learning applied to document recognition".)
    """
    image = np.asarray(image, np.float32)
    peak = image.max(initial=0)
    rows, columns = np.nonzero(image > peak * 0.08)  # fainter than that is paper or JPEG noise
    if peak < 16 or not len(rows):
        raise ValueError("there is no ink in the picture")
    ink = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] * (255 / peak)
    scale = MNIST_BOX / max(ink.shape)
    size = [max(1, round(side * scale)) for side in ink.shape]
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    small = np.asarray(Image.fromarray(ink).resize((size[1], size[0]), method), np.float32)
    mass = small.sum()
    center = [(small.sum(1) * np.arange(size[0])).sum() / mass, (small.sum(0) * np.arange(size[1])).sum() / mass]
    top, left = (int(round((MNIST_SIZE - 1) / 2 - c)) for c in center)
    top, left = (min(max(0, edge), MNIST_SIZE - side) for edge, side in zip((top, left), size, strict=True))
    framed = np.zeros((MNIST_SIZE, MNIST_SIZE), np.float32)
    framed[top : top + size[0], left : left + size[1]] = small
    return np.clip(framed * (255 / max(framed.max(), 1)), 0, 255).round().astype(np.uint8)
