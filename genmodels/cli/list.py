"""The verb ``list``."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from genmodels import checkpoint
from genmodels.checkpoint import Card
from genmodels.cli.common import CommandError, print_table
from genmodels.evaluation import article, report
from genmodels.ui.text import model_text

SUMMARY = "list the checkpoints with their main metrics"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"  # --update writes between them


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--markdown", action="store_true", help="print the tables of README.md")
    parser.add_argument("--update", type=Path, metavar="FILE",
                        help=f"write these tables into a file such as README.md, between {BEGIN} and {END}")


def run(args: argparse.Namespace) -> int:
    """List the checkpoints: data set, parameters, size, and the main metrics of each."""
    cards, errors = [], []
    for name in checkpoint.list_checkpoints(args.checkpoints):
        try:
            cards.append(checkpoint.read_checked(name, args.checkpoints)[0])
        except checkpoint.CheckpointError as error:
            errors.append(str(error))
    if args.update:
        _update(args.update, markdown(cards, args.checkpoints))
    elif args.markdown:
        print(markdown(cards, args.checkpoints))
    else:
        print_table(_size_rows(cards, args.checkpoints))
    for error in errors:
        print(error)
    return 0


def markdown(cards: list[Card], root: Path) -> str:
    """The tables of README.md: the models and their papers, the outline's systems beside their papers' figures, sizes,
    metrics beside the targets, and, where they have been measured, learning curves and what few labels do."""
    tables = (_model_rows(cards), article.system_rows(cards), _size_rows(cards, root), report.target_rows(cards),
              report.curve_rows(report.read_curves(root)), report.few_label_rows(report.read_few_labels(root)))
    return "\n\n".join(report.markdown_table(rows) for rows in tables if len(rows) > 1)


def _model_rows(cards: list[Card]) -> report.Rows:
    rows = [("name", "model", "paper", "in two sentences")]
    for card in cards:
        info = card.info
        title, *sentences = (str(model_text(word, card.name, card.model)) for word in ("title", "summary", "lesson"))
        rows.append((f"`{card.name}`", title, f"[{info['paper']}]({info['url']}), {info['year']}", " ".join(sentences)))
    return rows


def _size_rows(cards: list[Card], root: Path) -> report.Rows:
    rows = [("name", "data set", "parameters", "size", "trained in", "on", "metrics")]
    for card in cards:
        size = checkpoint.size_on_disk(card.name, root)
        rows.append((card.name, card.dataset["title"], f"{card.parameters:,}",
                     f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} KB",
                     report.format_time(card.training["seconds"]), _where(card), report.headline_metrics(card)))
    return rows


def _where(card: Card) -> str:
    """The processor that a checkpoint was trained on, and the precision, which not every processor is quick at."""
    return ", ".join(str(card.training[key]) for key in ("device", "precision") if key in card.training)


def _update(path: Path, tables: str) -> None:
    """Replace what stands between the markers; CommandError where the file has none."""
    text = path.read_text(encoding="utf-8")
    updated, found = re.subn(f"(?s){BEGIN}.*?{END}", lambda _: f"{BEGIN}\n{tables}\n{END}", text)
    if not found:
        raise CommandError(f"{path} has no {BEGIN} and {END} to write between")
    checkpoint.atomic_write(path, updated.encode())
