"""Endpoint of the Mesh tab: the vertices and faces of the body that latents stand for."""

from __future__ import annotations

from genmodels.lazy_import import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.validation import parse_z
from genmodels.ui.text import Refusal


class MeshEndpoints(Endpoints):
    """Generate meshes with a model of them; the page itself decodes without the server."""

    PUBLIC = ("decode_mesh",)

    @as_gradio_error
    def decode_mesh(self, model: str = "meshvae", z: list[float] | None = None) -> dict:
        """The body that a latent stands for, for example to be written into a file of another program.

        Args:
            model: name of a checkpoint of a model of meshes.
            z: the numbers of a latent; the mean of the prior where it is not given.

        Returns:
            vertices (x, y, z of each), faces (three vertices each, from 0, counterclockwise from outside).
        """
        loaded = self._require_generative(model)
        if not self.store.can(loaded.name, "mesh"):
            raise Refusal("no_mesh", name=loaded.name,
                          names=self.store.option_names(lambda name: self.store.can(name, "mesh")))
        latents = parse_z(loaded.spec, z)
        with self.store.inference_lock, torch.inference_mode():
            vertices = loaded.model.decode_mesh(latents.z)[0]
        return {"vertices": [[round(value, 5) for value in row] for row in vertices.tolist()],
                "faces": loaded.model.faces.tolist()}
