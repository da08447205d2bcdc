"""What the cards say, as tables: the bars beside the papers' figures, and every measure of every checkpoint.

All of it follows from the cards and from the figures of the controls; nothing is measured here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from genmodels.checkpoint import Card

Rows = list[tuple[str, ...]]
Figures = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Bar:
    """What a figure should reach, at least ``least`` and at most ``most``, and what its ``paper`` reports."""

    least: float = -float("inf")
    most: float = float("inf")
    paper: str = ""

    def reached(self, value: float) -> bool:
        return self.least <= value <= self.most

    def __str__(self) -> str:
        return f">= {self.least:g}" if self.least > -float("inf") else f"<= {self.most:g}"


BARS: dict[tuple[str, str], Bar] = {  # (checkpoint, figure)
    ("cnn", "test_accuracy"): Bar(least=0.995, paper="0.9905 (LeNet-5, LeCun et al. 1998)"),
    ("gan", "parzen"): Bar(least=225, paper="225 (Goodfellow et al. 2014)"),
    ("gan", "class_min"): Bar(least=0.01),
    ("dcgan", "coverage"): Bar(least=0.85),
    ("dcgan", "density"): Bar(least=0.80),
    ("dcgan", "class_kl"): Bar(most=0.01),
    ("dcgan", "class_min"): Bar(least=0.06),
    ("dcgan", "class_max"): Bar(most=0.14),
    ("dcgan", "c2st_accuracy"): Bar(most=0.90),
    ("cgan", "conditional_accuracy"): Bar(least=0.995),
    ("cgan", "cas"): Bar(least=0.985),
    ("cgan", "coverage"): Bar(least=0.85),
    ("cgan", "nn_test_error"): Bar(most=0.0298, paper="0.0298 (Radford et al. 2016)"),
    ("infogan", "clustering_error"): Bar(most=0.02, paper="0.05 (Chen et al. 2016)"),
    ("infogan", "mi_lower_bound"): Bar(least=2.25, paper="2.30 (Chen et al. 2016)"),
    ("infogan", "code_rank_correlation"): Bar(least=0.9),
    ("infogan", "class_consistency"): Bar(least=0.95),
    ("vae", "nll"): Bar(most=84.3, paper="86.76 (one layer, Burda et al. 2016)"),
    ("vae", "reconstruction_mse"): Bar(most=0.005),
    ("vae2d", "nll"): Bar(most=130),
    ("cvae", "nll"): Bar(most=82.3),
    ("cvae", "conditional_accuracy"): Bar(least=0.99),
}

HEADLINES = ("test_accuracy", "conditional_accuracy", "clustering_error", "nll", "frechet_distance", "coverage")  # in this order
TABLES: dict[str, tuple[str, ...]] = {  # title -> figures
    "Samples beside real digits": ("frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage", "c2st_accuracy"),
    "Classes": ("class_kl", "class_min", "class_max", "conditional_accuracy", "cas"),
    "Copies": ("copy_rate", "data_copying_score"),
    "Likelihood and reconstruction": ("nll", "nll_static", "elbo", "reconstruction_mse", "active_units"),
    "Replays of the papers' own measures, not to rank by": ("parzen", "nn_test_error", "clustering_error", "mi_lower_bound"),
}


def bars(cards: Iterable[Card]) -> Rows:
    """The figures that have a bar, beside it and beside the paper's figure."""
    rows = [("checkpoint", "figure", "here", "n", "bar", "reached", "paper")]
    for card in cards:
        for (name, key), bar in BARS.items():
            if name == card.name and key in card.figures:
                found = card.figures[key]
                rows.append((name, key, shown(found), str(found["n"]), str(bar),
                             "yes" if bar.reached(found["value"]) else "no", bar.paper))
    return rows


def tables(cards: Iterable[Card], controls: dict[str, Figures]) -> dict[str, Rows]:
    """Title -> a row a checkpoint or control that has one of the table's figures."""
    subjects = {card.name: card.figures for card in cards} | {f"({name})": found for name, found in controls.items()}
    made = {}
    for title, keys in TABLES.items():
        rows = [(name, *(shown(figures.get(key)) for key in keys)) for name, figures in subjects.items()
                if any(key in figures for key in keys)]
        if rows:
            made[title] = [("", *keys), *rows]
    return made


def meanings(cards: Iterable[Card]) -> Rows:
    """What each swept latent changes."""
    rows = [("checkpoint", "latent", "property", "rank correlation", "from", "to", "class consistency")]
    for card in cards:
        for code in card.latent.get("traversals", ()):
            rows.append((card.name, code["name"], code["property"], f"{code['spearman']:+.2f}", f"{code['low']:g}",
                         f"{code['high']:g}", f"{code['class_consistency']:.1%}"))
    return rows


def costs(cards: Iterable[Card]) -> Rows:
    rows = [("checkpoint", "training", "device", "ms a sample", "parameters")]
    for card in cards:
        rows.append((card.name, f"{card.training['seconds'] / 60:.0f} min", str(card.training.get("device", "")),
                     shown(card.figures.get("ms_per_sample")), f"{card.parameters:,}"))
    return rows


def shown(figure: dict[str, Any] | None) -> str:
    """A figure in a cell, with its interval or standard error where it has one."""
    if figure is None:
        return ""
    value = f"{figure['value']:g}"
    if "interval" in figure:
        return f"{value} ({figure['interval'][0]:g} to {figure['interval'][1]:g})"
    return f"{value} ± {figure['standard_error']:g}" if "standard_error" in figure else value


def markdown(rows: Rows) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], ("---",) * len(rows[0]), *rows[1:]))


def page(cards: list[Card], controls: dict[str, Figures]) -> str:
    """``checkpoints/README.md``: every table, and how to make them again."""
    judge = next((f["classifier"] for card in cards for f in card.figures.values() if "classifier" in f), "none")
    parts = [
        "# What was measured", "Written by `python -m genmodels evaluate --full`; do not edit. Test split, averaged "
        "weights, samples as `python -m genmodels sample` writes them, nothing hand-picked. The rows in brackets are "
        "controls: real validation digits, which show the best that can be reached, and four kinds of samples that a "
        f"measure should see through. Samples are read by `cnn` ({judge}). Sample counts, seeds and definitions of all "
        "figures stand in each `card.json`.",
        "## Bars", markdown(bars(cards)),
    ]
    for title, rows in tables(cards, controls).items():
        parts += [f"## {title}", markdown(rows)]
    parts += ["## What the latents change", "Each swept as far as it was trained (codes from -1 to 1, normal "
              "latents from -2 to 2) with all else fixed; the property that follows it "
              "most faithfully, and its mean at both ends.", markdown(meanings(cards)), "## Cost",
              markdown(costs(cards))]
    return "\n\n".join(parts) + "\n"
