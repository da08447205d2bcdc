"""Every checkpoint that is shipped, in teaching order, with its model, data set, configuration and targets.

An entry here, and its words in the interface's catalogs (``ui/text``), are all it takes for a model to be trained,
tested, measured and shown. Nothing is imported until it is
asked for: reading this table costs no torch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

DATASETS: dict[str, str] = {
    "mnist": "genmodels.data.mnist:MNIST",
    "fashion": "genmodels.data.mnist:FASHION",
    "synthetic": "genmodels.data.synthetic:SYNTHETIC",
    "stacked": "genmodels.data.stacked:STACKED",
    "frey": "genmodels.data.frey:FREY",
    "bodies": "genmodels.data.bodies:BODIES",
    "folder": "genmodels.data.folder:open_folder",
}


@dataclass(frozen=True)
class Target:
    """What a metric should reach, at least ``min`` and at most ``max``.

    ``paper``: what the paper reports; ``note``: what the value depends on.
    """

    min: float = -float("inf")
    max: float = float("inf")
    paper: str = ""
    note: str = ""

    def met(self, value: float) -> bool:
        return self.min <= value <= self.max

    def __str__(self) -> str:
        return f">= {self.min:g}" if self.min > -float("inf") else f"<= {self.max:g}"


@dataclass(frozen=True)
class Entry:
    """A checkpoint: the path of its model's class, and what it is trained on and with."""

    model: str
    dataset: str = "mnist"
    config: dict[str, Any] = field(default_factory=dict)  # fields that differ from the model's defaults
    targets: dict[str, Target] = field(default_factory=dict)  # by the name of the metric


# The paper trained on one draw of binary images, which is harder.
FRESH_DRAWS = "trained on images binarized anew at every step; measured on one draw, as nll is for all models"

# The first two of the three that are compared by the modes they keep differ in one thing, the guide, which learns in
# 1,500 steps before the others. Their discriminator is small: what it cannot tell apart, it cannot miss (Metz et al.
# 2017, arXiv:1611.02163).
SMALL_JUDGE: dict[str, Any] = {"g_channels": 64, "d_channels": 6, "feature_dim": 32, "beta1": 0.5}

