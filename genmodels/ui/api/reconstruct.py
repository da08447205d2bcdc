"""Endpoint of the Reconstruct tab: an image through an autoencoder and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genmodels.images import MNIST_SIZE, from_uint8
from genmodels.lazy_import import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.framing import Framed, frame_upload
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.likeness import likeness_judge
from genmodels.ui.api.validation import check_int, parse_seed
from genmodels.ui.store import LoadedModel
from genmodels.ui.text import Refusal

if TYPE_CHECKING:
    from torch import Tensor

    from genmodels.capabilities import Elbo

MAX_SAMPLES = 16
MNIST_FRAME = {"height": MNIST_SIZE, "width": MNIST_SIZE, "framing": "digit"}


@dataclass(frozen=True)
class Reconstruction:
    """A model's reconstruction of one image; what it cannot compute (no posterior, no bound) is None."""

    image: np.ndarray  # uint8 [1, H, W]
    z: Tensor | None = None  # [d], the posterior's mean
    bound: Elbo | None = None  # per posterior sample
    samples: np.ndarray | None = None  # uint8 [num_samples, H, W], decoded posterior samples
    codes: int | None = None  # how many pass a bottleneck of codes

    @property
    def numbers(self) -> int | None:
        """How many numbers pass the bottleneck."""
        return self.codes if self.z is None else len(self.z)


