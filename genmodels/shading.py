"""Pictures of meshes: flat shading, nearest faces last (the painter's algorithm), drawn by Pillow.

Good for one closed body, whose faces seldom overlap in an order that their depths do not tell.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

TURN, TILT = np.radians(25), np.radians(15)  # of the body about its upright axis, then towards the viewer
LIGHT = np.array([-0.4, 0.6, 0.7]) / np.linalg.norm([-0.4, 0.6, 0.7])
DARKEST = 0.25  # brightness of a face that turns away from the light
SUPERSAMPLING = 3  # pixels drawn for each pixel of the picture, along each side


def view_matrix(turn: float = TURN, tilt: float = TILT) -> np.ndarray:
    """The rotation [3, 3] from a body's axes to the viewer's: x to the right, y up, z towards the viewer."""
    about_y = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    return about_x @ about_y


def shade(vertices: np.ndarray, faces: np.ndarray, height: int, width: int, extent: float) -> np.ndarray:
    """Vertices [N, V, 3] and faces [F, 3 or 4], counterclockwise from outside -> uint8 [N, height, width], 0 outside.

    ``extent``: half of the side of the square that just fits into the picture.
    """
    seen = np.asarray(vertices, np.float64) @ view_matrix().T
    size = np.array([width, height]) * SUPERSAMPLING
    places = seen[..., :2] * [1, -1] * (min(size) / (2 * extent)) + size / 2  # [N, V, 2]
    corners = seen[:, faces]  # [N, F, 3 or 4, 3]
    # Diagonals of a quadrangle, two sides of a triangle: their cross product points outwards.
    normals = np.cross(corners[:, :, 2] - corners[:, :, 0], corners[:, :, -1] - corners[:, :, 1])
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True).clip(1e-12)
    levels = (255 * (DARKEST + (1 - DARKEST) * (normals @ LIGHT).clip(0))).round().astype(int)
    depths = corners[..., 2].mean(-1)
    return np.stack([_paint(*one, faces, tuple(size)) for one in zip(places, depths, normals[..., 2], levels,
                                                                      strict=True)])


def _paint(places: np.ndarray, depths: np.ndarray, facing: np.ndarray, levels: np.ndarray, faces: np.ndarray,
           size: tuple[int, int]) -> np.ndarray:
    """One body: ``facing`` is positive for faces that the viewer sees from outside."""
    canvas = Image.new("L", size)
    pen = ImageDraw.Draw(canvas)
    order = np.argsort(depths, kind="stable")
    order = order[facing[order] > 0]
    for outline, level in zip(places[faces[order]].reshape(len(order), -1).tolist(), levels[order].tolist(),
                              strict=True):
        pen.polygon(outline, fill=level)
    return np.asarray(canvas.reduce(SUPERSAMPLING))
