"""Endpoints of the Write tab: text in generated handwriting, and every class in several styles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from genmodels.digits import plain_digits
from genmodels.latents import Latents
from genmodels.lazy_import import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.validation import check_int, parse_seed
from genmodels.ui.store import LoadedModel, class_text
from genmodels.ui.text import Refusal, Text, latent_text

MAX_DIGITS = 16
MAX_STYLES = 10
MAX_NAMED = 5  # characters that a message names


class WriteEndpoints(Endpoints):
    """Write with a model that is conditioned on a label."""

    PUBLIC = ("write", "style_grid")

    def can_write(self, name: str) -> bool:
        """Whether a checkpoint's model is conditioned on a label whose classes have names of one character."""
        return self.store.is_conditional(name) and all(len(text) == 1 for text in self.store.category_names(name))

    @as_gradio_error
    def write(self, text: str = "2014", model: str = "cgan", same_style: bool = True, seed: int = 0) -> dict:
        """Write a number by hand.

        Args:
            text: up to 16 digits, or other classes of the model's data set, one character each; digits of other
                scripts are read as 0 to 9, and spaces and invisible characters are passed over.
            model: a checkpoint conditioned on a label, such as cgan.
            same_style: one style for all digits, or a new one for each.
            seed: of the style.

        Returns:
            shape, pixels (one image per digit), columns, alt, words.
        """
        loaded, text, latents = self._parse_write(text, model, same_style, seed)
        alt = [Text("write.alt", name=name) for name in text]
        return encode_images(self.store.generate(loaded, latents), alt, columns=len(text))

    @as_gradio_error
    def write_latents_array(self, text: str, model: str, same_style: bool, seed: int) -> np.ndarray:
        """What ``write`` decodes, float32 [digits, d]: see ``Latents.rows``."""
        return self._parse_write(text, model, same_style, seed)[2].rows().numpy()

    def _parse_write(self, text: str, model: str, same_style: bool, seed: int) -> tuple[LoadedModel, str, Latents]:
        loaded, text = self._require(self.can_write, model), self.parse_text(model, text)
        labels = {name: label for label, name in enumerate(self.store.category_names(model))}
        z = self._sample_latents(loaded, parse_seed(seed), [0] * len(text) if same_style else range(len(text))).z
        return loaded, text, Latents(z, torch.tensor([labels[name] for name in text]))

    @as_gradio_error
    def parse_text(self, model: str, text: object) -> str:
        """A text as typed -> the classes of a model that can write, one character each; Refusal if they are not."""
        loaded, names = self._require(self.can_write, model), self.store.category_names(model)
        text, kind = plain_digits(str(text), names), Text.first_of(f"kind.{loaded.spec.label.name}", "kind.other")
        known = {"kind": kind, "first": names[0], "last": names[-1]}
        if not text:
            raise Refusal("nothing_typed", max=MAX_DIGITS, **known)
        if unknown := [c for c in dict.fromkeys(text) if c not in names]:
            shown = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in unknown[:MAX_NAMED])
            raise Refusal("cannot_be_written", given=" ".join(shown), **known)
        if len(text) > MAX_DIGITS:
            raise Refusal("line_too_long", max=MAX_DIGITS, kind=kind, given=len(text))
        return text

    @as_gradio_error
    def style_grid(self, model: str = "cgan", rows: int = 5, seed: int = 0) -> dict:
        """Every class in several styles, one style per row.

        Args:
            model: a checkpoint conditioned on a label, such as cgan.
            rows: how many styles, 1 to 10.
            seed: of the styles.

        Returns:
            shape, pixels, columns, alt, words.
        """
        loaded = self._require(self.store.is_conditional, model)
        rows, names = check_int("styles", rows, 1, MAX_STYLES), self.store.category_names(model)
        z = self._sample_latents(loaded, parse_seed(seed), range(rows)).z
        every = Latents(z.repeat_interleave(len(names), 0), torch.arange(len(names)).repeat(rows))
        part = latent_text(loaded.spec.categorical.name)
        alt = [Text("write.styles.alt", row=row + 1, part=part, name=class_text(name))
               for row in range(rows) for name in names]
        return encode_images(self.store.generate(loaded, every), alt, columns=len(names))

    def _require(self, suits: Callable[[str], bool], name: str) -> LoadedModel:
        loaded = self._require_generative(name)
        if not suits(name):
            conditional = self.store.is_conditional(name)
            raise Refusal("labels_not_typed" if conditional else "not_conditional", name=name,
                          names=self.store.option_names(suits))
        return loaded
