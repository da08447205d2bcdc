"""Endpoint of the Reconstruct tab: an image through an autoencoder and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genmodels.images import from_uint8, to_uint8
from genmodels.lazily import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.uploads import decode_upload
from genmodels.ui.api.validation import check_int, parse_seed
from genmodels.ui.store import LoadedModel

if TYPE_CHECKING:
    from torch import Tensor

    from genmodels.model import Elbo

MAX_SAMPLES = 16


@dataclass(frozen=True)
class Reconstruction:
    """What a model makes of one image; all but ``image`` is None where the model has no posterior or no bound."""

    image: np.ndarray  # uint8 [1, H, W]
    z: Tensor | None = None  # [d], the posterior's mean
    bound: Elbo | None = None  # per posterior sample
    samples: np.ndarray | None = None  # uint8 [num_samples, H, W], decoded posterior samples


class ReconstructEndpoints(Endpoints):
    """Reconstruct an image with any model that can."""

    PUBLIC = ("reconstruct",)

    @as_gradio_error
    def reconstruct(self, image: str, model: str = "vae", label: int = -1, num_samples: int = 8, seed: int = 0,
                    center: bool = True) -> dict:
        """Send an image through an autoencoder.

        Args:
            image: an image file (PNG, JPEG, WebP, GIF or BMP) as base64 or data URI; up to 8 MB and 16 megapixels.
            model: a checkpoint that reconstructs: vae, vae2d or cvae.
            label: the digit, for models that are conditioned on it; -1 takes the classifier's prediction.
            num_samples: how many posterior samples, 1 to 16; a model without posterior gives none.
            seed: of the posterior samples.
            center: scale and center the ink as MNIST does; false only for images that are framed that way already.

        Returns:
            shape, pixels (input, reconstruction, difference, then the decoded posterior samples), mse (of pixels in
            [0, 1]), reconstruction_nll, kl, elbo (nats, means over the posterior samples, or null), z (posterior
            means, or null), label (given or predicted, or null), predicted (class and confidence of the classifier
            for input and reconstruction).
        """
        given = decode_upload(image, center)
        loaded = self._require_reconstruct(model)
        num_samples = check_int("the number of posterior samples", num_samples, 1, MAX_SAMPLES)
        seed, predicted = parse_seed(seed), self.store.predict(given[None])[0]
        label = self._resolve_label(loaded, label, predicted[0])
        found = self._reconstruct(loaded, given, label, num_samples, seed)
        difference = np.abs(given.astype(int) - found.image[0]).astype(np.uint8)
        images = [given[None], found.image, difference[None], *([] if found.samples is None else [found.samples])]
        return encode_images(
            np.concatenate(images), mse=round(float(np.square(difference / 255).mean()), 4), **_bound(found.bound),
            z=None if found.z is None else [round(value, 3) for value in found.z.tolist()], label=label,
            predicted={"input": predicted, "reconstruction": self.store.predict(found.image)[0]},
        )

    def _require_reconstruct(self, name: str) -> LoadedModel:
        loaded = self._require_generative(name)
        if not self.can_reconstruct(name):
            raise ValueError(f"{name} cannot reconstruct; choose one of: "
                             + self.store.option_names(self.can_reconstruct))
        return loaded

    def can_reconstruct(self, name: str) -> bool:
        """Whether a checkpoint's model maps an image to its reconstruction."""
        return self.store.can(name, "reconstruct")

    def _resolve_label(self, loaded: LoadedModel, label: object, predicted: int | None) -> int | None:
        """The label to condition on: as given, or as predicted where that is -1; None for an unconditional model."""
        part = loaded.spec.categorical
        if part is None:
            return None
        label = check_int("the label", label, -1, part.classes - 1)
        if label < 0 and predicted is None:
            raise ValueError("the classifier is not available to predict the label; give the digit")
        return predicted if label < 0 else label

    def _reconstruct(self, loaded: LoadedModel, image: np.ndarray, label: int | None, num_samples: int,
                     seed: int) -> Reconstruction:
        from genmodels.model import in_chunks

        model, x = loaded.model, from_uint8(image[None])
        c = None if label is None else torch.tensor([label])
        with self.store.inference_lock, torch.inference_mode():
            if not self.store.can(loaded.name, "encode"):
                return Reconstruction(to_uint8(model.reconstruct(x, c)))
            posterior = model.encode(x, c)
            rng = np.random.Generator(np.random.Philox(key=np.array([seed, 1], np.uint64)))
            eps = torch.from_numpy(rng.standard_normal((num_samples, posterior.mu.shape[1]), dtype=np.float32))
            z = posterior.mu + torch.exp(posterior.logvar / 2) * eps
            c_each, bound = None if c is None else c.expand(num_samples), None
            if self.store.can(loaded.name, "elbo"):
                bound = model.elbo(x.expand(num_samples, -1, -1, -1), z, posterior, c_each)
            return Reconstruction(to_uint8(in_chunks(model.decode, posterior.mu, c)), posterior.mu[0], bound,
                                  to_uint8(in_chunks(model.decode, z, c_each)))


def _bound(bound: Elbo | None) -> dict[str, float | None]:
    """The bound and its two terms, nats, averaged over the posterior samples; None for each where there is none."""
    terms = {"reconstruction_nll": "reconstruction", "kl": "kl", "elbo": "elbo"}
    return {name: None if bound is None else round(float(getattr(bound, term).mean()), 1)
            for name, term in terms.items()}