class ReconstructEndpoints(Endpoints):
    """Reconstruct an image with any model that can."""

    PUBLIC = ("reconstruct", "compare_reconstructions", "find_digits")

    @as_gradio_error
    def reconstruct(self, image: str, model: str = "vae", label: int = -1, num_samples: int = 8, seed: int = 0,
                    center: bool = True, piece: int = -1) -> dict:
        """Send an image through an autoencoder.

        Args:
            image: the content of an image file (PNG, JPEG, WebP, GIF, BMP; AVIF where Pillow reads it) as base64 or
                data URI; up to 8 MB and 16 megapixels. Dark ink on paper or light ink on a board; the paper may be
                shaded, ruled or squared.
            model: a checkpoint that reconstructs, such as vae.
            label: the class, for models that are conditioned on it; -1 takes the classifier's prediction.
            num_samples: how many posterior samples, 1 to 16; a model without posterior gives none.
            seed: of the posterior samples.
            center: scale and center the ink as MNIST does; false for images that are framed that way already. For
                models of photographs the image is cropped to their proportions instead.
            piece: which digit, from 0 at the left, of a picture with several; the number of digits for all of the ink
                as one digit; -1 where there is one.

        Returns:
            shape, pixels (input, reconstruction, difference, then the decoded posterior samples), mse (of pixels in
            [0, 1]), reconstruction_nll, kl, elbo (nats, means over the posterior samples, or null), z (posterior
            means, or null), label (given or predicted, or null), predicted (class and confidence of the classifier
            for input and reconstruction).
        """
        return self.reconstruct_framed(self.frame(image, model, center).piece(piece), model, label, num_samples, seed)

    @as_gradio_error
    def compare_reconstructions(self, image: str, model: str = "vae", label: int = -1, center: bool = True,
                                piece: int = -1) -> dict:
        """Send an image through every autoencoder that learned the same data set.

        Args:
            image: an image file, as ``reconstruct`` takes it.
            model: a checkpoint that reconstructs, such as vae; those that were trained on its data set are compared.
            label: the class, for models that are conditioned on it; -1 takes the classifier's prediction.
            center: as for ``reconstruct``.
            piece: as for ``reconstruct``.

        Returns:
            shape, pixels (input, then the reconstruction and the difference of each model), predicted (class and
            confidence of the classifier for the input), models: for each its name, mse (of pixels in [0, 1]),
            predicted (of its reconstruction), numbers (how many pass its bottleneck: latents or codes), bits (that
            pass it on average over test images, as evaluation found; or null), feature_error (half the squared distance
            of input and reconstruction in the features of judge, or null); judge: the model of the data set that judges
            likeness by features of its own, or null.
        """
        return self.compare_framed(self.frame(image, model, center).piece(piece), model, label)

    @as_gradio_error
    def find_digits(self, image: str) -> dict:
        """Find the digits in a picture and frame them as MNIST does.

        Args:
            image: an image file, as ``reconstruct`` takes it: ink on paper, chalk on a board, a drawing.

        Returns:
            shape, pixels (one image of 28 x 28 pixels per digit, left to right, and after several of them all of the
            ink as one digit: ``piece`` of ``reconstruct``).
        """
        return encode_images(frame_upload(image, MNIST_FRAME, True).images)

    @as_gradio_error
    def frame(self, image: str, model: str, center: bool = True) -> Framed:
        """An upload as a model takes it; more than one image where there are several digits in it."""
        return frame_upload(image, self._require_reconstruct(model).card.dataset, center)

    @as_gradio_error
    def reconstruct_framed(self, image: np.ndarray, model: str, label: int, num_samples: int, seed: int) -> dict:
        """``reconstruct`` for an image that is framed already, uint8 [H, W]."""
        loaded = self._require_reconstruct(model)
        num_samples = check_int("posterior_samples", num_samples, 1, MAX_SAMPLES)
        seed, predicted = parse_seed(seed), self.store.predict(image[None], loaded)[0]
        label = self._resolve_label(loaded, label, predicted[0])
        found = self._reconstruct(loaded, image, label, num_samples, seed)
        difference = np.abs(image.astype(int) - found.image[0]).astype(np.uint8)
        images = [image[None], found.image, difference[None], *([] if found.samples is None else [found.samples])]
        return encode_images(
            np.concatenate(images), mse=round(float(np.square(difference / 255).mean()), 4), **_bound(found.bound),
            z=None if found.z is None else [round(value, 3) for value in found.z.tolist()], label=label,
            predicted={"input": predicted, "reconstruction": self.store.predict(found.image, loaded)[0]},
        )

    @as_gradio_error
    def compare_framed(self, image: np.ndarray, model: str, label: int) -> dict:
        """``compare_reconstructions`` for an image that is framed already, uint8 [H, W]."""
        chosen = self._require_reconstruct(model)
        predicted, images, rows = self.store.predict(image[None], chosen)[0], [image[None]], []
        judge = likeness_judge(self.store, chosen.card.dataset["name"])
        for option in self.store.options(self.can_reconstruct):
            if option.error or self.store.card(option.name).dataset["name"] != chosen.card.dataset["name"]:
                continue
            loaded = self.store.get(option.name)
            kept = self._resolve_label(loaded, label, predicted[0])
            found = self._reconstruct(loaded, image, kept, 1, 0)
            difference = np.abs(image.astype(int) - found.image[0]).astype(np.uint8)
            images += [found.image, difference[None]]
            rows.append({"name": option.name, "mse": round(float(np.square(difference / 255).mean()), 4),
                         "predicted": self.store.predict(found.image, loaded)[0], "numbers": found.numbers,
                         "bits": loaded.card.metrics.get("bottleneck_bits", {}).get("value"),
                         "feature_error": judge and self._feature_error(judge, image, found.image[0])})
        return encode_images(np.concatenate(images), predicted=predicted, models=rows, judge=judge)

    def _feature_error(self, judge: str, image: np.ndarray, x_hat: np.ndarray) -> float:
        with self.store.inference_lock, torch.inference_mode():
            errors = self.store.get(judge).model.feature_errors(from_uint8(image[None]), from_uint8(x_hat[None]))
        return round(float(errors.sum()), 2)

    @as_gradio_error
    def label_framed(self, image: np.ndarray, model: str, label: int) -> int | None:
        """The label that ``reconstruct_framed`` would condition on; None for a model that takes none."""
        loaded = self._require_reconstruct(model)
        if loaded.spec.categorical is None:
            return None
        return self._resolve_label(loaded, label, self.store.predict(image[None], loaded)[0][0])

    def _require_reconstruct(self, name: str) -> LoadedModel:
        loaded = self._require_generative(name)
        if not self.can_reconstruct(name):
            raise Refusal("not_reconstructive", name=name, names=self.store.option_names(self.can_reconstruct))
        return loaded

    def can_reconstruct(self, name: str) -> bool:
        """Whether a checkpoint's model maps an image to its reconstruction."""
        return self.store.can(name, "reconstruct")

    def _resolve_label(self, loaded: LoadedModel, label: object, predicted: int | None) -> int | None:
        """The label to condition on: the given one, or the predicted one where it is -1; None without conditioning."""
        part = loaded.spec.categorical
        if part is None:
            return None
        label = check_int("label", label, -1, part.classes - 1)
        if label < 0 and predicted is None:
            raise Refusal("no_classifier")
        return predicted if label < 0 else label

    def _reconstruct(self, loaded: LoadedModel, image: np.ndarray, label: int | None, num_samples: int,
                     seed: int) -> Reconstruction:
        from genmodels.capabilities import PointPosterior
        from genmodels.model import map_in_batches

        model, x = loaded.model, from_uint8(image[None])
        y = None if label is None else torch.tensor([label])
        with self.store.inference_lock, torch.inference_mode():
            if not self.store.can(loaded.name, "encode"):
                codes = None
                if self.store.can(loaded.name, "codes"):
                    codes = sum(board.numel() for board in model.codes(x))
                return Reconstruction(model.render(map_in_batches(model.reconstruct, x, y)), codes=codes)
            posterior = model.encode(x, y)
            image = model.render(map_in_batches(model.decode, posterior.mean, y))
            if isinstance(posterior, PointPosterior):  # all of its samples are its mean
                return Reconstruction(image, posterior.mean[0])
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                z = posterior.repeat(num_samples).sample()
            y_each, bound = None if y is None else y.expand(num_samples), None
            if self.store.can(loaded.name, "elbo"):
                bound = model.elbo(x.expand(num_samples, -1, -1, -1), z, posterior, y_each)
            samples = model.render(map_in_batches(model.decode, z, y_each))
            return Reconstruction(image, posterior.mean[0], bound, samples)


def _bound(bound: Elbo | None) -> dict[str, float | None]:
    """The bound and its two terms, nats, averaged over the posterior samples; None for each where there is none."""
    return {name: None if bound is None else round(float(getattr(bound, name).mean()), 1)
            for name in ("reconstruction_nll", "kl", "elbo")}
