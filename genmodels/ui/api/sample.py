"""Endpoints of the Sample tab: images of a seed, one of them in detail, a walk between them."""

from __future__ import annotations

import base64

import numpy as np

from genmodels.images import from_uint8, gif, is_color, upscale
from genmodels.interpolation import PATHS, walk
from genmodels.latents import Latents
from genmodels.lazy_import import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.image_payloads import encode_images, encode_pixels
from genmodels.ui.api.validation import check_float, check_int, parse_seed, quoted
from genmodels.ui.store import LoadedModel
from genmodels.ui.text import Refusal, Text

MAX_IMAGES = 100
MAX_KEYFRAMES = 8
MAX_FRAMES = 240
GIF_SCALE = 8  # screen pixels per image pixel


class SampleEndpoints(Endpoints):
    """Sample images from any generative model."""

    PUBLIC = ("sample", "inspect", "walk")

    @as_gradio_error
    def sample(self, model: str = "dcgan", count: int = 36, seed: int = 0, truncation: float = 1.0,
               category: int = -1) -> dict:
        """Sample images from a model.

        Args:
            model: name of a generative checkpoint, such as dcgan.
            count: how many, 1 to 100.
            seed: 0 to 4294967295; image i of a seed is always the same.
            truncation: 0 to 1; below 1 pulls the latents towards their mean: less varied, more plausible images. It
                changes nothing in a model whose latents only decide random choices.
            category: label or code value for models that have one; -1 takes each in turn.

        Returns:
            shape, pixels (base64 of uint8), alt (one description per image), words.
        """
        loaded, latents = self._parse_sample(model, count, seed, truncation, category)
        images = self.store.generate(loaded, latents)
        names = self.store.category_names(model)
        categories = [None] * len(images) if names is None else [names[y] for y in latents.y.tolist()]
        title = self.store.title(model)
        return encode_images(images, [sample_alt(title, i, category) for i, category in enumerate(categories)])

    @as_gradio_error
    def sample_array(self, model: str, count: int, seed: int, truncation: float, category: int,
                     preview: bool = False) -> np.ndarray:
        """The images of ``sample``, uint8 [count, H, W] or [count, H, W, 3].

        A ``preview`` may be computed in bfloat16, for a drag.
        """
        return self.store.generate(*self._parse_sample(model, count, seed, truncation, category), bool(preview))

    @as_gradio_error
    def latents_array(self, model: str, count: int, seed: int, category: int, truncation: float = 1.0) -> np.ndarray:
        """What ``sample`` decodes, float32 [count, d]: see ``Latents.rows``."""
        return self._parse_sample(model, count, seed, truncation, category)[1].rows().numpy()

    def _parse_sample(self, model: str, count: int, seed: int, truncation: float,
                      category: int) -> tuple[LoadedModel, Latents]:
        loaded = self._require_generative(model)
        count = check_int("pictures", count, 1, MAX_IMAGES)
        truncation = check_float("truncation", truncation, 0, 1)
        return loaded, self._sample_latents(loaded, parse_seed(seed), range(count), truncation, category)

    @as_gradio_error
    def inspect(self, model: str = "dcgan", seed: int = 0, index: int = 0, truncation: float = 1.0,
                category: int = -1) -> dict:
        """One image of a seed, with what is known about it.

        Args:
            model: name of a generative checkpoint.
            seed: the seed.
            index: which image of the seed, 0 to 99.
            truncation: as for sample.
            category: as for sample.

        Returns:
            shape, pixels, score (the discriminator's logit, or null), real_percentile (the fraction of real images
            that score lower, 0 to 1, or null), predicted (the class that the classifier predicts, or null),
            confidence (0 to 1), neighbor (pixels of the nearest training image, or null where the data is not on
            disk), category (the label or code value, or null), latents (the numbers that it is decoded from).
        """
        loaded = self._require_generative(model)
        index = check_int("index", index, 0, MAX_IMAGES - 1)
        truncation = check_float("truncation", truncation, 0, 1)
        latents = self._sample_latents(loaded, parse_seed(seed), [index], truncation, category)
        image = self.store.generate(loaded, latents)
        score, percentile = self._score(loaded, image, latents)
        predicted, confidence = self.store.predict(image, loaded)[0]
        with self.store.inference_lock:
            neighbor = self.store.reference.nearest_training_image(image[0], loaded.card.dataset["name"])
        return encode_images(image, score=score, real_percentile=percentile, predicted=predicted, confidence=confidence,
                             neighbor=None if neighbor is None else encode_pixels(neighbor),
                             category=None if latents.y is None else int(latents.y[0]), latents=latents.z[0].tolist())

    def has_editable_columns(self, name: str) -> bool:
        """Whether truncation and walks change anything in a model's images."""
        spec = self.store.spec(name)
        return bool(spec and spec.editable_columns)

    def _score(self, loaded: LoadedModel, image: np.ndarray, latents: Latents) -> tuple[float | None, float | None]:
        """The model's score of an image, and its rank among the scores of real images."""
        from genmodels.model import map_in_batches

        if not self.store.can(loaded.name, "score"):
            return None, None
        with self.store.inference_lock:
            score = float(map_in_batches(loaded.model.score, from_uint8(image), latents.y))
        quantiles = loaded.card.latent_stats.get("score_quantiles")
        rank = float(np.interp(score, quantiles, np.linspace(0, 1, len(quantiles)))) if quantiles else None
        return round(score, 2), None if rank is None else round(rank, 3)

    @as_gradio_error
    def walk(self, model: str = "dcgan", seed: int = 0, keyframes: int = 4, frames: int = 60, path: str = "slerp",
             truncation: float = 1.0, category: int = -1) -> dict:
        """Walk through latent space from image to image of a seed and back to the first, keeping one category.

        Args:
            model: name of a generative checkpoint whose latents may be edited.
            seed: the seed whose first images are the keyframes.
            keyframes: how many keyframes, 2 to 8; each is one of the frames.
            frames: how many frames in all, at least one per keyframe, up to 240.
            path: slerp (along the sphere) or lerp (straight).
            truncation: as for sample.
            category: the label or code value that the walk keeps, so that a conditional model's goes from style to
                style of one digit; -1 takes that of the first keyframe.

        Returns:
            shape, pixels (one frame after the other), gif (base64 of an animated GIF that loops), category (the one
            that it keeps, or null).
        """
        loaded = self._require_generative(model)
        if not loaded.spec.editable_columns:
            raise Refusal("no_walk", name=model, names=self.store.option_names(self.has_editable_columns))
        if not isinstance(path, str) or path not in PATHS:
            raise Refusal("path", given=quoted(str(path)))
        keyframes = check_int("keyframes", keyframes, 2, MAX_KEYFRAMES)
        frames = check_int("frames", frames, keyframes, MAX_FRAMES)
        truncation = check_float("truncation", truncation, 0, 1)
        latents = self._sample_latents(loaded, parse_seed(seed), range(keyframes), truncation, category)
        z = walk(latents.z, frames, path, columns=loaded.spec.editable_columns)
        category = None if latents.y is None else int(latents.y[0])
        y = None if category is None else torch.full((frames,), category)
        images = self.store.generate(loaded, Latents(z, y))
        file = gif(upscale(images, GIF_SCALE, is_color(images)))
        return encode_images(images, category=category, gif=base64.b64encode(file).decode())


def sample_alt(title: Text, index: int, category: Text | str | None = None) -> Text:
    """The description of a sample: of which model, which one of its seed, and of what."""
    if category is None:
        return Text("sample.alt", title=title, index=index)
    return Text("sample.alt_category", title=title, index=index, category=category)
