"""Meshes of one topology: what is done to each vertex's surroundings, and vertices again from that.

The deformation of a vertex's surroundings is a matrix, the best one in the sense of least squares that takes the edges
around it, and its normal, from the mesh at rest to the deformed one. Polar decomposition splits it in a rotation and a
stretch (Tan et al. 2018, section 3, after Gao et al. 2016, "Efficient and Flexible Deformation Representation"). Back
to vertices leads one linear system, the same for all meshes.

Vertices are [N, V, 3], in any precision; everything is computed as it comes, never in bfloat16 by autocast.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

POLAR_STEPS = 8  # of Newton's iteration, which converges quadratically


class Surface(nn.Module):
    """A mesh at rest: ``rest`` [V, 3], ``faces`` int64 [F, 3], counterclockwise from outside.

    Its buffers follow from these two alone and are no weights: no checkpoint stores them.
    """

    def __init__(self, rest: np.ndarray, faces: np.ndarray) -> None:
        super().__init__()
        rest, faces = torch.from_numpy(np.asarray(rest, np.float64)), torch.from_numpy(np.asarray(faces, np.int64))
        # All edges in both directions; in a closed mesh each is a side of two faces that go along it in opposite ways.
        here, there = faces.flatten(), faces.roll(-1, 1).flatten()
        edges = rest[here] - rest[there]
        normals = vertex_normals(rest[None], faces)[0]
        count = torch.zeros(len(rest), dtype=torch.float64).index_add(0, here, torch.ones(len(here)).double())
        reach = torch.zeros_like(count).index_add(0, here, edges.norm(dim=1)) / count
        normals = normals * reach[:, None]  # as long as the edges around the vertex are on average
        spread = normals[:, :, None] * normals[:, None]
        spread = spread.index_add(0, here, edges[:, :, None] * edges[:, None])  # of what is fitted, [V, 3, 3]
        inverse = torch.linalg.inv(spread)
        # The graph's Laplacian leaves the mean open; the ones put it at 0.
        laplacian = torch.full((len(rest),) * 2, 1 / len(rest), dtype=torch.float64)
        laplacian[range(len(rest)), range(len(rest))] += count
        laplacian[here, there] -= 1
        buffers = {"rest": rest, "faces": faces, "here": here, "there": there, "edges": edges, "reach": reach,
                   "edge_weights": torch.einsum("eij,ej->ei", inverse[here], edges),
                   "normal_weights": torch.einsum("vij,vj->vi", inverse, normals),
                   "solver": torch.linalg.inv(laplacian)}
        for name, value in buffers.items():
            value = value.float() if value.is_floating_point() else value
            self.register_buffer(name, value.contiguous(), persistent=False)

    def deformation_gradients(self, vertices: Tensor) -> Tensor:
        """[N, V, 3] -> [N, V, 3, 3]: at each vertex the matrix that takes the surroundings at rest to those given."""
        edges = vertices[:, self.here] - vertices[:, self.there]
        normals = vertex_normals(vertices, self.faces) * self.reach.to(vertices)[:, None]
        gradients = normals[..., None] * self.normal_weights.to(vertices)[:, None]
        return gradients.index_add(1, self.here, edges[..., None] * self.edge_weights.to(vertices)[:, None])

    def deformation(self, vertices: Tensor) -> tuple[Tensor, Tensor]:
        """[N, V, 3] -> at each vertex the rotation, axis times angle in radians [N, V, 3], and the stretch before it,
        less the identity: [N, V, 6], the entries xx, yy, zz, xy, xz, yz of a symmetric matrix.

        Angles are below 180 degrees: what has been turned further is taken for turned the other way.
        """
        gradients = self.deformation_gradients(vertices)
        rotations = nearest_rotation(gradients)
        return rotation_log(rotations), _pack(rotations.mT @ gradients) - _pack(torch.eye(3).to(vertices))

    def vertices(self, rotations: Tensor, stretches: Tensor) -> Tensor:
        """The inverse of ``deformation``, [N, V, 3] with mean 0.

        Of all meshes the one whose edges are nearest to those at rest as the mean of their two ends deforms them.
        """
        gradients = rotation_exp(rotations) @ (_unpack(stretches) + torch.eye(3).to(stretches))
        edges = (((gradients[:, self.here] + gradients[:, self.there]) / 2)
                 @ self.edges.to(gradients)[:, :, None]).squeeze(-1)
        sums = torch.zeros_like(rotations).index_add(1, self.here, edges)
        return torch.einsum("uv,nvk->nuk", self.solver.to(sums), sums)


def vertex_normals(vertices: Tensor, faces: Tensor) -> Tensor:
    """Unit normals [N, V, 3] of vertices [N, V, 3]: the mean of the normals of the faces around, weighted by area."""
    a, b, c = (vertices[:, faces[:, k]] for k in range(3))
    normals = torch.linalg.cross(b - a, c - a)
    sums = torch.zeros_like(vertices)
    for k in range(3):
        sums = sums.index_add(1, faces[:, k], normals)
    return nn.functional.normalize(sums, dim=-1)


def volume(vertices: Tensor, faces: Tensor) -> Tensor:
    """Volume [N] inside closed meshes of vertices [N, V, 3], by the divergence theorem."""
    a, b, c = (vertices[:, faces[:, k]] for k in range(3))
    return (torch.linalg.cross(a, b) * c).sum((1, 2)) / 6


def nearest_rotation(matrices: Tensor) -> Tensor:
    """The rotation of the polar decomposition of matrices [..., 3, 3] with positive determinants.

    By Newton's iteration, the mean of a matrix and its inverse transposed (Higham 1986): quicker than a singular value
    decomposition where there are many small matrices.
    """
    for _ in range(POLAR_STEPS):
        a, b, c = matrices.unbind(-1)
        cofactors = torch.stack([torch.linalg.cross(b, c), torch.linalg.cross(c, a), torch.linalg.cross(a, b)], -1)
        determinant = (a * cofactors[..., 0]).sum(-1)[..., None, None]
        matrices = (matrices + cofactors / determinant) / 2
    return matrices


def rotation_log(rotations: Tensor) -> Tensor:
    """Rotation matrices [..., 3, 3] -> axis times angle in radians, below pi, [..., 3]."""
    skew = (rotations - rotations.mT) / 2
    axis = torch.stack([skew[..., 2, 1], skew[..., 0, 2], skew[..., 1, 0]], -1)  # times the sine
    sine = axis.norm(dim=-1, keepdim=True)
    cosine = (rotations.diagonal(dim1=-2, dim2=-1).sum(-1, keepdim=True) - 1) / 2
    return axis * torch.where(sine > 1e-6, torch.atan2(sine, cosine) / sine.clamp_min(1e-6), 1)


def rotation_exp(v: Tensor) -> Tensor:
    """Axis times angle in radians [..., 3] -> rotation matrices [..., 3, 3] (Rodrigues' formula)."""
    angle = v.norm(dim=-1)[..., None, None]
    x, y, z = v.unbind(-1)
    zero = torch.zeros_like(x)
    k = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).unflatten(-1, (3, 3))
    return torch.eye(3).to(v) + torch.sinc(angle / torch.pi) * k + torch.sinc(angle / (2 * torch.pi)) ** 2 / 2 * (k @ k)


_ENTRIES = (0, 1, 2, 0, 0, 1), (0, 1, 2, 1, 2, 2)  # rows and columns of a symmetric matrix's six numbers


def _pack(symmetric: Tensor) -> Tensor:
    return symmetric[..., _ENTRIES[0], _ENTRIES[1]]


def _unpack(entries: Tensor) -> Tensor:
    xx, yy, zz, xy, xz, yz = entries.unbind(-1)
    return torch.stack([xx, xy, xz, xy, yy, yz, xz, yz, zz], -1).unflatten(-1, (3, 3))
