"""Tables of the results in the cards: the targets beside the papers' values, and every metric of every checkpoint.

All of it follows from the cards, the results of the controls and the registry of metrics; nothing is measured here.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from genmodels import checkpoint
from genmodels.checkpoint import Card
from genmodels.metrics.registry import METRICS
from genmodels.registry import CHECKPOINTS, Target

Rows = list[tuple[str, ...]]
Results = dict[str, dict[str, Any]]  # name of the metric -> value, n and other facts

Curves = dict[str, Any]  # of ``learning_curves.learning_curves``
FewLabels = dict[str, Any]  # of ``few_labels.few_labels``

# In the folder of the checkpoints.
CONTROLS_FILE, CURVES_FILE, REPORT_FILE = "controls.json", "learning_curves.json", "README.md"
FEW_LABELS_FILE = "few_labels.json"

LEARNERS = {"ssvae": "semi-supervised VAE with agreement", "ssvae_paper": "semi-supervised VAE by the papers' loss",
            "cnn": "CNN"}  # of few labels
HEADLINES = ("test_accuracy", "conditional_accuracy", "clustering_error", "nll", "frechet_distance",
             "coverage", "modes", "modes_kl", "vertex_rmse", "walk_volume_error")  # in this order
TABLES: dict[str, tuple[str, ...]] = {  # title -> metrics
    "Samples beside real images": ("frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage",
                                   "c2st_accuracy", "frechet_2_steps"),
    "Classes": ("bound_accuracy", "class_kl", "class_min", "class_max", "conditional_accuracy", "cas"),
    "Captions that are written": ("written_digit", "written_thickness", "written_slant"),
    "Modes of stacked digits": ("modes", "modes_kl"),
    "Memorization": ("copy_rate", "data_copying_score"),
    "Likelihood and reconstruction": ("nll", "bits_per_pixel", "nll_static", "elbo", "approximation_gap",
                                      "amortization_gap", "reconstruction_mse", "reconstruction_accuracy",
                                      "sharpness_error", "bottleneck_bits", "active_units"),
    "Codes": ("codebook_perplexity", "prior_bits", "prior_bits_train"),
    "Meshes": ("vertex_rmse", "vertex_rmse_pca", "walk_volume_error", "walk_volume_error_offsets",
               "walk_volume_error_pca", "turn_volume_loss", "turn_volume_loss_offsets", "turn_volume_loss_pca",
               "parameter_r2"),
    "As the original papers measured, not to rank by": ("parzen", "nn_test_error", "clustering_error",
                                                        "mi_lower_bound"),
}


def targets(checkpoint_name: str) -> dict[str, Target]:
    """Metric -> target; empty for a checkpoint without any."""
    return CHECKPOINTS[checkpoint_name].targets if checkpoint_name in CHECKPOINTS else {}


def read_results(root: Path) -> tuple[list[Card], dict[str, Results], dict[str, Curves], dict[str, FewLabels]]:
    """The cards of all checkpoints that have one, the results of the controls, the learning curves, and what few labels
    do."""
    cards = []
    for name in checkpoint.list_checkpoints(root):
        with contextlib.suppress(checkpoint.CheckpointError):
            cards.append(checkpoint.read_card(name, root))
    return cards, _read(root / CONTROLS_FILE), read_curves(root), read_few_labels(root)


def read_curves(root: Path) -> dict[str, Curves]:
    """The learning curves by task; empty where they have not been measured."""
    return _read(root / CURVES_FILE)


def read_few_labels(root: Path) -> dict[str, FewLabels]:
    """Accuracy after few labels by method; empty where it has not been measured."""
    return _read(root / FEW_LABELS_FILE)


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {}


def headline_metrics(card: Card) -> str:
    """The first two of ``HEADLINES`` that a checkpoint has, as a cell."""
    found = [f"{name} {card.metrics[name]['value']:g}" for name in HEADLINES if name in card.metrics]
    return ", ".join(found[:2]) or "-"


def target_rows(cards: Iterable[Card]) -> Rows:
    """The metrics that have a target, beside it and beside the paper's value or a note."""
    rows = [("checkpoint", "metric", "value", "n", "target", "met", "paper or note")]
    for card in cards:
        for name, target in targets(card.name).items():
            if result := card.metrics.get(name):
                rows.append((card.name, name, format_metric(result), str(result["n"]), str(target),
                             "yes" if target.met(result["value"]) else "no",
                             "; ".join(filter(None, [target.paper, target.note]))))
    return rows


def metric_tables(cards: Iterable[Card], controls: dict[str, Results]) -> dict[str, Rows]:
    """Title -> one row per checkpoint or control that has one of the table's metrics."""
    subjects = {card.name: card.metrics for card in cards} | {f"({name})": found for name, found in controls.items()}
    tables = {}
    for title, names in TABLES.items():
        rows = [(subject, *(format_metric(results.get(name)) for name in names))
                for subject, results in subjects.items() if any(name in results for name in names)]
        if rows:
            tables[title] = [("", *names), *rows]
    return tables


def traversal_rows(cards: Iterable[Card]) -> Rows:
    """What each traversed latent changes."""
    rows = [("checkpoint", "latent", "property", "rank correlation", "from", "to", "class consistency")]
    for card in cards:
        for latent in card.latent_stats.get("traversals", ()):
            rows.append((card.name, latent["name"], latent["property"], f"{latent['spearman']:+.2f}",
                         f"{latent['low']:g}", f"{latent['high']:g}", f"{latent['class_consistency']:.1%}"))
    return rows


