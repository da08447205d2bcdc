"""Measures of models that make what captions say, from captions of test images, and of models that write captions."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from genmodels.capabilities import ReadsCaptions, WritesCaptions
from genmodels.captions import LANGUAGES, PROPERTIES, UNSAID, described, measure, parse, synonyms, values_of
from genmodels.evaluation.context import EvalSubject
from genmodels.evaluation.measure import measure as evaluation_measure
from genmodels.images import from_uint8
from genmodels.metrics import captions, features, predictions
from genmodels.metrics.frechet import frechet_distance
from genmodels.model import generate_stages

RECORDS = ("caption_digit", "caption_outer", "caption_middle", "caption_width", "caption_language_gap",
           "caption_spread", "caption_unseen_gap", "caption_frechet", "stage_frechet_ratio")
DIGIT, THICKNESS, SLANT, WIDTH = range(len(PROPERTIES))
ROWS = 500  # images that are described at once


@evaluation_measure(*RECORDS, capabilities=(ReadsCaptions,), needs_classifier=True, needs_labels=True)
def from_captions(subject: EvalSubject) -> None:
    """Every fourth caption says all that can be said of its image; the others leave one property but the digit open."""
    n, classifier = subject.n_samples(*RECORDS), subject.context.classifier
    test = subject.context.subset(subject.context.data("test"), n)
    n, labels, limits = len(test), test.labels.numpy(), subject.model.limits.cpu().numpy()
    real = measure(test.images.numpy())
    values = values_of(real, labels, limits)
    left_out = np.arange(n) % len(PROPERTIES)  # 0: nothing
    asked = values.copy()
    asked[np.arange(n)[left_out > 0], left_out[left_out > 0]] = UNSAID

    def values_in(images: np.ndarray, digits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The properties measured, and their values; the width as that of the digit that was asked for."""
        found = measure(images)
        decided = values_of(found, digits, limits, dead_band=False)
        decided[:, DIGIT] = predictions.predict(classifier, images).numpy()
        return found, decided

    drawn = {language: draw(subject, asked, language) for language in LANGUAGES}
    measured = {language: values_in(last, labels) for language, (_, last) in drawn.items()}
    both, decided = np.concatenate([asked] * 2), np.concatenate([measured[language][1] for language in LANGUAGES])
    shares = captions.as_asked(both, decided)
    facts = subject.classifier_facts
    subject.record("caption_digit", round(float((decided[:, DIGIT] == both[:, DIGIT]).mean()), 4), n, **facts)
    for name, words in {"outer": [*shares[THICKNESS][::2], *shares[SLANT][::2]],
                        "middle": [shares[THICKNESS][1], shares[SLANT][1]], "width": shares[WIDTH]}.items():
        subject.record(f"caption_{name}", round(min(words), 4), n, seed=subject.seed,
                       words=[round(word, 4) for word in words])
    reached = [captions.words_as_asked(asked, measured[language][1]) for language in LANGUAGES]
    subject.record("caption_language_gap", round(abs(reached[0] - reached[1]), 4), n, **facts,
                   languages=[round(value, 4) for value in reached])
    ratios = []
    for index in (THICKNESS, SLANT, WIDTH):
        rows = left_out == index
        found = np.concatenate([measured[language][0][rows, index - 1] for language in LANGUAGES])
        ratios.append(captions.spread(found, np.concatenate([labels[rows]] * 2))
                      / captions.spread(real[rows, index - 1], labels[rows]))
    subject.record("caption_spread", round(min(ratios), 3), n, seed=subject.seed,
                   properties=[round(ratio, 3) for ratio in ratios])

    unseen = values[described(values, subject.model.unseen)]
    if len(unseen):
        unseen = unseen[np.arange(len(LANGUAGES) * len(unseen)) % len(unseen)]
        unseen[:, WIDTH] = UNSAID
        last = draw(subject, unseen, LANGUAGES[0])[1]
        gap = captions.unseen_gap(unseen, values_in(last, unseen[:, DIGIT])[1], shares)
        subject.record("caption_unseen_gap", round(gap, 4), len(unseen), **facts)

    first, last = drawn[LANGUAGES[0]]
    whole, enlarged = (frechet_distance(features.features(classifier, images), subject.context.test_features)
                       for images in (last, first))
    subject.record("caption_frechet", round(whole, 3), n, **facts)
    subject.record("stage_frechet_ratio", round(whole / enlarged, 3), n, **facts, first_stage=round(enlarged, 3))


def draw(subject: EvalSubject, asked: np.ndarray, language: str) -> tuple[np.ndarray, np.ndarray]:
    """Images of the first stage, enlarged, and of the last, uint8 [N, H, W] each; synonyms are chosen at random."""
    rng, words = np.random.default_rng(subject.seed), np.zeros_like(asked)
    for row, index in np.argwhere(asked != UNSAID):
        words[row, index] = rng.choice(synonyms(language, int(index), int(asked[row, index])))

    z = subject.model.latent.sample(subject.seed, range(len(asked))).z
    first, *_, last = generate_stages(subject.model, z, torch.from_numpy(words))
    enlarged = F.interpolate(first, last.shape[2:], mode="bicubic", align_corners=False).clamp(-1, 1)
    return subject.model.render(enlarged), subject.model.render(last)


@evaluation_measure("written_digit", "written_thickness", "written_slant", capabilities=(WritesCaptions,),
                    needs_labels=True)
def written_captions(subject: EvalSubject) -> None:
    """Captions of all test images in both languages, read back by the grammar that visitors' captions are read by."""
    test, model = subject.context.data("test"), subject.model
    everywhere = np.zeros(len(test), np.int64)
    values = values_of(measure(test.images.numpy()), everywhere, model.limits.cpu().numpy())
    values[:, DIGIT] = test.labels.numpy()
    shares = {}
    for language in LANGUAGES:
        said = np.array([parse(text).values for text in write_captions(model, test.images, language)])
        shares[language] = [float((said == values)[values[:, index] != UNSAID, index].mean())
                            for index in (DIGIT, THICKNESS, SLANT)]
    for k, name in enumerate(("digit", "thickness", "slant")):
        by_language = [round(found[k], 4) for found in shares.values()]
        subject.record(f"written_{name}", min(by_language), len(test), split="test", languages=by_language)


@torch.inference_mode()
def write_captions(model: WritesCaptions, images: torch.Tensor, language: str) -> list[str]:
    """A caption of each image, uint8 [N, H, W]."""
    return [text for part in images.split(ROWS) for text in model.caption(from_uint8(part), language)]


MEASURES = (from_captions, written_captions)
