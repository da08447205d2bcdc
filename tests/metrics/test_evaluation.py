"""The controls, which some metric must reject; and what is measured where a model or a data set allows less."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from conftest import build, save_checkpoint, tiny_config

from genmodels import checkpoint
from genmodels.data import ImageSplit, synthetic
from genmodels.evaluation.context import EvalContext, EvalSubject, checkpoint_subject
from genmodels.evaluation.controls import CONTROLS, control_subject
from genmodels.evaluation.protocol import EvalProtocol
from genmodels.evaluation.runner import evaluate

NEEDS_CLASSIFIER = {"frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage", "class_kl",
                    "class_histogram", "class_min", "class_max", "conditional_accuracy"}


@pytest.fixture(scope="module")
def splits() -> dict[str, ImageSplit]:
    """Synthetic digits."""
    found, start = {}, 0
    for split, n in (("train", 600), ("validation", 300), ("test", 300)):
        labels = torch.arange(n) % 10
        drawn = np.stack([synthetic.draw_digit(int(y), start + i) for i, y in enumerate(labels)])
        found[split], start = ImageSplit(torch.from_numpy(drawn), labels), start + n
    return found


# Controls


@pytest.fixture(scope="module")
def rows(splits) -> dict[str, dict[str, float]]:
    """Every metric of every control."""
    counts = EvalProtocol(max_samples=300, resamples=5, c2st_steps=3, cas_steps=5, parzen_test_images=300)
    context = EvalContext(*checkpoint.load("cnn"), splits.__getitem__, counts)
    return {name: {metric: result["value"] for metric, result in
                   evaluate(control_subject(context, name)).metrics.items()} for name in CONTROLS}


REJECTED_BY = {  # control: metrics that reject it, and metrics that do not
    "copies": (lambda m: m["copy_rate"] == 1 and m["data_copying_score"] > 0.9, lambda m: m["coverage"] > 0.85),
    "blurred": (lambda m: m["recall"] < 0.4 and m["frechet_distance"] > 2, lambda m: m["class_kl"] < 0.1),
    "class-means": (lambda m: m["coverage"] < 0.1 and m["recall"] < 0.1, lambda m: m["conditional_accuracy"] > 0.85),
    "one-class": (lambda m: m["class_kl"] > 1.5 and m["coverage"] < 0.3, lambda m: m["conditional_accuracy"] > 0.85),
}


@pytest.mark.parametrize("name", REJECTED_BY)
def test_a_control_is_rejected_by_the_metric_meant_for_it(rows, name):
    """By the first metrics, which real digits pass; the second ones alone would accept it."""
    rejects, accepts = REJECTED_BY[name]
    assert rejects(rows[name]) and not rejects(rows["real"])
    assert accepts(rows[name]) and accepts(rows["real"])


def test_every_control_but_the_real_one_is_rejected():
    assert set(REJECTED_BY) == set(CONTROLS) - {"real"}


# What is skipped, and why


TINY = EvalProtocol(max_samples=20, resamples=2, c2st_steps=1, cas_steps=1, parzen_test_images=10)


@pytest.fixture
def subject(splits, tmp_path):
    """Makes a subject: an untrained model, on synthetic digits unless its data set is changed."""

    def make(model_name: str, data: dict[str, ImageSplit] = splits, **dataset: object) -> EvalSubject:
        model, classifier = (build(name, **tiny_config(name)).eval() for name in (model_name, "cnn"))
        card = save_checkpoint(model, model_name, tmp_path / model_name)
        card, classifier_card = (dataclasses.replace(card, dataset=card.dataset | dataset),
                                 save_checkpoint(classifier, "cnn", tmp_path / "cnn"))
        context = EvalContext(classifier, classifier_card, data.__getitem__, TINY)
        return checkpoint_subject(context, model, card)

    return make


def test_metrics_that_need_the_classifier_are_skipped_on_another_data_set(subject):
    found = evaluate(subject("cgan", name="fashion", title="Fashion-MNIST"))
    assert {name for name in found.skipped if name not in ("traversals", "category_to_class")} == NEEDS_CLASSIFIER
    assert set(found.skipped.values()) == {
        "cnn knows Synthetic digits and cannot judge cgan, which draws Fashion-MNIST; "
        "give --judge a classifier of that"}
    assert {"c2st_accuracy", "copy_rate", "parzen", "cas", "ms_per_sample"} <= set(found.metrics)


def test_metrics_that_need_labels_are_skipped_without_them(subject, splits):
    bare = {split: ImageSplit(found.images, None) for split, found in splits.items()}
    found = evaluate(subject("infogan", bare))
    assert found.skipped == {"clustering_error": "Synthetic digits has no labels"}
    assert {"frechet_distance", "c2st_accuracy", "mi_lower_bound", "class_consistency"} <= set(found.metrics)


def test_a_model_that_limits_its_samples_is_measured_on_so_many(subject):
    found = subject("dcgan")
    found.model.max_eval_samples = 12
    metrics = evaluate(found).metrics
    assert {name: result["n"] for name, result in metrics.items()} == {
        name: 24 if name == "c2st_accuracy" else 12 for name in metrics}  # c2st also counts the real images
