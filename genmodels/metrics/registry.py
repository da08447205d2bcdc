"""The name, unit, direction and definition of every metric, and the number of samples that it asks for.

Cards and tables refer to metrics by these names; cards hold values, counts and seeds, but no definitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """The meaning of a number in a card.

    ``direction``: whether "higher" or "lower" is better; None where neither is. ``n_samples``: how many samples of the
    model it asks for; it is measured on fewer where sampling is slow (see ``capabilities.LimitsSamples``), and the card
    states their number. 0 for a metric of real images.
    """

    name: str
    description: str
    unit: str = ""
    direction: Literal["higher", "lower"] | None = None
    n_samples: int = 0


_METRICS = (
    # Classifiers
    Metric("validation_accuracy", "Share of validation images that are classified as their label.",
           direction="higher"),
    Metric("test_accuracy", "Share of test images that are classified as their label.", direction="higher"),
    Metric("bound_accuracy", "The same for the label under which a conditional model's bound on the image's likelihood "
           "is highest, of images that are white from half gray upwards.", direction="higher"),

    # Samples beside real images
    Metric("frechet_distance", "Frechet distance between Gaussians fitted to the classifier's features of samples and "
           "of test images (the FID's formula, without Inception), with a 95 % bootstrap interval.",
           direction="lower", n_samples=10_000),
    Metric("frechet_2_steps", "The same for samples that are integrated in 2 steps, of models that can.",
           direction="lower", n_samples=10_000),
    Metric("kernel_distance", "Unbiased squared maximum mean discrepancy, with a cubic kernel, between the "
           "classifier's features of samples and of test images (the KID's formula, without Inception), times 1,000.",
           unit="1e-3", direction="lower", n_samples=10_000),
    Metric("precision", "Share of samples that lie, in feature space, within the distance to the 5th nearest neighbor "
           "of some test image.", direction="higher", n_samples=5_000),
    Metric("recall", "Share of test images that lie, in feature space, within the distance to the 5th nearest "
           "neighbor of some sample.", direction="higher", n_samples=5_000),
    Metric("density", "Number of test images within whose distance to their 5th nearest neighbor a sample lies, "
           "divided by 5, averaged over the samples; may exceed 1.", direction="higher", n_samples=5_000),
    Metric("coverage", "Share of test images with a sample within the distance to their 5th nearest neighbor.",
           direction="higher", n_samples=5_000),
    Metric("c2st_accuracy", "Accuracy, on a held-out half, of a small network trained to tell samples from test "
           "images; 0.5 where it cannot.", direction="lower", n_samples=10_000),

    # Classes of the samples
    Metric("class_kl", "KL divergence of the predicted classes of the samples from equal shares.", unit="nats",
           direction="lower", n_samples=10_000),
    Metric("class_histogram", "Share of the samples predicted to be of each class.", n_samples=10_000),
    Metric("class_min", "Share of the rarest predicted class.", direction="higher", n_samples=10_000),
    Metric("class_max", "Share of the most frequent predicted class.", direction="lower", n_samples=10_000),
    Metric("conditional_accuracy", "Share of samples whose predicted class is the label that they were conditioned on "
           "(the GAN-test).", direction="higher", n_samples=10_000),
    Metric("cas", "Classification accuracy score: accuracy on test images of a classifier trained on samples alone.",
           direction="higher", n_samples=50_000),

    # Modes of stacked digits
    Metric("modes", "Number of the 1,000 combinations of three digits that the classifier reads in the red, green and "
           "blue of some sample.", direction="higher", n_samples=26_000),
    Metric("modes_kl", "KL divergence of the combinations that the classifier reads from equal shares; floor is that "
           "of as many real images.", unit="nats", direction="lower", n_samples=26_000),

    # Memorization
    Metric("copy_rate", "Share of samples that are nearer to a training image than 99 % of the validation images are; "
           "0.01 where nothing is copied.", direction="lower", n_samples=10_000),
    Metric("data_copying_score", "How much more often than by chance the nearest real image of a sample is a training "
           "image and not a test image; 0 is chance, 1 always.", direction="lower", n_samples=10_000),

    # Likelihood and reconstruction
    Metric("nll", "Negative log-likelihood per dynamically binarized test image: exact where the model has a "
           "likelihood, else by importance sampling: few samples on n images, corrected by what importance_samples add "
           "on n_correction of them.", unit="nats", direction="lower"),
    Metric("bits_per_pixel", "An exact nll in bits, divided by the number of pixels.", unit="bits", direction="lower"),
    Metric("nll_static", "The same on images binarized at half gray; an upper bound.", unit="nats", direction="lower"),
    Metric("elbo", "Evidence lower bound per test image, from one sample of the posterior, with gray levels taken as "
           "probabilities.", unit="nats", direction="higher"),
    Metric("reconstruction_mse", "Squared error per pixel, on [0, 1], of decoding the posterior mean of test images.",
           direction="lower"),
    Metric("reconstruction_accuracy", "Share of reconstructions of test images whose predicted class is the image's "
           "label.", direction="higher"),
    Metric("sharpness_error", "By how much the mean gradient at the edges of reconstructions of test images differs "
           "from that of the images, as a share of it; larger where they are blurred, or too crisp.",
           direction="lower"),
    Metric("bottleneck_bits", "Bits of a test image that pass the bottleneck: those that number its codes; of a "
           "posterior, its KL divergence from the prior; else 32 for each number.", unit="bits"),
    Metric("codebook_perplexity", "Perplexity of the codes of all test images over the codebook's size, for the level "
           "where it is lowest; 1 where all codes are equally frequent.", direction="higher"),
    Metric("prior_bits", "Bits that the prior needs for the codes of a test image, all levels together.", unit="bits",
           direction="lower"),
    Metric("prior_bits_train", "The same for training images; much fewer where the prior has learned by heart.",
           unit="bits", direction="lower"),
    Metric("approximation_gap", "How far the best diagonal Gaussian for each test image leaves its bound below the "
           "log-likelihood, by a grid over both latents; of models with two.", unit="nats", direction="lower"),
    Metric("amortization_gap", "How far the encoder's own Gaussian leaves the bound below that of the best one for "
           "the image; large where the encoder was trained on another bound.", unit="nats", direction="lower"),
    Metric("active_units", "Number of latents whose posterior mean has a variance above 0.01 over the validation "
           "images.", unit="latents"),

    # Codes that were learned without labels
    Metric("clustering_error", "Share of test images whose inferred category is not the one matched to their label on "
           "the validation split.", direction="lower"),
    Metric("mi_lower_bound", "Lower bound on the mutual information between the categorical code and the sample, from "
           "the model's own recognition network; at most ln K.", unit="nats", direction="higher", n_samples=10_000),
    Metric("code_rank_correlation", "Absolute Spearman correlation between a continuous code and the property of the "
           "image that follows it best, for the code where it is lowest.", direction="higher", n_samples=500),
    Metric("code_properties", "Number of different properties of the image that the continuous codes change, each the "
           "one that follows its code best.", direction="higher", n_samples=500),
    Metric("class_consistency", "Share of traversals of a continuous latent in which the predicted class stays the "
           "same from end to end; as a metric, for the code where it is lowest.", direction="higher", n_samples=500),

    # Captions
    Metric("caption_digit", "Share of images made of the captions of test images whose predicted class is the digit "
           "that was asked for.", direction="higher", n_samples=10_000),
    Metric("caption_outer", "Share of them whose stroke or slant, as measured, is what was asked for, of thin, thick, "
           "left and right the word for which it is lowest.", direction="higher", n_samples=10_000),
    Metric("caption_middle", "The same of medium and upright.", direction="higher", n_samples=10_000),
    Metric("caption_width", "The same of narrow, balanced and wide, which are told within a digit.",
           direction="higher", n_samples=10_000),
    Metric("caption_language_gap", "By how much the share of words that are measured as asked differs between the "
           "same captions in English and in Spanish.", direction="lower", n_samples=10_000),
    Metric("caption_spread", "Standard deviation of a property that the caption leaves open, within a digit, divided "
           "by that of the test images that were described, for the property where it is lowest.", direction="higher",
           n_samples=10_000),
    Metric("caption_unseen_gap", "By how much the share of words that are measured as asked is lower in combinations "
           "that training never saw than it is for the same words in others.", direction="lower", n_samples=10_000),
    Metric("caption_frechet", "Frechet distance, as above, of images made of the captions of test images.",
           direction="lower", n_samples=10_000),
    Metric("stage_frechet_ratio", "The same divided by that of the images of the first stage, enlarged bicubically.",
           direction="lower", n_samples=10_000),

    Metric("written_digit", "Share of captions written of test images that name the image's label, in the language in "
           "which fewer do.", direction="higher"),
    Metric("written_thickness", "Share of them whose word for the stroke is what is measured in the image, where that "
           "is not on the border of two words.", direction="higher"),
    Metric("written_slant", "The same of the slant.", direction="higher"),

    # Meshes
    Metric("vertex_rmse", "Root mean squared distance of the vertices of a test body from those of its reconstruction, "
           "as a share of the diagonal of its box, averaged over the bodies.", direction="lower"),
    Metric("vertex_rmse_pca", "The same for as many principal components of the vertices as the model has latents.",
           direction="lower"),
    Metric("walk_volume_error", "Largest deviation of the volume, on a straight walk through the latents from a test "
           "body to another, from what the volumes of the two give when they are mixed as the walk is, as a share; "
           "averaged over the walks.", direction="lower"),
    Metric("walk_volume_error_offsets", "The same for vertices that go straight from one body to the other.",
           direction="lower"),
    Metric("walk_volume_error_pca", "The same for a straight walk through principal components of the vertices.",
           direction="lower"),
    Metric("turn_volume_loss", "Share of the volume that is lost halfway between a rod that is bent by 120 degrees and "
           "the same bent to the other side, on a straight walk through the latents.", direction="lower"),
    Metric("turn_volume_loss_offsets", "The same for vertices that go straight.", direction="lower"),
    Metric("turn_volume_loss_pca", "The same for a straight walk through principal components of the vertices.",
           direction="lower"),
    Metric("parameter_r2", "Share of the variance of a number behind the test bodies that a linear map of the latents "
           "explains, fitted on training bodies; for the number where it is lowest.", direction="higher"),

    # Measured as the original papers did
    Metric("parzen", "Mean log density of test images under Gaussians centered at the samples, with a bandwidth chosen "
           "on validation images; rewards blur, so do not rank by it.", unit="nats", direction="higher",
           n_samples=10_000),
    Metric("nn_test_error", "Error on test images of the nearest neighbor among samples labeled by what they were "
           "conditioned on.", direction="lower", n_samples=50_000),

    # Cost
    Metric("ms_per_sample", "Time per image when a batch is sampled, on the stated number of threads.", unit="ms",
           direction="lower", n_samples=256),
)
METRICS: dict[str, Metric] = {metric.name: metric for metric in _METRICS}
