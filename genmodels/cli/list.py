"""The verb ``list``."""

from __future__ import annotations

import argparse

from genmodels import checkpoint
from genmodels.cli.common import print_table
from genmodels.evaluation import report

SUMMARY = "what checkpoints there are"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--markdown", action="store_true", help="the tables as they stand in README.md")


def run(args: argparse.Namespace) -> int:
    """The checkpoints: data set, parameters, size, and the metrics that say most of each."""
    rows, errors = [("name", "data set", "parameters", "size", "trained in", "metrics")], []
    for name in checkpoint.list_checkpoints(args.checkpoints):
        try:
            card = checkpoint.read_checked(name, args.checkpoints)[0]
        except checkpoint.CheckpointError as error:
            errors.append(str(error))
            continue
        size = checkpoint.size_on_disk(name, args.checkpoints)
        rows.append((name, card.dataset["title"], f"{card.parameters:,}", f"{size / 1e6:.1f} MB",
                     f"{card.training['seconds'] / 60:.0f} min", report.headline_metrics(card)))
    print_table(rows, args.markdown)
    if args.markdown:
        print()
        print_table(report.target_rows(report.read_results(args.checkpoints)[0]), args.markdown)
    for error in errors:
        print(error)
    return 0
