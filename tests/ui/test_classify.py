"""The Classify tab's endpoint, and what the page is told of the models."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import torch
from conftest import change_card, shipped_with

from genmodels.images import from_uint8, to_unit
from genmodels.metrics.bound_classifier import joint_bounds
from genmodels.ui.api.classify import ClassifyEndpoints
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.classify import model_facts
from ui.helpers import DIGIT, damage, image_file

CLASSIFIERS = shipped_with("classify")
EXACT = image_file(DIGIT)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_answers_with_its_probabilities(api, name):
    answer = api.classify(EXACT, name, center=False)
    logits = api.store.get(name).model.classify(from_uint8(DIGIT[None]))[0]
    assert answer["probabilities"] == pytest.approx(logits.softmax(0).tolist(), abs=1e-5)
    assert answer["predicted"] == str(int(logits.argmax()))
    assert answer["log_prob"] is None and answer["percentile"] is None


def test_a_conditional_model_answers_by_its_bound_and_says_how_likely_the_picture_is(copy):
    values = [[0, -1_000.0], [50, -600.0], [100, -100.0]]
    change_card(copy / "cvae", latent_stats={"log_prob_quantiles": {"values": values, "importance_samples": 3}})
    endpoints = ClassifyEndpoints(ModelStore(copy, copy / "no-data"))
    answer = endpoints.classify(EXACT, "cvae", center=False)
    white = (to_unit(from_uint8(DIGIT[None])) >= 0.5).float()
    with torch.inference_mode():
        joint = joint_bounds(endpoints.store.get("cvae").model, white, 10, 3)[0]
    shares = np.exp(joint - np.logaddexp.reduce(joint))
    assert answer["probabilities"] == pytest.approx(shares, abs=1e-5)
    assert answer["log_prob"] == pytest.approx(np.logaddexp.reduce(joint), abs=0.01)
    assert answer["percentile"] == pytest.approx(np.interp(answer["log_prob"], *np.array(values).T[::-1]), abs=0.1)
    pixels = base64.b64encode(DIGIT.tobytes()).decode()
    assert endpoints.classify_array("cvae", pixels) == pytest.approx(joint[None], rel=1e-5)


def test_the_page_is_told_of_every_model_that_can_classify(copy):
    damage(copy, "logistic")
    endpoints = ClassifyEndpoints(ModelStore(copy, copy / "no-data"))
    options = endpoints.store.options(endpoints.can_classify)
    facts = {option.name: model_facts(endpoints, option) for option in options}
    assert set(facts) == {*CLASSIFIERS, "cvae"}
    assert facts["logistic"]["error"]["key"].startswith("checkpoint.")
    assert [facts[name]["by"] for name in ("naive_bayes", "cnn", "cvae")] == ["classify", "classify", "bound"]
    assert [facts[name]["is_generative"] for name in ("naive_bayes", "cnn", "cvae")] == [True, False, True]
