"""Endpoints of the Write tab: text in generated handwriting, and every class in several styles."""

from __future__ import annotations

from collections.abc import Callable

from genmodels.latents import Latents
from genmodels.lazy_import import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.validation import check_int, parse_seed
from genmodels.ui.store import LoadedModel

MAX_DIGITS = 16
MAX_STYLES = 10


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
            text: up to 16 digits, or other classes of the model's data set, one character each.
            model: a checkpoint conditioned on a label, such as cgan.
            same_style: one style for all digits, or a new one for each.
            seed: of the style.

        Returns:
            shape, pixels (one image per digit), columns, alt.
        """
        loaded, names = self._require(self.can_write, model), self.store.category_names(model)
        labels = {name: label for label, name in enumerate(names)}
        text, what = "".join(str(text).split()), f"{loaded.spec.label.name}s"
        if not text:
            raise ValueError(f"type something first: up to {MAX_DIGITS} {what}, {names[0]} to {names[-1]}")
        unknown = sorted(set(text) - set(labels))
        if unknown:
            raise ValueError(f"only the {what} {names[0]} to {names[-1]} can be written, not {' '.join(unknown[:5])}")
        if len(text) > MAX_DIGITS:
            raise ValueError(f"at most {MAX_DIGITS} {what} fit in a line; that was {len(text)}")
        z = self._sample_latents(loaded, parse_seed(seed), [0] * len(text) if same_style else range(len(text))).z
        images = self.store.generate(loaded, Latents(z, torch.tensor([labels[name] for name in text])))
        return encode_images(images, columns=len(text), alt=[f"handwritten {name}" for name in text])

    @as_gradio_error
    def style_grid(self, model: str = "cgan", rows: int = 5, seed: int = 0) -> dict:
        """Every class in several styles, one style per row.

        Args:
            model: a checkpoint conditioned on a label, such as cgan.
            rows: how many styles, 1 to 10.
            seed: of the styles.

        Returns:
            shape, pixels, columns, alt.
        """
        loaded = self._require(self.store.is_conditional, model)
        rows, names = check_int("the number of styles", rows, 1, MAX_STYLES), self.store.category_names(model)
        z = self._sample_latents(loaded, parse_seed(seed), range(rows)).z
        every = Latents(z.repeat_interleave(len(names), 0), torch.arange(len(names)).repeat(rows))
        part = loaded.spec.categorical.name
        alt = [f"style {row + 1}, {part} {name}" for row in range(rows) for name in names]
        return encode_images(self.store.generate(loaded, every), columns=len(names), alt=alt)

    def _require(self, suits: Callable[[str], bool], name: str) -> LoadedModel:
        loaded = self._require_generative(name)
        if not suits(name):
            conditional = self.store.is_conditional(name)
            problem = "has labels that cannot be typed" if conditional else "is not conditioned on a label"
            raise ValueError(f"{name} {problem}; choose one of: {self.store.option_names(suits)}")
        return loaded
