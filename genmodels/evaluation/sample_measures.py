"""Measures that need only samples and, for conditional models, the label that each was conditioned on."""

from __future__ import annotations

import dataclasses

from genmodels.evaluation.context import EvalSubject
from genmodels.evaluation.measure import measure
from genmodels.metrics import predictions
from genmodels.metrics.c2st import c2st_accuracy
from genmodels.metrics.cas import cas
from genmodels.metrics.frechet import bootstrap_interval, frechet_distance
from genmodels.metrics.kid import kernel_distance
from genmodels.metrics.memorization import copy_rate, data_copying_score, flatten, nearest
from genmodels.metrics.modes import count_modes, read_channels
from genmodels.metrics.nearest_neighbor import nn_test_error
from genmodels.metrics.parzen import parzen
from genmodels.metrics.prdc import prdc

PARZEN_VALIDATION_IMAGES = 1_000  # on which the bandwidth is chosen


@measure("frechet_distance", "kernel_distance", needs_classifier=True)
def frechet_and_kid(subject: EvalSubject) -> None:
    real, fake, resamples = subject.context.test_features, subject.features, subject.protocol.resamples
    low, high = bootstrap_interval(fake, real, resamples, subject.seed)
    subject.record("frechet_distance", round(frechet_distance(fake, real), 3), len(fake),
                   interval=[round(low, 3), round(high, 3)], resamples=resamples, **subject.classifier_facts)
    subject.record("kernel_distance", round(1_000 * kernel_distance(fake, real), 3), len(fake),
                   **subject.classifier_facts)


@measure("precision", "recall", "density", "coverage", needs_classifier=True)
def precision_recall_density_coverage(subject: EvalSubject) -> None:
    n = subject.n_samples("precision", "recall", "density", "coverage")
    result = prdc(subject.context.subset(subject.context.test_features, n).float(),
                  subject.context.subset(subject.features, n).float())
    for name, value in dataclasses.asdict(result).items():
        subject.record(name, round(value, 4), n, **subject.classifier_facts)


@measure("class_kl", "class_histogram", "class_min", "class_max", needs_classifier=True)
def class_histogram(subject: EvalSubject) -> None:
    classes = len(subject.context.classifier_card.dataset["classes"])
    histogram = predictions.class_histogram(subject.predicted, classes)
    values = {"class_kl": predictions.class_kl(histogram), "class_histogram": histogram, "class_min": min(histogram),
              "class_max": max(histogram)}
    for name, value in values.items():
        rounded = [round(v, 4) for v in value] if isinstance(value, list) else round(value, 4)
        subject.record(name, rounded, len(subject.samples), **subject.classifier_facts)


@measure("modes", "modes_kl", stacked=True, needs_classifier=True)
def forgotten_modes(subject: EvalSubject) -> None:
    """Beside as many real test images, read in the same way: with few samples, equal shares look unequal by chance.

    ``reader_error``: the share of single test digits that the classifier reads wrongly, as its own card says.
    """
    n = subject.n_samples("modes", "modes_kl")
    real = subject.context.data("test").images[:n]
    found, floor = (count_modes(read_channels(subject.context.classifier, images))
                    for images in (subject.sample(n)[0], real))
    facts = subject.classifier_facts
    if accuracy := subject.context.classifier_card.metrics.get("test_accuracy"):
        facts["reader_error"] = round(1 - accuracy["value"], 4)
    subject.record("modes", found.modes, n, real=floor.modes, **facts)
    subject.record("modes_kl", round(found.kl, 3), n, floor=round(floor.kl, 3), **facts)


@measure("c2st_accuracy")
def classifier_two_sample_test(subject: EvalSubject) -> None:
    context, real, steps = subject.context, subject.context.data("test").images, subject.protocol.c2st_steps
    n = min(len(real), len(subject.samples), subject.n_samples("c2st_accuracy"))
    value = c2st_accuracy(context.subset(real, n), context.subset(subject.samples, n), steps, subject.seed)
    subject.record("c2st_accuracy", round(value, 4), 2 * n, seed=subject.seed, steps=steps)


@measure("copy_rate", "data_copying_score")
def memorization(subject: EvalSubject) -> None:
    context, n = subject.context, subject.n_samples("copy_rate", "data_copying_score")
    samples, test = flatten(context.subset(subject.samples, n)), flatten(context.data("test").images)
    distances = nearest(samples, context.training_pixels)[0]
    rate = copy_rate(distances, context.validation_distances)
    subject.record("copy_rate", round(rate, 4), len(samples), seed=subject.seed)
    chance = len(context.training_pixels) / (len(context.training_pixels) + len(test))
    score = data_copying_score(distances, nearest(samples, test)[0], chance)
    subject.record("data_copying_score", round(score, 4), len(samples), seed=subject.seed)


@measure("parzen")
def parzen_window(subject: EvalSubject) -> None:
    context = subject.context
    test = context.subset(flatten(context.data("test").images), subject.protocol.parzen_test_images)
    validation = context.validation_pixels[:PARZEN_VALIDATION_IMAGES]
    value, bandwidth = parzen(test, validation, flatten(subject.samples))
    subject.record("parzen", round(value, 1), len(subject.samples), seed=subject.seed, n_test=len(test),
                   bandwidth=round(bandwidth, 3))


@measure("conditional_accuracy", conditional=True, needs_classifier=True)
def conditional_accuracy(subject: EvalSubject) -> None:
    value = predictions.accuracy(subject.predicted, subject.labels)
    subject.record("conditional_accuracy", round(value, 4), len(subject.samples), **subject.classifier_facts)


@measure("cas", "nn_test_error", conditional=True, needs_labels=True)
def learn_from_samples(subject: EvalSubject) -> None:
    test, steps = subject.context.data("test"), subject.protocol.cas_steps
    samples, labels = subject.sample(subject.n_samples("cas", "nn_test_error"))
    value = cas(samples, labels, test, steps, subject.seed)
    subject.record("cas", round(value, 4), len(samples), seed=subject.seed, steps=steps)
    subject.record("nn_test_error", round(nn_test_error(samples, labels, test), 4), len(samples), seed=subject.seed)


MEASURES = (frechet_and_kid, precision_recall_density_coverage, class_histogram, forgotten_modes,
            classifier_two_sample_test, memorization, parzen_window, conditional_accuracy, learn_from_samples)
