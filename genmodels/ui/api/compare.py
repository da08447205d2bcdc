"""Endpoint of the Compare tab: images of one digit by any model, those that cannot be told the digit included."""

from __future__ import annotations

import numpy as np

from genmodels.data.shipped import shipped_digits
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.validation import check_int, parse_seed
from genmodels.ui.store import LoadedModel
from genmodels.ui.text import Refusal, Text

MAX_COMPARED = 16
DATASET = "mnist"
TRIED_AT_ONCE, MAX_TRIED = 40, 400
SECONDS = 0.5  # of drawing that a model may take which draws any digit until the one that is asked for comes
FIGURES = ("frechet_distance", "coverage", "nll", "ms_per_sample")


class CompareEndpoints(Endpoints):
    """Draw the same digit with several models."""

    PUBLIC = ("draw_digit",)

    def can_compare(self, name: str) -> bool:
        """Whether a checkpoint is intact and generates gray digits."""
        intact = not self.store.errors.get(name) and self.store.spec(name) is not None
        return intact and self.store.card(name).dataset["name"] == DATASET

    def figures(self, name: str) -> dict:
        """What is known of a checkpoint: the metrics of its card that are ``FIGURES``, year, family, parameters."""
        card = self.store.card(name)
        found = {metric: card.metrics[metric]["value"] for metric in FIGURES if metric in card.metrics}
        return {"model": name, "title": self.store.title(name).to_json(), "year": card.info["year"],
                "family": card.info["family"].replace(" ", "_"), "parameters": card.parameters,
                "told": self._names_digits(name), **found}

    @as_gradio_error
    def draw_digit(self, model: str = "dcgan", digit: int = -1, count: int = 8, seed: int = 0) -> dict:
        """Draw one digit with a model.

        Args:
            model: a checkpoint that generates gray digits, such as dcgan. One that cannot be told the digit draws
                whatever it draws until a classifier has read the digit often enough, but not for long.
            digit: 0 to 9; -1 for any.
            count: how many images at most, 1 to 16.
            seed: of the images.

        Returns:
            shape, pixels, tried (how many images were drawn for these), read (how many of these the classifier reads
            as the digit, or null), alt, words.
        """
        loaded = self._require_generative(model)
        if not self.can_compare(model):
            raise Refusal("draws_no_digits", name=model, names=self.store.option_names(self.can_compare))
        digit = check_int("digit", digit, -1, 9)
        count, seed = check_int("pictures", count, 1, MAX_COMPARED), parse_seed(seed)
        names = self.store.category_names(model)
        if digit < 0 or self._names_digits(model):
            category = -1 if digit < 0 else names.index(str(digit))
            images = self.store.generate(loaded, self._sample_latents(loaded, seed, range(count), category=category))
            read = None if digit < 0 else [found == digit for found in self._read(images, loaded)]
            return self._answer(model, images, count, None if read is None else sum(read), digit)
        found, tried = self._until(loaded, digit, count, seed)
        return self._answer(model, found, tried, len(found), digit)

    def real_digits(self, digit: int, count: int, seed: int) -> np.ndarray:
        """Test digits, of one class or (-1) of any, uint8 [count, 28, 28]."""
        images, labels = shipped_digits()
        rows = np.flatnonzero(labels == digit) if digit >= 0 else np.arange(len(labels))
        return images[np.random.default_rng(seed).permutation(rows)[:count]]

    def _names_digits(self, name: str) -> bool:
        """Whether a model is told the digit, or has a code for it."""
        names = self.store.category_names(name)
        return names is not None and {*map(str, range(10))} <= set(names)

    def _read(self, images: np.ndarray, loaded: LoadedModel) -> list[int | None]:
        return [predicted for predicted, _ in self.store.predict(images, loaded)]

    def _until(self, loaded: LoadedModel, digit: int, count: int, seed: int) -> tuple[np.ndarray, int]:
        """The first images of a seed that are read as a digit, and how many were drawn for them."""
        milliseconds = loaded.card.metrics.get("ms_per_sample", {}).get("value", 1.0)
        limit = int(min(MAX_TRIED, max(count, 1000 * SECONDS / max(milliseconds, 1e-3))))
        found: list[np.ndarray] = []
        tried = 0
        while len(found) < count and tried < limit:
            indices = range(tried, min(tried + TRIED_AT_ONCE, limit))
            images = self.store.generate(loaded, self._sample_latents(loaded, seed, indices))
            for image, predicted in zip(images, self._read(images, loaded), strict=True):
                tried += 1
                if predicted == digit:
                    found.append(image)
                    if len(found) == count:
                        break
        height, width = loaded.card.dataset["height"], loaded.card.dataset["width"]
        return np.stack(found) if found else np.empty((0, height, width), np.uint8), tried

    def _answer(self, model: str, images: np.ndarray, tried: int, read: int | None, digit: int) -> dict:
        title = self.store.title(model)
        alt = [Text("sample.alt", title=title, index=k) if digit < 0
               else Text("sample.alt_category", title=title, index=k, category=str(digit)) for k in range(len(images))]
        return encode_images(images, alt, tried=tried, read=read)