def curve_rows(curves: dict[str, Curves]) -> Rows:
    """Learning curves: a row for each task and number of examples."""
    rows = [("task", "examples", "draws", "naive Bayes", "logistic regression", "ahead by more than the bands")]
    for task, found in curves.items():
        for point in found["points"]:
            bands = (point[model] for model in ("naive_bayes", "logistic"))
            rows.append((task, f"{point['m']:,}", str(point["draws"]), *map(_format_band, bands),
                         (point["ahead"] or "").replace("_", " ")))
    return rows


def few_label_rows(few_labels: dict[str, FewLabels]) -> Rows:
    """Accuracy after few labels: a row for each method and number of labels."""
    rows = [("learner", "labels", "accuracy, mean of the draws", "of each draw", "steps", "paper")]
    for method, found in few_labels.items():
        for point in found["points"]:
            rows.append((LEARNERS[method], str(point["labels"]), f"{point['mean']:.4f}",
                         ", ".join(f"{value:.4f}" for value in point["accuracy"]), f"{found['steps']:,}",
                         f"{point['paper']:.4f}" if "paper" in point else ""))
    return rows


def _format_band(found: dict[str, float | None]) -> str:
    if found["low"] is None:
        return f"{found['mean']:.4f}"
    return f"{found['mean']:.4f} ({found['low']:.4f} to {found['high']:.4f})"


def cost_rows(cards: Iterable[Card]) -> Rows:
    rows = [("checkpoint", "training", "device", "ms per sample", "parameters")]
    for card in cards:
        rows.append((card.name, format_time(card.training["seconds"]), str(card.training.get("device", "")),
                     format_metric(card.metrics.get("ms_per_sample")), f"{card.parameters:,}"))
    return rows


def definition_rows() -> Rows:
    """Every metric of the registry."""
    rows = [("metric", "unit", "better", "samples", "definition")]
    for metric in METRICS.values():
        rows.append((metric.name, metric.unit, metric.direction or "", f"{metric.n_samples:,}" if metric.n_samples
                     else "", metric.description))
    return rows


def format_metric(result: dict[str, Any] | None) -> str:
    """A value in a cell, with its interval, standard error or floor where it has one; empty for None."""
    if result is None:
        return ""
    value = f"{result['value']:g}"
    if "interval" in result:
        return f"{value} ({result['interval'][0]:g} to {result['interval'][1]:g})"
    if "floor" in result:
        return f"{value} (floor {result['floor']:g})"
    return f"{value} ± {result['standard_error']:g}" if "standard_error" in result else value


def format_time(seconds: float) -> str:
    """How long a training took, as a cell."""
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.2g} s"


def markdown_table(rows: Rows) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], ("---",) * len(rows[0]), *rows[1:]))


def render_markdown(cards: list[Card], controls: dict[str, Results], curves: dict[str, Curves],
                    few_labels: dict[str, FewLabels]) -> str:
    """``checkpoints/README.md``: every table, the definitions, and the command that writes them."""
    classifier = next((r["classifier"] for card in cards for r in card.metrics.values() if "classifier" in r), "none")
    name = next((card.name for card in cards if card.weights_sha256.startswith(classifier)), "a classifier")
    parts = [
        "# Results", "Written by `python -m genmodels evaluate --full`; do not edit. Test split, averaged "
        "weights, samples as `python -m genmodels sample` writes them, not selected. The rows in parentheses "
        "are controls: real validation images, which show the best values that can be reached, and four kinds of "
        f"samples with a known defect that some metric must show. The classes of samples are predicted by `{name}` "
        f"({classifier}). Each `card.json` has the counts and seeds behind every value.",
        "## Targets", markdown_table(target_rows(cards)),
    ]
    for title, rows in metric_tables(cards, controls).items():
        parts += [f"## {title}", markdown_table(rows)]
    parts += ["## What the latents change", "Each latent is varied over its trained range (codes from -1 to 1, "
              "normal ones from -2 to 2), everything else fixed. The table names the property of the image that "
              "follows it best, and the mean of that property at both ends.", markdown_table(traversal_rows(cards)),
              "## Learning curves", "Accuracy on test images after so many examples, of naive Bayes and of logistic "
              "regression (Ng & Jordan 2001), with 95 % bands of the mean over the draws of examples. pixels: MNIST; "
              "coarse: means over 4 x 4 pixels, as black or white; drawings: faint images that naive Bayes itself "
              "draws.", markdown_table(curve_rows(curves)),
              "## Few labels", "Accuracy on test images after so many labels of the training split, as many of each "
              "digit. The semi-supervised VAE sees all other images without their labels, the CNN does not. Each is "
              "trained anew for each draw of the labels, for fewer steps than a checkpoint.",
              markdown_table(few_label_rows(few_labels)), "## Cost", markdown_table(cost_rows(cards)),
              "## Definitions", "`samples` is the number of samples that a metric asks for. Real images are those of "
              "the test split, unless the definition says otherwise.", markdown_table(definition_rows())]
    return "\n\n".join(parts) + "\n"
