"""What the flags of ``train.py`` ask for: runs that are all checked before the first one reads its images."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shlex
import sys
from pathlib import Path

from genmodels import data, registry
from genmodels.config import config_from_dict
from genmodels.interrupts import IS_FIRST, STATE, Interrupts
from genmodels.training import sweep
from genmodels.training.folder import check_folder, is_complete
from genmodels.training.loop import fit
from genmodels.training.run import TrainingError, TrainingRun, check

OWN_IMAGES = "folder"  # the data set made of the user's own images
SPEAKS = os.environ.get("LOCAL_RANK", "0") == "0"  # of the processes on this machine: the one that says what is wrong


def execute(args: argparse.Namespace, interrupts: Interrupts) -> int:
    """Do what ``args`` ask for; returns the exit status. Bad input of any kind is one line on stderr."""
    try:
        made = sweep.made() if args.all and args.resume else None
        force = args.force or made is not None  # given when the sweep began
        runs = {name: plan(name, args, force) for name in (registry.CHECKPOINTS if args.all else [args.checkpoint])}
        for name, run in list(runs.items()):
            if args.resume and (made is None or name in made) and is_complete(run):
                say(f"{run.out} is complete already")
                del runs[name]
            elif args.dry_run:
                print(json.dumps({"checkpoint": name, **described(run)}, indent=1), flush=True)
        for run in runs.values():
            if IS_FIRST:
                check_folder(run)
        if not args.dry_run:
            train_all(runs, args, force, interrupts)
    except (ValueError, OSError, data.DataError) as error:
        say(f"train.py: {' '.join(str(error).split())}")
        return 2
    return 0


def train_all(runs: dict[str, TrainingRun], args: argparse.Namespace, force: bool, interrupts: Interrupts) -> None:
    """Train one after the other; KeyboardInterrupt where that is interrupted."""
    keeps_note = args.all and IS_FIRST
    if keeps_note and not args.resume:
        sweep.end()  # an older one, which this takes the place of
        if force:
            sweep.begin(run.out for run in runs.values())
    for name, run in runs.items():
        if interrupts.received:  # in the moment in which the run before this one was put in place
            raise KeyboardInterrupt
        train(run, args, interrupts)
        interrupts.saved = "what is complete"
        if keeps_note and force:
            sweep.add(name)
    if keeps_note:
        sweep.end()


def plan(name: str, args: argparse.Namespace, force: bool) -> TrainingRun:
    """The run that makes one checkpoint, without its images; ValueError, OSError or DataError for bad settings."""
    entry, model, out = registry.CHECKPOINTS[name], registry.model_name(name), args.out or Path("checkpoints") / name
    if out.name in ("", ".."):  # "." and "..": the checkpoint is called by the name of its folder
        out = out.resolve()
    if not out.name:
        raise TrainingError(f"--out names the folder of a checkpoint, which {out} cannot be")
    dataset_name, root = args.dataset or entry.dataset, args.data or Path("data")
    if args.data and not args.data.is_dir():
        raise TrainingError(f"there is no folder {args.data}; --data names a folder that holds the data sets")
    if dataset_name == OWN_IMAGES and not args.data:
        raise TrainingError(f"--dataset {OWN_IMAGES} learns from your own images; --data DIR names their folder")
    dataset = data.find(dataset_name, root)
    if dataset.kind != (kind := registry.model_class(model).learns_from):
        raise TrainingError(f"{model} learns from {kind}, and {dataset_name} is a data set of {dataset.kind}")
    if dataset.in_data_folder:
        data.check_root(root)
    if dataset_name == OWN_IMAGES and out.resolve().is_relative_to(root.resolve()):
        raise TrainingError(f"{out} lies in the folder of images {root} and would be read as one of its classes; --out "
                            "DIR writes elsewhere")
    given = dict(map(parse_field, args.fields)) | ({} if args.steps is None else {"steps": args.steps})
    for field, has in dataset.config_fields.items():
        if given.get(field, has) != has:
            own = "" if dataset_name == OWN_IMAGES else (
                f"; to learn from images of yours, 28x28 gray with a subfolder per class, give --dataset {OWN_IMAGES} "
                "--data DIR")
            raise TrainingError(f"--set {field}={given[field]}: the data set decides that, and {dataset_name} has "
                                f"{field}={has}{own}")
    config = config_from_dict(registry.model_class(model).Config, entry.config | dataset.config_fields | given)
    check(model, config, args.device, args.seed, out)
    # Of all checkpoints, some may not have been begun.
    resume = args.resume and (not args.all or (out / STATE).exists())
    return TrainingRun(model, config, dataset_name, dataset, None, out,
                       reproduce_command(name, out, dataset_name, args), args.seed, args.device, resume,
                       force=force)


def train(run: TrainingRun, args: argparse.Namespace, interrupts: Interrupts) -> None:
    """Read the images and train."""
    if args.data and not run.dataset.in_data_folder and run.dataset_name != OWN_IMAGES:
        say(f"train.py: {run.dataset_name} is drawn and not read, so --data is not used")
    images = run.dataset.load("train", args.data or Path("data"))
    for note in run.dataset.notes:
        say(f"train.py: {note}")
    fit(dataclasses.replace(run, images=images), interrupts)


def parse_field(text: str) -> tuple[str, object]:
    """``name=value``, the value as JSON where it is JSON, else as a string."""
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise TrainingError(f"--set takes FIELD=VALUE, not {text!r}")
    try:
        return name, json.loads(value.lower() if value in ("True", "False") else value)
    except json.JSONDecodeError:
        return name, value


def described(run: TrainingRun) -> dict[str, object]:
    """The settings of a run, to be read."""
    return {"model": run.model, "out": str(run.out), "dataset": run.dataset_name, "seed": run.seed,
            "device": run.device, "config": dataclasses.asdict(run.config)}


def reproduce_command(name: str, out: Path, dataset_name: str, args: argparse.Namespace) -> str:
    """The command that makes this checkpoint again anywhere: what was typed, without the folder of the data.

    "auto" is left out: the loop adds the precision that it came to mean.
    """
    words = ["python", "train.py", name]
    for field in args.fields:
        if parse_field(field) != ("precision", "auto"):
            words += ["--set", field]
    if dataset_name != registry.CHECKPOINTS[name].dataset:
        words += ["--dataset", dataset_name]
    for flag, default in args.defaults.items():
        if (value := getattr(args, flag)) != default:
            words += [f"--{flag}", str(value)]
    if out != Path("checkpoints") / name:
        words += ["--out", str(out)]
    return shlex.join(words)


def say(text: str) -> None:
    """A line on stderr, once on each machine."""
    if SPEAKS:
        print(text, file=sys.stderr)
