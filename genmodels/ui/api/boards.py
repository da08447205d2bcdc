"""Endpoints of the Boards tab: an image as boards of codes, and back."""

from __future__ import annotations

from genmodels.images import from_uint8, to_uint8
from genmodels.lazy_import import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.reconstruct import ReconstructEndpoints
from genmodels.ui.store import LoadedModel
from genmodels.ui.text import Refusal


class BoardEndpoints(Endpoints):
    """Boards of codes, for models that have them; the page itself computes them without the server."""

    PUBLIC = ("encode_boards", "decode_boards")

    @as_gradio_error
    def encode_boards(self, image: str, model: str = "vqvae2") -> dict:
        """The codes that a model keeps of an image, board by board.

        Args:
            image: an image file, as ``reconstruct`` takes it. One that has the model's size is taken as it is.
            model: name of a checkpoint whose model has codes.

        Returns:
            boards (the coarsest first; each a list of rows of codes), codes (how many there are for each board).
        """
        loaded = self._require_codes(model)
        framed = ReconstructEndpoints(self.store).frame(image, loaded.name, False).images[-1]
        with self.store.inference_lock, torch.inference_mode():
            boards = loaded.model.codes(from_uint8(framed[None]))
        return {"boards": [board[0].tolist() for board in boards], "codes": list(loaded.model.codebook_sizes)}

    @as_gradio_error
    def decode_boards(self, boards: list[list[list[int]]] | None = None, model: str = "vqvae2") -> dict:
        """The image that boards of codes stand for.

        Args:
            boards: as ``encode_boards`` gives them; -1 is an empty tile.
            model: name of a checkpoint whose model has codes.

        Returns:
            shape, pixels.
        """
        loaded = self._require_codes(model)
        config, sizes = loaded.model.config, loaded.model.codebook_sizes
        with self.store.inference_lock, torch.inference_mode():
            blank = torch.zeros(1, config.channels, config.height, config.width)
            shapes = [tuple(board.shape[1:]) for board in loaded.model.codes(blank)]
            given = _parse_boards(boards, shapes, sizes)
            return encode_images(to_uint8(loaded.model.decode_codes(*given)))

    def _require_codes(self, name: str) -> LoadedModel:
        loaded = self._require_generative(name)
        if not self.store.can(loaded.name, "codes"):
            raise Refusal("no_codes", name=loaded.name,
                          names=self.store.option_names(lambda name: self.store.can(name, "codes")))
        return loaded


def _parse_boards(boards: object, shapes: list[tuple[int, ...]], sizes: tuple[int, ...]) -> list[torch.Tensor]:
    """Boards of codes, int64 [1, h, w] each."""
    try:
        given = [torch.tensor(board) for board in boards]
    except (TypeError, ValueError, RuntimeError, OverflowError):
        given = []
    fits = [tuple(board.shape) for board in given] == shapes and all(
        board.dtype == torch.int64 and board.min() >= -1 and board.max() < size
        for board, size in zip(given, sizes, strict=True))
    if not fits:
        wanted = ", ".join(f"{h} x {w} (-1 to {size - 1})" for (h, w), size in zip(shapes, sizes, strict=True))
        raise Refusal("boards", wanted=wanted)
    return [board[None] for board in given]
