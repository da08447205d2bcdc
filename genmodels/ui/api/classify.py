"""Endpoint of the Classify tab: what a classifier, or a conditional generative model, makes of a picture."""

from __future__ import annotations

import base64
import binascii

import numpy as np

from genmodels.images import from_uint8, to_unit
from genmodels.lazy_import import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.framing import frame_upload
from genmodels.ui.store import LoadedModel
from genmodels.ui.text import Refusal

IMPORTANCE_SAMPLES = 5  # of a bound whose card does not say with how many it was measured


class ClassifyEndpoints(Endpoints):
    """Classify with any model that has class logits, or a bound on log p(x | label)."""

    PUBLIC = ("classify",)

    @as_gradio_error
    def classify(self, image: str, model: str = "cnn", center: bool = True, piece: int = -1) -> dict:
        """Classify a picture.

        Args:
            image: an image file, as ``reconstruct`` takes it.
            model: a checkpoint that classifies, such as cnn, or a conditional generative model with a bound, such as
                cvae, which classifies by Bayes' rule.
            center: as for ``reconstruct``.
            piece: as for ``reconstruct``.

        Returns:
            probabilities (of the classes, in their order), predicted (the name of the likeliest class), log_prob (a
            lower bound on log p(image) in nats, of a model that classifies by its bound; else null), percentile (of
            log_prob among the test images that its card was measured on, or null).
        """
        loaded = self._require_classifier(model)
        framed = frame_upload(image, loaded.card.dataset, center).piece(piece)
        logits, log_prob = torch.from_numpy(self._logits(loaded, framed)), None
        if self.has_bound(model):
            log_prob = round(float(logits.logsumexp(0)), 2)
        probabilities = logits.softmax(0).tolist()
        classes = loaded.card.dataset["classes"]
        return {"probabilities": [round(p, 6) for p in probabilities],
                "predicted": str(classes[int(np.argmax(probabilities))]),
                "log_prob": log_prob, "percentile": self._percentile(loaded, log_prob)}

    @as_gradio_error
    def classify_array(self, model: str, pixels: str) -> np.ndarray:
        """Logits of an image that is framed already, float32 [1, K]; of a model with a bound, those of log p(x, y).

        ``pixels``: base64 of uint8, row by row.
        """
        loaded = self._require_classifier(model)
        size = loaded.card.dataset["height"], loaded.card.dataset["width"]
        try:
            image = np.frombuffer(base64.b64decode(pixels, validate=True), np.uint8).reshape(size)
        except (binascii.Error, ValueError, TypeError):
            raise Refusal("framed_pixels", height=size[0], width=size[1]) from None
        return self._logits(loaded, image)[None].astype("<f4")

    def can_classify(self, name: str) -> bool:
        """Whether a checkpoint's model tells classes apart in one way or the other."""
        return self.store.can(name, "classify") or self.has_bound(name)

    def has_bound(self, name: str) -> bool:
        """Whether a checkpoint's model is no classifier, but has a bound on log p(x | label)."""
        return (not self.store.can(name, "classify") and self.store.is_conditional(name)
                and self.store.can(name, "encode") and self.store.can(name, "elbo"))

    def _require_classifier(self, name: str) -> LoadedModel:
        loaded = self.store.get(str(name))
        if not self.can_classify(loaded.name):
            raise Refusal("no_classes", name=name, names=self.store.option_names(self.can_classify))
        return loaded

    def _logits(self, loaded: LoadedModel, image: np.ndarray) -> np.ndarray:
        """Of an image uint8 [H, W], float64 [K]. The lock is released between the labels of a bound."""
        from genmodels.metrics.bound_classifier import joint_bound

        x, model = from_uint8(np.array(image)[None]), loaded.model
        if not self.has_bound(loaded.name):
            with self.store.inference_lock, torch.inference_mode():
                return model.classify(x)[0].double().numpy()
        gray = to_unit(x)
        pixels = (gray >= 0.5).float() if model.pixel_likelihood == "bernoulli" else gray
        classes, found = loaded.spec.label.classes, []
        for y in range(classes):
            with self.store.inference_lock:
                found.append(joint_bound(model, pixels, y, classes, importance_samples(loaded))[0])
        return np.array(found)

    @staticmethod
    def _percentile(loaded: LoadedModel, log_prob: float | None) -> float | None:
        quantiles = loaded.card.latent_stats.get("log_prob_quantiles")
        if log_prob is None or quantiles is None:
            return None
        percentiles, nats = zip(*quantiles["values"], strict=True)
        return round(float(np.interp(log_prob, nats, percentiles)), 1)


def importance_samples(loaded: LoadedModel) -> int:
    """As many for a bound as its quantiles were measured with: a bound rises with their number."""
    return loaded.card.latent_stats.get("log_prob_quantiles", {}).get("importance_samples", IMPORTANCE_SAMPLES)
