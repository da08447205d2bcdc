"""Paths between latents: straight lines, great circles, and walks from keyframe to keyframe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from genmodels.lazy_import import torch

if TYPE_CHECKING:
    from torch import Tensor


def lerp(a: Tensor, b: Tensor, t: float | Tensor) -> Tensor:
    """The straight line from ``a`` (t = 0) to ``b`` (t = 1)."""
    return a + (b - a) * t


def slerp(a: Tensor, b: Tensor, t: float | Tensor) -> Tensor:
    """The great circle from ``a`` to ``b``, [..., d] each, length interpolated (Shoemake 1985; White 2016).

    Normal latents of many dimensions lie near a sphere; the straight line between two of them passes through its
    nearly empty inside. Falls back to ``lerp`` where the directions (nearly) agree or oppose, or one is zero.
    """
    tiny = 1e-7
    length_a, length_b = a.norm(dim=-1, keepdim=True), b.norm(dim=-1, keepdim=True)
    unit_a, unit_b = a / length_a.clamp_min(tiny), b / length_b.clamp_min(tiny)
    cosine = (unit_a * unit_b).sum(-1, keepdim=True).clamp(-1, 1)
    angle = torch.acos(cosine)
    sine = torch.sin(angle)
    direction = (torch.sin((1 - t) * angle) * unit_a + torch.sin(t * angle) * unit_b) / sine.clamp_min(tiny)
    on_circle = direction * lerp(length_a, length_b, t)
    degenerate = (sine < 1e-4) | (length_a < tiny) | (length_b < tiny)
    return torch.where(degenerate, lerp(a, b, t), on_circle)


PATHS: dict[str, Callable] = {"lerp": lerp, "slerp": slerp}


def walk(keyframes: Tensor, frames: int, path: str = "slerp", closed: bool = True,
         columns: Sequence[int] | None = None) -> Tensor:
    """``frames`` latents [frames, d] along ``keyframes`` [K, d]; back to the first if closed.

    Every keyframe is one of the frames, exactly: segments differ by one frame where their number does not divide
    ``frames``, and the frames of a segment are evenly spaced. A closed walk does not repeat its first frame at the end,
    so it loops smoothly. ``path`` is "lerp" or "slerp". ``columns``: those that change along the walk,
    ``LatentSpec.editable_columns``; the others stay as in the first keyframe. None: all of them. ValueError for fewer
    than two keyframes, or fewer frames than keyframes.
    """
    interpolate = PATHS.get(path)
    if interpolate is None:
        raise ValueError(f"a walk's path is 'lerp' or 'slerp', not {path!r}")
    if columns is not None and len(columns) < keyframes.shape[1]:
        walked = keyframes[:1].repeat(frames, 1)
        walked[:, list(columns)] = walk(keyframes[:, list(columns)], frames, path, closed)
        return walked
    ends = [*keyframes, keyframes[0]] if closed else list(keyframes)
    if not 2 <= len(keyframes) <= frames:
        raise ValueError("a walk needs at least two keyframes, and a frame for each")
    segments, span = len(ends) - 1, frames if closed else frames - 1
    at = [k * span // segments for k in range(segments + 1)]  # the frames of the ends
    walked = []
    for (start, stop), (a, b) in zip(pairwise(at), pairwise(ends), strict=True):
        # The end itself: slerp would round it.
        walked += [a, *(interpolate(a, b, i / (stop - start)) for i in range(1, stop - start))]
    return torch.stack(walked if closed else [*walked, ends[-1]])
