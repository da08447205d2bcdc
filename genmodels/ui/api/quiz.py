"""Rounds of the Quiz tab: digits, real ones and generated ones in turn by chance, and what networks make of them."""

from __future__ import annotations

import numpy as np

from genmodels.checkpoint import Card
from genmodels.data.shipped import shipped_digits
from genmodels.latents import Latents
from genmodels.lazy_import import torch
from genmodels.ui.api.base import as_gradio_error
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.sample import MAX_IMAGES, SampleEndpoints
from genmodels.ui.api.validation import check_int
from genmodels.ui.text import Refusal

QUESTIONS = 10
MAX_ROUND = 999_999
DATASET = "mnist"
MIN_LATENTS = 3  # of the models that take part: a digit out of two numbers is too blurred to be a question
JUDGE = "dcgan"  # whose discriminator is asked too


class QuizEndpoints(SampleEndpoints):
    """Ask whether a digit is real or generated."""

    PUBLIC = ("quiz",)

    @as_gradio_error
    def quiz(self, round_number: int = 0) -> dict:
        """Draw a round of ten digits, each real or generated with equal chance, by one of the better models.

        Args:
            round_number: 0 to 999999; a round is always the same.

        Returns:
            shape, pixels, makers (for each digit the checkpoint that drew it, or null where it is real), titles (of
            these), predicted (the class that the classifier predicts, or null), confidence (0 to 1), real_percentile
            (the fraction of real digits that the discriminator of dcgan finds less real, 0 to 1, or null).
        """
        number = check_int("round", round_number, 0, MAX_ROUND)
        names = self.players()
        if not names:
            raise Refusal("no_model")
        rng = np.random.default_rng((number, QUESTIONS))
        makers = [None if rng.random() < 0.5 else names[rng.integers(len(names))] for _ in range(QUESTIONS)]
        digits, _ = shipped_digits()
        rows = rng.permutation(len(digits))
        images = np.stack([digits[row] if maker is None else self._drawn_by(maker, rng)
                           for maker, row in zip(makers, rows, strict=False)])
        read = self.store.predict(images, self.store.get(names[0]))
        return encode_images(
            images, makers=makers,
            titles=[None if maker is None else self.store.title(maker).to_json() for maker in makers],
            predicted=[predicted for predicted, _ in read], confidence=[sure for _, sure in read],
            real_percentile=[self._rank(image, names) for image in images])

    def players(self) -> list[str]:
        """The checkpoints that take part: intact, of digits in gray, with more than a few latents."""
        intact = [option.name for option in self.store.options() if not option.error]
        return [name for name in intact if self._could_pass(self.store.card(name))]

    def _could_pass(self, card: Card) -> bool:
        """Models whose images have an exact probability draw black and white, which would give them away."""
        return (card.dataset["name"] == DATASET and not self.store.can(card.name, "log_prob")
                and self.store.spec(card.name).dim >= MIN_LATENTS)

    def _drawn_by(self, name: str, rng: np.random.Generator) -> np.ndarray:
        """One of the first hundred images of any seed, uint8 [28, 28]."""
        loaded = self._require_generative(name)
        seed, index = int(rng.integers(2**32)), int(rng.integers(MAX_IMAGES))
        return self.store.generate(loaded, self._sample_latents(loaded, seed, [index]))[0]

    def _rank(self, image: np.ndarray, names: list[str]) -> float | None:
        """How real the discriminator finds an image, among real ones; None where it is not there."""
        if JUDGE not in names:
            return None
        return self._score(self.store.get(JUDGE), image[None], Latents(torch.empty(1, 0)))[1]
