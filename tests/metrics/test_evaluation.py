"""The controls, which some metric must reject; measures that are skipped; models with few samples; likelihood."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch
from conftest import build, save_checkpoint, synthetic_split, tiny_config

from genmodels import checkpoint
from genmodels.data import ImageSplit
from genmodels.evaluation import model_measures
from genmodels.evaluation.context import EvalContext, EvalSubject, checkpoint_subject
from genmodels.evaluation.controls import CONTROLS, control_subject
from genmodels.evaluation.protocol import EvalProtocol
from genmodels.evaluation.runner import evaluate
from genmodels.images import from_unit
from genmodels.metrics import features
from genmodels.metrics.frechet import frechet_distance
from genmodels.metrics.likelihood import binarize

NEEDS_CLASSIFIER = {"frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage", "class_kl",
                    "class_histogram", "class_min", "class_max", "conditional_accuracy"}


@pytest.fixture(scope="module")
def splits() -> dict[str, ImageSplit]:
    """Synthetic digits."""
    return {"train": synthetic_split(600), "validation": synthetic_split(300, first_seed=600),
            "test": synthetic_split(300, first_seed=900)}


# Controls


@pytest.fixture(scope="module")
def rows(splits) -> dict[str, dict[str, float]]:
    """Every metric of every control."""
    counts = EvalProtocol(max_samples=300, resamples=5, c2st_steps=1, cas_steps=1, parzen_test_images=300)
    context = EvalContext(*checkpoint.load("cnn"), splits.__getitem__, counts)
    return {name: {metric: result["value"] for metric, result in
                   evaluate(control_subject(context, name)).metrics.items()} for name in CONTROLS}


REJECTED_BY = {  # control: metrics that reject it, and metrics that do not
    "copies": (lambda m: m["copy_rate"] == 1 and m["data_copying_score"] > 0.9, lambda m: m["coverage"] > 0.85),
    "blurred": (lambda m: m["recall"] < 0.4 and m["frechet_distance"] > 2, lambda m: m["class_kl"] < 0.1),
    "class-means": (lambda m: m["coverage"] < 0.1 and m["recall"] < 0.1, lambda m: m["conditional_accuracy"] > 0.85),
    "one-class": (lambda m: m["class_kl"] > 1.5 and m["coverage"] < 0.3, lambda m: m["conditional_accuracy"] > 0.85),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REJECTED_BY)
def test_each_control_is_rejected_by_the_metric_for_its_defect(rows, name):
    """It fails the first condition, which real digits meet; the second alone would accept both."""
    rejects, accepts = REJECTED_BY[name]
    assert rejects(rows[name]) and not rejects(rows["real"])
    assert accepts(rows[name]) and accepts(rows["real"])


def test_every_control_but_the_real_one_is_rejected():
    assert set(REJECTED_BY) == set(CONTROLS) - {"real"}


# Skipped measures


TINY = EvalProtocol(max_samples=20, resamples=2, c2st_steps=1, cas_steps=1, parzen_test_images=10,
                    attribute_images=(20, 4))


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
        "cnn classifies Synthetic digits, but cgan generates Fashion-MNIST; "
        "name a classifier of that with --classifier"}
    assert {"c2st_accuracy", "copy_rate", "parzen", "cas", "ms_per_sample"} <= set(found.metrics)


def test_metrics_that_need_labels_are_skipped_without_them(subject, splits):
    bare = {split: ImageSplit(found.images, None) for split, found in splits.items()}
    found = evaluate(subject("infogan", bare))
    assert found.skipped == {"clustering_error": "Synthetic digits has no labels"}
    assert {"frechet_distance", "c2st_accuracy", "mi_lower_bound", "class_consistency"} <= set(found.metrics)


def test_metrics_use_no_more_samples_than_the_model_allows(subject):
    found = subject("dcgan")
    found.model.max_eval_samples = 12
    metrics = evaluate(found).metrics
    assert {name: result["n"] for name, result in metrics.items()} == {
        name: 24 if name == "c2st_accuracy" else 12 for name in metrics}  # c2st also counts the real images


def test_few_steps_are_measured_on_samples_of_two_steps(subject):
    found = subject("flow")
    found.model.config = dataclasses.replace(found.model.config, sampler_steps=5)
    model_measures.few_steps.run(found)
    latents = found.model.latent.sample(0, range(TINY.max_samples))
    distances = {}
    for steps in (2, 5):
        with torch.inference_mode():
            *_, last = found.model.integrate(latents.z, latents.y, steps)
        seen = features.features(found.context.classifier, found.model.render(last.x))
        distances[steps] = frechet_distance(seen, found.context.test_features)
    assert found.metrics["frechet_2_steps"] == {
        "value": pytest.approx(distances[2], rel=1e-3, abs=1e-3), "n": TINY.max_samples, **found.classifier_facts}
    assert abs(distances[2] - distances[5]) > 0.01 * distances[2]


# Likelihood


def test_an_exact_likelihood_is_measured_on_the_draw_that_bounds_are_measured_on(subject, splits):
    found = subject("pixelcnn")
    model_measures.exact_log_likelihood.run(found)
    x = from_unit(binarize(splits["test"].images, "dynamic", seed=0))
    nll = -found.model.log_prob(x).mean().item()
    assert found.metrics["nll"]["value"] == pytest.approx(nll, abs=0.01) and found.metrics["nll"]["n"] == 300
    assert found.metrics["bits_per_pixel"]["value"] == pytest.approx(nll / math.log(2) / 784, abs=1e-4)


def test_measures_of_likelihood_go_by_what_the_model_has(subject):
    def measured_by(name: str) -> list[str]:
        found = subject(name)
        return [m.name for m in model_measures.MEASURES if "nll" in m.records and m.applies(found)]

    assert measured_by("vae") == ["log_likelihood"] and measured_by("gan") == []
    assert measured_by("pixelrnn") == measured_by("naive_bayes") == ["exact_log_likelihood"]