CHECKPOINTS: dict[str, Entry] = {
    "cnn": Entry("genmodels.models.cnn:CNN", targets={
        "test_accuracy": Target(min=0.995, paper="0.9905 (LeNet-5, LeCun et al. 1998)"),
    }),
    "naive_bayes": Entry("genmodels.models.naive_bayes:NaiveBayes", targets={"test_accuracy": Target(min=0.84)}),
    "logistic": Entry("genmodels.models.logistic:Logistic", targets={"test_accuracy": Target(min=0.92)}),
    "gan": Entry("genmodels.models.gan:GAN", targets={
        "parzen": Target(min=225, paper="225 (Goodfellow et al. 2014)"),
        "class_min": Target(min=0.01),
    }),
    # A generator of 5.9 million multiplications an image, so that a page draws 64 of them as often as a hand moves; the
    # discriminator costs nothing there.
    "dcgan": Entry("genmodels.models.dcgan:DCGAN", config={
        "g_channels": 56, "g_hidden": 192, "d_channels": 64, "steps": 24_000,
    }, targets={
        "frechet_distance": Target(max=0.35),
        "coverage": Target(min=0.85),
        "density": Target(min=0.85),
        "class_kl": Target(max=0.01),
        "class_min": Target(min=0.06),
        "class_max": Target(max=0.14),
        "c2st_accuracy": Target(max=0.90),
    }),
    "cgan": Entry("genmodels.models.cgan:CGAN", targets={
        "conditional_accuracy": Target(min=0.995),
        "cas": Target(min=0.985),
        "coverage": Target(min=0.85),
        "nn_test_error": Target(max=0.0298, paper="0.0298 (Radford et al. 2016)"),
    }),
    "stacked_gan": Entry("genmodels.models.dcgan:DCGAN", dataset="stacked", config={
        "loss": "nonsaturating", "r1": 0.0, "r2": 0.0, "steps": 5_000, **SMALL_JUDGE,
    }, targets={
        "modes": Target(max=333, note="it is kept because its modes collapse"),
    }),
    "stacked_mggan": Entry("genmodels.models.mggan:MGGAN", dataset="stacked", config={"steps": 6_500, **SMALL_JUDGE},
                           targets={"modes": Target(min=663, note="three times those of stacked_gan")}),
    "stacked_r3gan": Entry("genmodels.models.dcgan:DCGAN", dataset="stacked", config={
        "g_channels": 64, "d_channels": 32, "steps": 8_000,
    }, targets={
        "modes": Target(min=1000, paper="1000 (R3GAN, Huang et al. 2024)"),
        "modes_kl": Target(max=0.10),
    }),
    "infogan": Entry("genmodels.models.infogan:InfoGAN", targets={
        "clustering_error": Target(max=0.02, paper="0.05 (Chen et al. 2016)"),
        "mi_lower_bound": Target(min=2.25, paper="2.30 (Chen et al. 2016)"),
        "code_rank_correlation": Target(min=0.9),
        "class_consistency": Target(min=0.95),
    }),
    "ae": Entry("genmodels.models.ae:AE", targets={
        "reconstruction_mse": Target(max=0.0035),
    }),
    "vae": Entry("genmodels.models.vae:VAE", targets={
        "nll": Target(max=84.3, paper="86.76 (one layer, Burda et al. 2016)"),
        "reconstruction_mse": Target(max=0.005),
    }),
    "vae2d": Entry("genmodels.models.vae:VAE", config={
        "latent_dim": 2, "beta": 1.0, "importance_samples": 5, "decoder_channels": 16, "decoder_hidden": 384,
        "steps": 16_000,
    }, targets={
        "nll": Target(max=130),
    }),
    "frey2d": Entry("genmodels.models.gaussian_vae:GaussianVAE", dataset="frey", targets={
        "elbo": Target(min=850, note="log variance of a pixel at least -7"),
        "reconstruction_mse": Target(max=0.0060),
    }),
    "cvae": Entry("genmodels.models.cvae:CVAE", targets={
        "nll": Target(max=82.3),
        "conditional_accuracy": Target(min=0.99),
    }),
    "pixelcnn": Entry("genmodels.models.pixelcnn:PixelCNN", targets={
        "nll": Target(max=82.3, paper="81.30 (van den Oord et al. 2016)", note=FRESH_DRAWS),
    }),
    "pixelrnn": Entry("genmodels.models.pixelrnn:PixelRNN", targets={
        "nll": Target(max=82.0, paper="79.20 (Diagonal BiLSTM, van den Oord et al. 2016)", note=FRESH_DRAWS),
    }),
    "vaegan": Entry("genmodels.models.vaegan:VAEGAN", targets={
        "frechet_distance": Target(max=1.5),
        "reconstruction_accuracy": Target(min=0.97),
        "sharpness_error": Target(max=0.05),
    }),
    "vqvae2": Entry("genmodels.models.vqvae2:VQVAE2", targets={
        "reconstruction_mse": Target(max=0.0015, paper="0.0022 (one level, van den Oord et al. 2017)"),
        "codebook_perplexity": Target(min=0.4),
        "conditional_accuracy": Target(min=0.97),
        "frechet_distance": Target(max=2),
        "copy_rate": Target(max=0.02),
    }),
    "stackgan": Entry("genmodels.models.stackgan:StackGAN", targets={
        "caption_digit": Target(min=0.99),
        "caption_outer": Target(min=0.90),
        "caption_middle": Target(min=0.70),
        "caption_language_gap": Target(max=0.01),
        "caption_spread": Target(min=0.9, note="the least of the three properties"),
        "caption_unseen_gap": Target(max=0.03),
        "caption_frechet": Target(max=1),
        "stage_frechet_ratio": Target(max=0.5),
    }),
    "ssvae": Entry("genmodels.models.ssvae:SSVAE", config={
        "agreement": 20.0, "class_warmup": 500, "dropout": 0.0, "lr": 2e-3,
    }, targets={
        "test_accuracy": Target(min=0.97, paper="0.8803 (M2, Kingma et al. 2014)",
                                note="100 labels, one draw; with agreement"),
        "written_digit": Target(min=0.97),
        "written_thickness": Target(min=0.85),
        "written_slant": Target(min=0.85),
    }),
    "flow": Entry("genmodels.models.flow:Flow", targets={
        "frechet_distance": Target(max=0.6),
        "frechet_2_steps": Target(max=2),
        "coverage": Target(min=0.90),
        "density": Target(min=0.85),
        "conditional_accuracy": Target(min=0.995),
        "cas": Target(min=0.985),
        "copy_rate": Target(max=0.02),
    }),
    "meshvae": Entry("genmodels.models.meshvae:MeshVAE", dataset="bodies", targets={
        "vertex_rmse": Target(max=0.01),
        "walk_volume_error": Target(max=0.05),
        "parameter_r2": Target(min=0.9),
    }),
    "meshvae_positions": Entry("genmodels.models.meshvae:MeshVAE", dataset="bodies",
                               config={"representation": "positions"}),
}

DEFAULT_CLASSIFIER = "cnn"  # the checkpoint that predicts classes where none is named

# A model is called by the first checkpoint made of it.
MODELS: dict[str, str] = {}
for _name, _entry in CHECKPOINTS.items():
    if _entry.model not in MODELS.values():
        MODELS[_name] = _entry.model


def resolve(path: str) -> Any:
    """What ``module:attribute`` names."""
    module, _, attribute = path.partition(":")
    return getattr(import_module(module), attribute)


def model_class(name: str) -> Any:
    """The subclass of ``model.Model`` behind a model's name; ValueError lists the names there are."""
    if name not in MODELS:
        raise ValueError(f"unknown model {name!r}; there are: {', '.join(MODELS)}")
    return resolve(MODELS[name])


def model_name(checkpoint: str) -> str:
    """The name of the model that a shipped checkpoint is made of; KeyError where there is no such checkpoint."""
    path = CHECKPOINTS[checkpoint].model
    return next(name for name, known in MODELS.items() if known == path)


def training_command(checkpoint: str) -> str:
    """The command that makes a shipped checkpoint."""
    return f"python train.py {checkpoint}"
