"""Measures that need the model itself, each for the models that have the capabilities it names."""

from __future__ import annotations

import math
import time

import numpy as np
import torch

from genmodels.capabilities import (
    CanClassify,
    CanEncode,
    CanInferCodes,
    CanIntegrate,
    CanReconstruct,
    CanScore,
    HasCodes,
    HasElbo,
    HasLogProb,
)
from genmodels.evaluation.context import EvalSubject
from genmodels.evaluation.measure import measure
from genmodels.images import from_uint8
from genmodels.latents import Latents
from genmodels.metrics import codebook, features, likelihood, posterior_gap, predictions, reconstruction
from genmodels.metrics.attributes import attribute_direction, measure_attribute
from genmodels.metrics.bound_classifier import joint_bounds, log_prob_quantiles
from genmodels.metrics.clustering import clustering_error, confusion_matrix, match_classes
from genmodels.metrics.frechet import frechet_distance
from genmodels.metrics.mi_lower_bound import mi_lower_bound
from genmodels.metrics.traversal import traverse_latent
from genmodels.model import GenerativeModel, map_in_batches
from genmodels.morphology import PROPERTIES

N_SCORED = 2_000  # real images behind the quantiles of a discriminator's logits
MAX_TRAVERSED = 8  # latents of an encoder that are traversed, those with the largest KL divergence


@measure("validation_accuracy", "test_accuracy", capabilities=(CanClassify,), needs_labels=True)
def accuracy(subject: EvalSubject) -> None:
    for split in ("validation", "test"):
        real = subject.context.data(split)
        value = predictions.accuracy(predictions.predict(subject.model, real.images), real.labels)
        subject.record(f"{split}_accuracy", round(value, 4), len(real), split=split)


@measure("ms_per_sample", capabilities=(GenerativeModel,))
def cost(subject: EvalSubject) -> None:
    n = subject.n_samples("ms_per_sample")
    latents = subject.model.latent.sample(subject.seed, range(n))
    subject.model.generate(latents[:16])
    start = time.perf_counter()
    subject.model.generate(latents)
    milliseconds = 1_000 * (time.perf_counter() - start) / n
    subject.record("ms_per_sample", round(milliseconds, 2), n, threads=torch.get_num_threads())


