"""The verb ``evaluate``."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from genmodels import checkpoint, data
from genmodels.checkpoint import Card
from genmodels.cli.common import CommandError, check_name, load_classifier, print_table
from genmodels.evaluation import protocol, report
from genmodels.evaluation.context import EvalContext, EvalSubject, checkpoint_subject
from genmodels.evaluation.controls import CONTROLS, control_subject
from genmodels.evaluation.few_labels import METHODS, few_labels
from genmodels.evaluation.learning_curves import TASKS, learning_curves
from genmodels.evaluation.runner import evaluate
from genmodels.latents import parse_seed
from genmodels.model import metadata
from genmodels.registry import DEFAULT_CLASSIFIER

SUMMARY = "measure checkpoints and controls, and with --full write the results into the cards"
# The arguments that name the controls, the tasks of learning curves, and what learns from few labels.
ALL_CONTROLS, CURVES, FEW_LABELS = "controls", "learning-curves", "few-labels"
PARTS = {ALL_CONTROLS: tuple(CONTROLS), CURVES: tuple(TASKS), FEW_LABELS: METHODS}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=f"checkpoints, {ALL_CONTROLS}, {CURVES}, or {FEW_LABELS}, which trains for most of an "
                             "hour; default: all but that")
    parser.add_argument("--full", action="store_true", help="run the full protocol and write the results into the "
                        "cards; without it, run a quick one and write nothing")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with the data sets; default: data")
    parser.add_argument("--seed", default="0", help="seed of the samples (0)")
    parser.add_argument("--classifier", default=DEFAULT_CLASSIFIER, metavar="NAME",
                        help=f"checkpoint that classifies the samples ({DEFAULT_CLASSIFIER})")
    parser.add_argument("--dry-run", action="store_true", help="print the results, write nothing even with --full")


def run(args: argparse.Namespace) -> int:
    """Measure checkpoints and controls by a quick protocol and print the results; with --full by the full protocol,
    whose results are written into the cards and into README.md in the folder of the checkpoints."""
    root, write = args.checkpoints, args.full and not args.dry_run
    context_of, control_dataset = _contexts(args)
    names = [name if name in PARTS else check_name(name, root) for name in args.names]
    names = names or [*checkpoint.list_checkpoints(root), ALL_CONTROLS, CURVES]
    jobs = [(name, part) for name in names for part in PARTS.get(name, [""])]

    cards, controls, curves, few, errors = [], {}, {}, {}, []
    with tqdm(jobs, disable=None, unit="subject", leave=False) as bar:
        for name, part in bar:
            def on_measure(measure: object, name: str = part or name) -> None:
                bar.set_description(f"{name} {measure}")
            try:
                if name == CURVES:
                    context = context_of(control_dataset)
                    limits = context.protocol.curve_limits
                    curves[part] = learning_curves(TASKS[part], context.data, *limits, on_measure)
                    continue
                if name == FEW_LABELS:
                    context = context_of(control_dataset)
                    steps = context.protocol.few_label_steps[part == "cnn"]
                    few[part] = few_labels(part, context.data, context.protocol.few_label_draws, steps, on_measure)
                    if write:  # at once: it has taken long
                        _write_json(root / report.FEW_LABELS_FILE, report.read_few_labels(root) | few)
                    continue
                if name == ALL_CONTROLS:
                    subject = control_subject(context_of(control_dataset), part)
                    controls[part] = evaluate(subject, on_measure).metrics
                    continue
                model, card = checkpoint.load(name, root)
                subject = evaluate(checkpoint_subject(context_of(card.dataset["name"]), model, card), on_measure)
            except (checkpoint.CheckpointError, data.DataError) as error:
                errors.append(str(error))
                continue
            _print_skipped(name, subject)
            cards.append(dataclasses.replace(card, metrics=subject.metrics, latent_stats=subject.latent_stats))
            if write:
                checkpoint.save_card(_updated(card, subject), root / name)
    if write:
        _write_report(root, controls, curves)
    _print_tables(cards, controls, curves, few)
    for error in errors:
        print(f"genmodels: {error}", file=sys.stderr)
    return 2 if errors else 0


def _contexts(args: argparse.Namespace) -> tuple[Any, str]:
    """A function that returns the context of a data set, and the name of the classifier's data set."""
    seed = parse_seed(args.seed)
    if args.data and not args.data.is_dir():
        raise CommandError(f"there is no folder {args.data}; --data names a folder that holds the data sets")
    load = functools.cache(lambda dataset, split: data.load(dataset, split, args.data or "data"))
    classifier, card = load_classifier(args.classifier, args.checkpoints)
    counts = protocol.FULL if args.full else protocol.QUICK
    return functools.cache(lambda dataset: EvalContext(classifier, card, functools.partial(load, dataset), counts,
                                                       seed)), card.dataset["name"]


def _updated(card: Card, subject: EvalSubject) -> Card:
    """The card with the new results, and with what the model can do by today's code. Of the old results only those of
    skipped measures are kept: a metric that is no longer in the protocol must not stay in the card."""
    def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in old.items() if key in subject.skipped} | new

    return dataclasses.replace(card, info=metadata(subject.model), metrics=merged(card.metrics, subject.metrics),
                               latent_stats=merged(card.latent_stats, subject.latent_stats))


def _write_report(root: Path, controls: dict[str, report.Results], curves: dict[str, report.Curves]) -> None:
    for file, found in ((report.CONTROLS_FILE, controls), (report.CURVES_FILE, curves)):
        if found:
            _write_json(root / file, found)
    checkpoint.atomic_write(root / report.REPORT_FILE, report.render_markdown(*report.read_results(root)).encode())


def _write_json(path: Path, found: dict[str, Any]) -> None:
    checkpoint.atomic_write(path, (json.dumps(found, indent=1) + "\n").encode())


def _print_skipped(name: str, subject: EvalSubject) -> None:
    """One line per reason."""
    for reason in dict.fromkeys(subject.skipped.values()):
        records = ", ".join(record for record, why in subject.skipped.items() if why == reason)
        print(f"genmodels: {name}: skipped {records}: {reason}", file=sys.stderr)


def _print_tables(cards: list[Card], controls: dict[str, report.Results], curves: dict[str, report.Curves],
                  few: dict[str, report.FewLabels]) -> None:
    tables = {"Targets": report.target_rows(cards)} | report.metric_tables(cards, controls)
    tables |= {"Latents": report.traversal_rows(cards), "Learning curves": report.curve_rows(curves),
               "Few labels": report.few_label_rows(few)}
    for title, rows in tables.items():
        if len(rows) > 1:
            print(f"\n{title}")
            print_table(rows)
