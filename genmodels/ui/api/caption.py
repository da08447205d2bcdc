"""Endpoint of the Few labels tab: what a semi-supervised model believes of a picture, and what it says of it."""

from __future__ import annotations

from genmodels.captions import LANGUAGES
from genmodels.images import from_uint8
from genmodels.lazy_import import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.framing import frame_upload
from genmodels.ui.store import LoadedModel
from genmodels.ui.text import Refusal


class CaptionEndpoints(Endpoints):
    """Classify a picture and say it in words, with models that write captions."""

    PUBLIC = ("caption",)

    def can_caption(self, name: str) -> bool:
        """Whether a checkpoint's model writes captions and classifies."""
        return self.store.can(name, "caption") and self.store.can(name, "classify")

    @as_gradio_error
    def caption(self, image: str, model: str = "ssvae", center: bool = True, piece: int = -1) -> dict:
        """Say in words what a picture of a handwritten digit shows.

        Args:
            image: an image file, as ``reconstruct`` takes it.
            model: a checkpoint that writes captions, such as ssvae.
            center: as for ``reconstruct``.
            piece: as for ``reconstruct``.

        Returns:
            probabilities (of the classes, in their order), predicted (the name of the likeliest class), captions (a
            sentence by language, "en" and "es").
        """
        loaded = self._require_captions(model)
        framed = frame_upload(image, loaded.card.dataset, center).piece(piece)
        x = from_uint8(torch.from_numpy(framed.copy())[None])
        with self.store.inference_lock, torch.inference_mode():
            probabilities = loaded.model.classify(x)[0].softmax(0).tolist()
            captions = {language: loaded.model.caption(x, language)[0] for language in LANGUAGES}
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        return {"probabilities": [round(p, 6) for p in probabilities],
                "predicted": str(loaded.card.dataset["classes"][best]), "captions": captions}

    def _require_captions(self, name: str) -> LoadedModel:
        loaded = self.store.get(str(name))
        if not self.can_caption(loaded.name):
            raise Refusal("writes_no_captions", name=name, names=self.store.option_names(self.can_caption))
        return loaded
