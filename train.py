"""Train a model and write its checkpoint: python train.py dcgan. See --help."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shlex
import sys
from pathlib import Path
from typing import NoReturn

from genmodels import data, registry, training
from genmodels.config import config_from_dict

DEFAULTS = {"steps": None, "seed": 0, "device": "cpu"}


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")  # one line, as for any other bad input; --help has the usage


def main(arguments: list[str]) -> int:
    parser = Parser(
        prog="train.py", description=__doc__,
        epilog="Ctrl-C saves; the same command with --resume goes on. Several processes: torchrun "
        "--nproc_per_node=N train.py ... Exit status: 0 done, 2 bad input, 130 interrupted.")
    parser.add_argument("checkpoint", nargs="?", choices=registry.CHECKPOINTS,
                        help="what to train: a shipped checkpoint, or its model with other settings")
    parser.add_argument("--all", action="store_true", help="train every shipped checkpoint, one after the other")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with the data sets as torchvision stores "
                        "them, default: data, created and filled by a download; for --dataset folder your images")
    parser.add_argument("--dataset", choices=registry.DATASETS,
                        help="what to learn from; default: the checkpoint's own, for most of them mnist")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", dest="fields",
                        help="a field of the model's configuration; --dry-run shows them")
    parser.add_argument("--steps", type=int, help="optimizer steps; default: the model's")
    parser.add_argument("--seed", type=int, default=DEFAULTS["seed"],
                        help="of weights, order of the data and noise; default: %(default)s")
    parser.add_argument("--device", default=DEFAULTS["device"], help="cpu or cuda; default: %(default)s")
    parser.add_argument("--out", type=Path, metavar="DIR", help="checkpoint folder; default: checkpoints/NAME")
    parser.add_argument("--resume", action="store_true", help="go on where an interrupted run stopped")
    parser.add_argument("--dry-run", action="store_true", help="print the settings, check everything, train nothing")
    args = parser.parse_args(arguments)
    if args.all == bool(args.checkpoint):
        parser.error("name one checkpoint, or give --all")
    if args.all and (args.out or args.fields):
        parser.error("--out and --set go with one checkpoint, not with --all")
    try:
        for name in registry.CHECKPOINTS if args.all else [args.checkpoint]:
            train(name, args)
    except KeyboardInterrupt:
        print("\ninterrupted; the same command with --resume goes on from here", file=sys.stderr)
        return 130
    except (ValueError, OSError, data.DataError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 2
    return 0


def train(name: str, args: argparse.Namespace) -> None:
    """One checkpoint. ValueError, OSError or DataError, in one clear line, for whatever prevents it."""
    entry, model, out = registry.CHECKPOINTS[name], registry.model_name(name), args.out or Path("checkpoints") / name
    dataset_name, root = args.dataset or entry.dataset, args.data or Path("data")
    if args.data and not args.data.is_dir():
        raise ValueError(f"there is no folder {args.data}; --data names a folder that holds the data sets")
    dataset = data.find(dataset_name, root)
    given = dict(map(parse_field, args.fields)) | ({} if args.steps is None else {"steps": args.steps})
    if decided := sorted(dataset.config_fields.keys() & given.keys()):
        raise ValueError(f"--set {decided[0]}: the data set decides that; see --dataset")
    config = config_from_dict(registry.model_class(model).Config, entry.config | dataset.config_fields | given)
    training.check(model, config, args.device, args.seed, out)
    if args.dry_run:
        print(json.dumps({"checkpoint": name, "model": model, "out": str(out), "dataset": dataset_name,
                          "seed": args.seed, "device": args.device, "config": dataclasses.asdict(config)}, indent=1))
        return
    resume = args.resume and (not args.all or (out / training.STATE_FILE).exists())
    if args.all and args.resume and not resume and training.is_complete(config, dataset_name, args.seed, out):
        print(f"{out} is complete already", file=sys.stderr)
        return
    images = dataset.load("train", root)
    for note in dataset.notes:
        print(f"train.py: {note}", file=sys.stderr)
    training.fit(training.TrainingRun(
        model, config, dataset_name, dataset, images, out, reproduce_command(name, out, dataset_name, args), args.seed,
        args.device, resume))


def reproduce_command(name: str, out: Path, dataset_name: str, args: argparse.Namespace) -> str:
    """The command that makes this checkpoint again anywhere: what was typed, without the folder of the data."""
    words = ["python", "train.py", name]
    for field in args.fields:
        words += ["--set", field]
    if dataset_name != registry.CHECKPOINTS[name].dataset:
        words += ["--dataset", dataset_name]
    for flag, default in DEFAULTS.items():
        if (value := getattr(args, flag)) != default:
            words += [f"--{flag}", str(value)]
    if out != Path("checkpoints") / name:
        words += ["--out", str(out)]
    return shlex.join(words)


def parse_field(text: str) -> tuple[str, object]:
    """``name=value``, the value as JSON where it is JSON, else as a string."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--set takes FIELD=VALUE, not {text!r}")
    try:
        return name, json.loads(value.lower() if value in ("True", "False") else value)
    except json.JSONDecodeError:
        return name, value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
