"""Endpoint of the Describe tab: images of what a caption says, stage by stage, with what is measured in them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from genmodels.captions import PROPERTIES, UNSAID, Parsed, measure, parse, rewrite, synonyms, value_name, values_of
from genmodels.lazy_import import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.validation import check_int, parse_seed
from genmodels.ui.store import LoadedModel
from genmodels.ui.text import CATALOGS, Refusal, Text

MAX_CAPTION = 120  # characters
MAX_DESCRIBED = 16
NAMES = tuple(PROPERTIES)
DECIMALS = {"thickness": 2, "slant": 2, "width": 0}  # of the numbers in answers


class DescribeEndpoints(Endpoints):
    """Draw what captions say."""

    PUBLIC = ("describe",)

    def can_describe(self, name: str) -> bool:
        """Whether a checkpoint's model reads captions."""
        return self.store.can(name, "captions")

    @as_gradio_error
    def describe(self, text: str = "thin 7", model: str = "stackgan", count: int = 8,
                 seed: int = 0) -> dict:
        """Draw handwritten digits as a caption describes them.

        Args:
            text: the digit, its thickness, slant and width, in English or Spanish, in any order; what is left out
                varies from image to image. Words that are not known are passed over and named in the answer.
            model: a checkpoint that reads captions, such as stackgan.
            count: how many images, 1 to 16.
            seed: of the images.

        Returns:
            shape, pixels (of the last stage), stages (shape and pixels of those before), asked (value by property),
            unknown and overruled (words), measured (for each image the number and the value by property), alt, words.
        """
        parsed, loaded = self.parse_caption(text), self._require_captions(model)
        count = check_int("pictures", count, 1, MAX_DESCRIBED)
        z = self._sample_latents(loaded, parse_seed(seed), range(count)).z
        *before, last = self._draw(loaded, z, [parsed.words] * count)
        measured = self._measure(loaded, last, [parsed] * count)
        alt = [Text("describe.alt", caption=str(text), number=k + 1) for k in range(count)]
        return encode_images(last, alt, stages=[encode_images(images) for images in before], asked=named(parsed.values),
                             unknown=list(parsed.unknown), overruled=list(parsed.overruled), measured=measured)

    def board(self, text: str, model: str, index: int, seed: int, rows: str, columns: str) -> np.ndarray:
        """Image ``index`` of a seed for every pair of values of two properties, uint8 [values * values, H, W]."""
        parsed, loaded = self.parse_caption(text), self._require_captions(model)
        if rows not in NAMES[1:] or columns not in NAMES[1:] or rows == columns:
            raise Refusal("not_two_properties", names=list(NAMES[1:]))
        captions = []
        for row in range(PROPERTIES[rows]):
            for column in range(PROPERTIES[columns]):
                words = list(parsed.words)
                for name, value in ((rows, row), (columns, column)):
                    words[NAMES.index(name)] = synonyms(parsed.language, NAMES.index(name), value)[0]
                captions.append(tuple(words))
        index = check_int("index", index, 0, MAX_DESCRIBED - 1)
        z = self._sample_latents(loaded, parse_seed(seed), [index]).z
        return self._draw(loaded, z.expand(len(captions), -1), captions)[-1]

    def parse_caption(self, text: object) -> Parsed:
        """A caption as typed; Refusal where nothing in it is understood."""
        if len(str(text)) > MAX_CAPTION:
            raise Refusal("caption_too_long", max=MAX_CAPTION, given=len(str(text)))
        parsed = parse(str(text))
        if not any(parsed.words):
            raise (Refusal("caption_not_understood", words=list(parsed.unknown)) if parsed.unknown
                   else Refusal("caption_empty"))
        return parsed

    def edited(self, text: str, edits: dict[str, str], language: str) -> str:
        """A caption after words for some properties were chosen, by property, or left out where the value is empty."""
        for name, value in {**edits}.items():  # TypeError for anything else that a request may hold
            index = NAMES.index(name) if name in NAMES else -1
            values = {name_of(index, k): k for k in range(PROPERTIES[name])} | {"": UNSAID} if index >= 0 else {}
            if value not in values or language not in CATALOGS:
                raise Refusal("bad_request")
            text = rewrite(text[:MAX_CAPTION], index, values[value], language)
        return text

    def _require_captions(self, name: str) -> LoadedModel:
        loaded = self._require_generative(name)
        if not self.can_describe(name):
            raise Refusal("reads_no_captions", name=name, names=self.store.option_names(self.can_describe))
        return loaded

    def _draw(self, loaded: LoadedModel, z: torch.Tensor, captions: list[tuple[int, ...]]) -> list[np.ndarray]:
        """The images of each stage, uint8 [N, h, w]."""
        from genmodels.model import generate_stages

        with self.store.inference_lock:
            return [loaded.model.render(x) for x in generate_stages(loaded.model, z, torch.tensor(captions))]

    def _measure(self, loaded: LoadedModel, images: np.ndarray, captions: list[Parsed]) -> list[dict]:
        """Each image's digit, as a classifier reads it, and its other properties as measured, in numbers and values.

        The width is that of the digit that was asked for, else of the one that was read; without either it has no
        value.
        """
        numbers, read = measure(images), self.store.predict(images, loaded)
        limits = loaded.model.limits.cpu().numpy()
        found = []
        for row, parsed, (digit, _) in zip(numbers, captions, read, strict=True):
            known = parsed.values[0] if parsed.words[0] else digit
            values = values_of(row[None], np.array([known or 0]), limits, dead_band=False)[0]
            values[0] = UNSAID if digit is None else digit
            if known is None:
                values[NAMES.index("width")] = UNSAID
            called = named(values)
            found.append({"digit": {"number": None, "value": called.pop("digit")}} | {
                name: {"number": round(float(number), DECIMALS[name]), "value": called[name]}
                for name, number in zip(called, row, strict=True)})
        return found


def name_of(index: int, value: int) -> str:
    """What a value of a property is called in answers: a digit by its numeral, any other by its first English word."""
    return str(value) if index == 0 else value_name(index, value)


def named(values: Iterable[int]) -> dict[str, str | None]:
    """Values by property, by their names; None where there is none."""
    return {name: None if value == UNSAID else name_of(index, int(value))
            for index, (name, value) in enumerate(zip(NAMES, values, strict=True))}
