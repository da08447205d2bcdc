"""Do measures of captions see what is there? Real digits, described by their own values, are the oracle."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from conftest import build, synthetic_split, tiny_config

from genmodels.captions import PROPERTIES, UNSAID, VOCABULARY, measure, values_of
from genmodels.evaluation import caption_measures
from genmodels.evaluation.context import EvalContext, EvalSubject
from genmodels.metrics.captions import as_asked, spread, unseen_gap, words_as_asked

ASKED = np.array([[7, 0, UNSAID, 2], [7, 2, 1, UNSAID], [2, 0, 1, 2]])
MEASURED = np.array([[7, 0, 2, 2], [1, 2, 0, 2], [2, 1, 1, 2]])


def test_shares_count_the_images_that_were_asked_to_have_a_value():
    shares = as_asked(ASKED, MEASURED)
    assert shares[0][7] == 0.5 and shares[0][2] == 1 and shares[1] == [0.5, pytest.approx(np.nan, nan_ok=True), 1]
    assert shares[2][1] == 0.5 and shares[3][2] == 1
    assert words_as_asked(ASKED, MEASURED) == pytest.approx(7 / 10)


def test_the_gap_is_to_the_same_words_elsewhere():
    shares = [[1.0] * size for size in PROPERTIES.values()]
    assert unseen_gap(ASKED, MEASURED, shares) == pytest.approx(0.3)
    shares[1][0] = 0.5
    assert unseen_gap(ASKED, MEASURED, shares) == pytest.approx(0.2)


def test_spread_is_within_digits():
    assert spread(np.array([1.0, 3.0, 101.0, 103.0]), np.array([0, 0, 1, 1])) == pytest.approx(1)


class Oracle:
    """Reads captions and shows an image that fits: the next one of those that have the values asked for."""

    unseen = "thick 3"

    def __init__(self, split, obeys: bool) -> None:
        self.model = build("stackgan", **tiny_config("stackgan"))
        self.model.prepare(split)
        self.limits, self.split, self.obeys = self.model.limits, split, obeys
        self.values = values_of(measure(split.images.numpy()), split.labels.numpy(), self.limits.numpy(), False)
        self.latent, self.render, self.uses = self.model.latent, self.model.render, {}

    def stages(self, z, words):
        rows = []
        for row in words.tolist():
            said = {VOCABULARY[n - 1].property: VOCABULARY[n - 1].value for n in row if n} if self.obeys else {}
            fits = np.flatnonzero([all(v[k] == value for k, value in said.items()) for v in self.values])
            if not self.obeys:
                fits = np.random.default_rng(0).permutation(fits)  # by themselves they lie in the order of the captions
            key = tuple(sorted(said.items()))
            rows.append(fits[self.uses.get(key, 0) % len(fits)])
            self.uses[key] = self.uses.get(key, 0) + 1
        x = self.split.images[rows][:, None].float() / 127.5 - 1
        return torch.nn.functional.avg_pool2d(x, 2), x


class TrueClassifier:
    """Knows the synthetic digits by heart, and has features of their pixels."""

    def __init__(self, split) -> None:
        self.split = split

    def features(self, x):
        return torch.nn.functional.avg_pool2d(x, 7).flatten(1)

    def classify(self, x):
        distance = torch.cdist(x.flatten(1), self.split.images.flatten(1).float() / 127.5 - 1)
        return torch.nn.functional.one_hot(self.split.labels[distance.argmin(1)], 10).float()


def measured(obeys: bool) -> dict:
    split = synthetic_split(160)

    class Card:
        weights_sha256, dataset = "0" * 64, {"name": "synthetic", "title": "synthetic", "classes": list("0123456789")}

    context = EvalContext(TrueClassifier(split), Card, lambda name: split)
    subject = EvalSubject(context, None, Oracle(split, obeys), Card)
    assert caption_measures.from_captions.applies(subject) and not caption_measures.from_captions.missing(subject)
    caption_measures.from_captions.run(subject)
    assert set(subject.metrics) == set(caption_measures.RECORDS)
    return {name: result["value"] for name, result in subject.metrics.items()}


def test_real_digits_described_by_their_own_values_reach_every_bar():
    found = measured(obeys=True)
    assert all(found[f"caption_{name}"] == 1 for name in ("digit", "outer", "middle", "width"))
    assert found["caption_language_gap"] == 0 and found["caption_unseen_gap"] == pytest.approx(0, abs=1e-9)
    assert found["caption_frechet"] < 0.5 * found["caption_frechet"] / found["stage_frechet_ratio"]


def test_digits_that_follow_no_words_are_found_out():
    found = measured(obeys=False)
    assert found["caption_digit"] < 0.2 and found["caption_outer"] < 0.6 and found["caption_middle"] < 0.6
