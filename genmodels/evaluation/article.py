"""The systems that the outline studies (Contreras Carrasco 2021), each beside its paper's figure and ours.

A paper's figure is that of the metric's target in the registry. Most papers report photographs, or no figure at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from genmodels.checkpoint import Card
from genmodels.evaluation.report import Rows, format_metric, targets
from genmodels.registry import Target
from genmodels.ui.text import Text

NO_FIGURE = "none that compares"


@dataclass(frozen=True)
class System:
    """``tabs``: the activities of the page in which it is touched; ``checkpoint``, ``metric``: where our figure stands
    in the cards; ``reported``: the paper's, where the metric has no target that names it."""

    family: str
    name: str
    paper: str
    tabs: tuple[str, ...]
    checkpoint: str = ""
    metric: str = ""
    reported: str = ""


SYSTEMS = (
    System("classifiers", "naive Bayes", "Ng & Jordan 2001; Rish 2001; Raschka 2017", ("classify",),
           "naive_bayes", "test_accuracy"),
    System("classifiers", "logistic regression", "Ng & Jordan 2001", ("classify",), "logistic", "test_accuracy"),
    System("classifiers", "CNN", "LeCun et al. 1998", ("classify",), "cnn", "test_accuracy"),
    System("GAN", "GAN", "Goodfellow et al. 2014", ("sample", "latents"), "gan", "parzen"),
    System("GAN", "conditional GAN", "Mirza & Osindero 2014", ("write", "sample"), "cgan", "parzen",
           "132 (Mirza & Osindero 2014)"),
    System("GAN", "DCGAN", "Radford et al. 2016", ("sample", "latents"), "dcgan", "frechet_distance"),
    System("GAN", "InfoGAN", "Chen et al. 2016", ("latents",), "infogan", "clustering_error"),
    System("GAN", "StackGAN", "Zhang et al. 2016", ("describe",), "stackgan", "caption_digit"),
    System("GAN", "mode collapse", "Goodfellow et al. 2014", ("collapse", "live"), "stacked_gan", "modes",
           "99 (DCGAN; Lin et al. 2018)"),
    System("GAN", "MGGAN", "Bang & Shim 2018", ("collapse",), "stacked_mggan", "modes"),
    System("autoencoders", "autoencoder", "Bank et al. 2021", ("reconstruct",), "ae", "reconstruction_mse"),
    System("autoencoders", "VAE", "Kingma & Welling 2014", ("latents", "reconstruct"), "vae", "nll"),
    System("autoencoders", "VAE of faces", "Kingma & Welling 2014", ("latents",), "frey2d", "elbo"),
    System("autoencoders", "conditional VAE", "Kingma et al. 2014", ("write", "reconstruct"), "cvae", "nll"),
    System("autoencoders", "semi-supervised VAE", "Pu et al. 2016; Kingma et al. 2014", ("labels",), "ssvae",
           "test_accuracy"),
    System("autoencoders", "VAE/GAN", "Larsen et al. 2016", ("reconstruct", "latents"), "vaegan", "frechet_distance"),
    System("autoencoders", "VQ-VAE-2", "Razavi et al. 2019", ("boards",), "vqvae2", "reconstruction_mse"),
    System("autoencoders", "VAE's approximation error", "Shekhovtsov et al. 2021", ("posterior",), "vae2d",
           "approximation_gap"),
    System("autoencoders", "mesh VAE", "Tan et al. 2018", ("mesh",), "meshvae", "vertex_rmse"),
    System("autoregressive", "PixelCNN", "van den Oord et al. 2016", ("pixels",), "pixelcnn", "nll"),
    System("autoregressive", "PixelRNN", "van den Oord et al. 2016", ("pixels",), "pixelrnn", "nll"),
    System("machinery", "transposed-convolution arithmetic", "Dumoulin & Visin 2016", ("lesson",)),
    System("machinery", "losses", "Wang 2020", ("live",)),
    System("after the outline", "R3GAN", "Huang et al. 2024", ("collapse", "live"), "stacked_r3gan", "modes"),
    System("after the outline", "flow matching", "Lipman et al. 2023", ("noise",), "flow", "frechet_distance"),
)


def system_rows(cards: Iterable[Card]) -> Rows:
    """A row for each system; ours is empty where its checkpoint is not there or has not been measured."""
    metrics = {card.name: card.metrics for card in cards}
    rows = [("family", "system", "paper", "tabs", "measure", "paper's figure", "ours")]
    for system in SYSTEMS:
        measure = f"{system.metric} of {system.checkpoint}" if system.metric else ""
        reported = system.reported or targets(system.checkpoint).get(system.metric, Target()).paper or NO_FIGURE
        rows.append((system.family, system.name, system.paper,
                     ", ".join(str(Text(f"tab.{tab}")) for tab in system.tabs), measure,
                     reported if system.metric else "",
                     format_metric(metrics.get(system.checkpoint, {}).get(system.metric))))
    return rows
