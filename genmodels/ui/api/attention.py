"""Endpoint of the Attention tab: how the patches of an image looked at each other while a model drew it."""

from __future__ import annotations

import numpy as np

from genmodels.lazy_import import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.sample import MAX_IMAGES
from genmodels.ui.api.validation import check_int, parse_seed
from genmodels.ui.text import Refusal


class AttentionEndpoints(Endpoints):
    """The attention of models whose images come from tokens that attend to each other."""

    PUBLIC = ("attention",)

    def has_attention(self, name: str) -> bool:
        """Whether a checkpoint's model draws by attention."""
        return self.store.can(name, "attention")

    @as_gradio_error
    def attention(self, model: str = "transgan", seed: int = 0, index: int = 0) -> dict:
        """What each patch of an image looked at while a model drew it.

        Args:
            model: a checkpoint that draws by attention, such as transgan.
            seed: 0 to 4294967295.
            index: which image of the seed, 0 to 99.

        Returns:
            blocks: of each block of the network, in their order, shape (heads, rows, columns, rows, columns) and
            pixels (base64 of uint8): for the patch in a row and column what it takes from every patch, 255 for the one
            that it takes most from.
        """
        return {"blocks": [encode_images(array) for array in self.attention_arrays(model, seed, index)]}

    @as_gradio_error
    def attention_arrays(self, model: str, seed: int, index: int) -> list[np.ndarray]:
        """The arrays of ``attention``, uint8 [heads, h, w, h, w] each."""
        loaded = self._require_generative(model)
        if not self.has_attention(loaded.name):
            raise Refusal("no_attention", name=loaded.name, names=self.store.option_names(self.has_attention))
        index = check_int("index", index, 0, MAX_IMAGES - 1)
        latents = self._sample_latents(loaded, parse_seed(seed), [index])
        with self.store.inference_lock, torch.inference_mode():
            blocks = [block[0] for block in loaded.model.attention(latents.z)]
        return [(255 * block / block.amax((-2, -1), keepdim=True)).round().byte().numpy() for block in blocks]