@measure("frechet_2_steps", capabilities=(CanIntegrate,), needs_classifier=True)
def few_steps(subject: EvalSubject) -> None:
    model, n = subject.model, subject.n_samples("frechet_2_steps")
    latents = model.latent.sample(subject.seed, range(n))

    def end(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        *_, last = model.integrate(z, y, steps=2)
        return last.x

    images = model.render(map_in_batches(end, latents.z, latents.y))
    value = frechet_distance(features.features(subject.context.classifier, images), subject.context.test_features)
    subject.record("frechet_2_steps", round(value, 3), n, **subject.classifier_facts)


@measure("clustering_error", capabilities=(CanInferCodes,), needs_labels=True)
def clustering(subject: EvalSubject) -> None:
    categories, counts = subject.model.latent.categorical.classes, {}
    classes = len(subject.card.dataset["classes"])
    for split in ("validation", "test"):
        real = subject.context.data(split)
        codes = predictions.infer_codes(subject.model, real.images).logits.argmax(1)
        counts[split] = confusion_matrix(codes, real.labels, categories, classes)
    value = clustering_error(counts["test"], match_classes(counts["validation"]))
    subject.record("clustering_error", round(float(value), 4), int(counts["test"].sum()), split="test")


@measure("mi_lower_bound", capabilities=(CanInferCodes, GenerativeModel))
def mutual_information(subject: EvalSubject) -> None:
    samples, _ = subject.sample(subject.n_samples("mi_lower_bound"))
    latents = subject.model.latent.sample_prior(subject.seed, range(len(samples)))
    value = mi_lower_bound(predictions.infer_codes(subject.model, samples).logits, latents.y)
    subject.record("mi_lower_bound", round(value, 3), len(samples), seed=subject.seed)


@measure("category_to_class", capabilities=(CanInferCodes, GenerativeModel), needs_classifier=True)
def category_to_class(subject: EvalSubject) -> None:
    """The class that samples of each value of the categorical code mostly have."""
    model, n = subject.model, subject.n_samples("class_consistency")
    z = model.latent.sample(subject.seed, range(n)).z
    classes, counts = len(subject.card.dataset["classes"]), []
    for category in range(model.latent.categorical.classes):
        samples = model.render(model.generate(Latents(z, torch.full((n,), category))))
        predicted = predictions.predict(subject.context.classifier, samples)
        counts.append(predicted.bincount(minlength=classes).numpy())
    subject.latent_stats["category_to_class"] = match_classes(np.stack(counts)).tolist()


@measure("score_quantiles", capabilities=(CanScore,))
def score_quantiles(subject: EvalSubject) -> None:
    """Percentiles 0, 5, ... 100 of the logits of real images, to rank the logit of a sample among them."""
    real = subject.context.data("validation")
    labels = real.labels[:N_SCORED] if subject.is_conditional else None
    scores = predictions.score(subject.model, real.images[:N_SCORED], labels)
    subject.latent_stats["score_quantiles"] = np.percentile(scores.numpy(), range(0, 101, 5)).round(3).tolist()


@measure("reconstruction_mse", capabilities=(CanReconstruct,))
def reconstruct(subject: EvalSubject) -> None:
    real = subject.context.data("test")
    labels = real.labels if subject.is_conditional else None
    mse = reconstruction.reconstruction_mse(subject.model, real.images, labels)
    subject.record("reconstruction_mse", round(mse, 5), len(real), split="test")


@measure("sharpness_error", "bottleneck_bits", capabilities=(CanReconstruct,))
def reconstruction_detail(subject: EvalSubject) -> None:
    real = subject.context.data("test")
    labels = real.labels if subject.is_conditional else None
    drawn = reconstruction.sharpness(reconstruction.reconstruct(subject.model, real.images, labels)).mean()
    ratio = (drawn / reconstruction.sharpness(from_uint8(real.images)).mean()).item()
    subject.record("sharpness_error", round(abs(ratio - 1), 3), len(real), split="test", ratio=round(ratio, 3))
    bits = reconstruction.bottleneck_bits(subject.model, real.images, labels)
    subject.record("bottleneck_bits", round(bits, 1), len(real), split="test")


@measure("reconstruction_accuracy", capabilities=(CanReconstruct,), needs_classifier=True, needs_labels=True)
def read_reconstructions(subject: EvalSubject) -> None:
    real = subject.context.data("test")
    x_hat = reconstruction.reconstruct(subject.model, real.images, real.labels if subject.is_conditional else None)
    predicted = predictions.predict(subject.context.classifier, subject.model.render(x_hat))
    subject.record("reconstruction_accuracy", round(predictions.accuracy(predicted, real.labels), 4), len(real),
                   split="test", classifier=subject.classifier_facts["classifier"])


@measure("codebook_perplexity", "prior_bits", "prior_bits_train", capabilities=(HasCodes,))
def code_use(subject: EvalSubject) -> None:
    for split, metric in (("test", "prior_bits"), ("train", "prior_bits_train")):
        real = subject.context.data(split)
        real = subject.context.subset(real, min(len(real), subject.protocol.prior_images))
        bits = codebook.prior_bits(subject.model, real.images, real.labels if subject.is_conditional else None)
        subject.record(metric, round(sum(bits), 1), len(real), split=split, levels=[round(b, 1) for b in bits])
    real = subject.context.data("test")
    used = [codebook.codebook_use(board, size) for board, size in
            zip(codebook.boards(subject.model, real.images), subject.model.codebook_sizes, strict=True)]
    subject.record("codebook_perplexity", round(min(use.share for use in used), 3), len(real), split="test",
                   levels=[{"size": u.size, "used": u.used, "perplexity": round(u.perplexity, 1)} for u in used])


@measure("elbo", capabilities=(CanEncode, HasElbo))
def elbo(subject: EvalSubject) -> None:
    real, labels, posterior = subject.encode("test")
    bound = reconstruction.elbo(subject.model, real.images, posterior, labels, subject.seed)
    subject.record("elbo", round(bound, 2), len(real), split="test", seed=subject.seed)


@measure("active_units", "kl", "order", "range", "split", "n", capabilities=(CanEncode,))
def latent_usage(subject: EvalSubject) -> None:
    real, _, posterior = subject.encode("validation")
    subject.record("active_units", reconstruction.active_units(posterior.mean), len(real), split="validation",
                   dim=subject.model.latent.dim)
    real, _, posterior = subject.encode("train", subject.protocol.usage_images)
    subject.latent_stats |= reconstruction.latent_usage(posterior) | {"split": "train", "n": len(real)}


@measure("nll", "nll_static", capabilities=(CanEncode, HasElbo))
def log_likelihood(subject: EvalSubject) -> None:
    """Measured with few importance samples on many images, then corrected by the gain from many importance samples,
    measured on few images: that gain varies little between images."""
    seed = subject.seed
    binary = subject.model.pixel_likelihood == "bernoulli"

    def bounds(how: str, images: int, importance_samples: int) -> np.ndarray:
        pixels, labels = _test_pixels(subject, how if binary else None, images)
        return likelihood.log_likelihood(subject.model, pixels, importance_samples, labels, seed)

    (images, few), (corrected, many) = subject.protocol.nll_base, subject.protocol.nll_correction
    base = bounds("dynamic", images, few)
    gain = bounds("dynamic", corrected, many) - bounds("dynamic", corrected, few)
    error = math.sqrt(base.var() / len(base) + gain.var() / len(gain))
    subject.record("nll", round(float(-base.mean() - gain.mean()), 2), len(base), split="test", seed=seed,
                   importance_samples=many, standard_error=round(error, 2), n_correction=len(gain),
                   base_importance_samples=few)
    if subject.model.pixel_likelihood == "bernoulli":
        static = bounds("static", *subject.protocol.nll_static)
        subject.record("nll_static", round(float(-static.mean()), 2), len(static), split="test", seed=seed,
                       importance_samples=subject.protocol.nll_static[1])


@measure("bound_accuracy", "log_prob_quantiles", capabilities=(CanEncode, HasElbo), conditional=True,
         needs_labels=True)
def classify_by_bound(subject: EvalSubject) -> None:
    """The classifier that Bayes' rule makes of the bound, and how likely test images are, whatever their label."""
    n, importance_samples = subject.protocol.bound_images
    binary = subject.model.pixel_likelihood == "bernoulli"
    pixels, labels = _test_pixels(subject, "static" if binary else None, n)
    joint = joint_bounds(subject.model, pixels, subject.model.latent.label.classes, importance_samples, subject.seed)
    hits = joint.argmax(1) == labels.numpy()
    subject.record("bound_accuracy", round(float(hits.mean()), 4), len(hits), split="test", seed=subject.seed,
                   importance_samples=importance_samples,
                   standard_error=round(float(hits.std()) / math.sqrt(len(hits)), 4))
    subject.latent_stats["log_prob_quantiles"] = {
        "values": log_prob_quantiles(np.logaddexp.reduce(joint, 1)), "n": len(joint), "split": "test",
        "importance_samples": importance_samples}


@measure("nll", "bits_per_pixel", capabilities=(HasLogProb,))
def exact_log_likelihood(subject: EvalSubject) -> None:
    """On the images, and the draw of their pixels, on which ``log_likelihood`` bounds that of other models."""
    pixels, labels = _test_pixels(subject, "dynamic", subject.protocol.nll_base[0])
    nll = -likelihood.exact_log_likelihood(subject.model, pixels, labels)
    subject.record("nll", round(float(nll.mean()), 2), len(nll), split="test", seed=subject.seed,
                   standard_error=round(float(nll.std()) / math.sqrt(len(nll)), 2))
    subject.record("bits_per_pixel", round(float(nll.mean()) / math.log(2) / pixels[0].numel(), 4), len(nll),
                   split="test", seed=subject.seed)


@measure("approximation_gap", "amortization_gap", capabilities=(CanEncode, HasElbo), planar=True)
def posterior_gaps(subject: EvalSubject) -> None:
    """On the images, binarized in the same way, of which ``nll`` is an average."""
    how = "dynamic" if subject.model.pixel_likelihood == "bernoulli" else None
    pixels, _ = _test_pixels(subject, how, subject.protocol.gap_images)
    found = posterior_gap.posterior_gaps(subject.model, pixels)
    means = {name: round(float(getattr(found, name).mean()), 2) for name in ("log_prob", "best_elbo", "encoder_elbo")}
    for name in ("approximation", "amortization"):
        gaps = getattr(found, name)
        subject.record(f"{name}_gap", round(float(gaps.mean()), 3), len(gaps), split="test", seed=subject.seed,
                       standard_error=round(float(gaps.std()) / math.sqrt(len(gaps)), 3),
                       median=round(float(np.median(gaps)), 3), min=round(float(gaps.min()), 3),
                       max=round(float(gaps.max()), 3), **means)


def _test_pixels(subject: EvalSubject, how: str | None, n: int) -> tuple[torch.Tensor, torch.Tensor | None]:
    """``n`` test images in [0, 1], [n, 1, H, W], binarized as ``how`` says, and labels for a conditional model."""
    test = subject.context.data("test")
    rows = torch.arange(len(test))[:: max(1, len(test) // n)][:n]
    pixels = likelihood.binarize(test.images, how, subject.seed) if how else test.images.unsqueeze(1).float() / 255
    return pixels[rows], test.labels[rows] if subject.is_conditional else None


@measure("traversals", capabilities=(GenerativeModel, CanEncode | CanInferCodes), needs_classifier=True)
def latent_traversals(subject: EvalSubject) -> None:
    """What each continuous code changes in the image; where KL divergences rank the latents, each of the first ones."""
    model, spec, n = subject.model, subject.model.latent, subject.n_samples("class_consistency")
    names, codes = [], []  # of all columns of z; the columns of codes
    for part in spec.continuous:
        if part.role == "code":
            codes += range(len(names), len(names) + part.dim)
        names += [part.value_name(k) for k in range(part.dim)]
    columns = subject.latent_stats.get("order", codes)[:MAX_TRAVERSED]
    subject.latent_stats["traversals"] = [
        {"name": names[column], **traverse_latent(model, column, subject.context.classifier, subject.seed, n)}
        for column in columns]


@measure("attributes", capabilities=(GenerativeModel, CanEncode), needs_classifier=True, needs_labels=True)
def attributes(subject: EvalSubject) -> None:
    """Where latent space has more of each property of handwriting; too narrow a space, of two latents, is left out."""
    if subject.is_planar:
        return
    training, validation = subject.protocol.attribute_images
    real, labels, posterior = subject.encode("train", training)
    _, start_labels, starts = subject.encode("validation", validation)
    found = []
    for name, measure_property in PROPERTIES.items():
        values = measure_property(real.images.numpy())
        direction = attribute_direction(posterior.mean, values, real.labels)
        result = measure_attribute(subject.model, starts.mean, start_labels, direction, name, float(values.std()),
                                   subject.context.classifier)
        found.append({"property": name, "direction": [round(v, 4) for v in direction.tolist()]} | result)
    subject.latent_stats["attributes"] = found


@measure("code_rank_correlation", "code_properties", "class_consistency",
         capabilities=(CanInferCodes, GenerativeModel), needs_classifier=True)
def code_fidelity(subject: EvalSubject) -> None:
    """The worst values among the traversals of the codes, and how many properties they change."""
    found, n = subject.latent_stats["traversals"], subject.n_samples("class_consistency")
    subject.record("code_rank_correlation", min(abs(code["spearman"]) for code in found), n,
                   **subject.classifier_facts)
    subject.record("code_properties", len({code["property"] for code in found}), n, **subject.classifier_facts)
    subject.record("class_consistency", min(code["class_consistency"] for code in found), n,
                   **subject.classifier_facts)


# The order matters: latent_traversals reads results of latent_usage, code_fidelity those of latent_traversals.
MEASURES = (accuracy, cost, few_steps, clustering, mutual_information, category_to_class, score_quantiles, reconstruct,
            reconstruction_detail, read_reconstructions, code_use, elbo, latent_usage, log_likelihood,
            classify_by_bound, exact_log_likelihood, posterior_gaps, latent_traversals, attributes, code_fidelity)
