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
from genmodels.model import config_from_dict

DEFAULTS = {"dataset": "mnist", "steps": None, "seed": 0, "device": "cpu"}


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")  # one line, as for any other bad input; --help has the usage


def main(arguments: list[str]) -> int:
    parser = Parser(
        prog="train.py", description=__doc__,
        epilog="Ctrl-C saves; the same command with --resume goes on. Several processes: torchrun "
        "--nproc_per_node=N train.py ... Exit status: 0 done, 2 bad input, 130 interrupted.")
    parser.add_argument("model", nargs="?", choices=registry.MODELS, help="what to train")
    parser.add_argument("--all", action="store_true", help="make every shipped checkpoint, one after the other")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with the data sets as torchvision keeps them; "
                        "default: data, made and filled by a download")
    parser.add_argument("--dataset", choices=data.DATASETS, default=DEFAULTS["dataset"],
                        help="what to learn from; default: %(default)s")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", dest="fields",
                        help="a field of the model's configuration; --dry-run shows them")
    parser.add_argument("--steps", type=int, help="optimiser steps; default: the model's")
    parser.add_argument("--seed", type=int, default=DEFAULTS["seed"],
                        help="of weights, order of the data and noise; default: %(default)s")
    parser.add_argument("--device", default=DEFAULTS["device"], help="cpu or cuda; default: %(default)s")
    parser.add_argument("--out", type=Path, metavar="DIR", help="checkpoint folder; default: checkpoints/MODEL")
    parser.add_argument("--resume", action="store_true", help="go on where an interrupted run stopped")
    parser.add_argument("--dry-run", action="store_true", help="print the settings, check everything, train nothing")
    args = parser.parse_args(arguments)
    if args.all == bool(args.model):
        parser.error("name one model, or give --all")
    if args.all and (args.out or args.fields):
        parser.error("--out and --set go with one model, not with --all")
    try:
        jobs = registry.CHECKPOINTS if args.all else {args.model: (args.model, {})}
        for checkpoint_name, (model, fields) in jobs.items():
            train(model, fields, args.out or Path("checkpoints") / checkpoint_name, args)
    except KeyboardInterrupt:
        print("\ninterrupted; the same command with --resume goes on from here", file=sys.stderr)
        return 130
    except (ValueError, OSError, data.DataError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 2
    return 0


def train(model: str, fields: dict, out: Path, args: argparse.Namespace) -> None:
    """One checkpoint. ValueError, OSError or DataError, in one clear line, for whatever stands against it."""
    config_class = registry.model_class(model).Config
    fields = {**fields, **dict(map(parse_field, args.fields)), "classes": len(data.DATASETS[args.dataset].classes)}
    config = config_from_dict(config_class, fields | ({} if args.steps is None else {"steps": args.steps}))
    training.check(config, args.device, args.seed, out)
    if args.data and not args.data.is_dir():
        raise ValueError(f"there is no folder {args.data}; --data names a folder that holds the data sets")
    if args.dry_run:
        print(json.dumps({"model": model, "out": str(out), "dataset": args.dataset, "seed": args.seed,
                          "device": args.device, "config": dataclasses.asdict(config)}, indent=1))
        return
    resume = args.resume and (not args.all or (out / training.RESUME).exists())
    if args.all and args.resume and not resume and training.is_made(config, args.dataset, args.seed, out):
        print(f"{out} is made already", file=sys.stderr)
        return
    pictures = data.load(args.dataset, "train", args.data or "data")
    training.fit(training.Run(model, config, args.dataset, pictures, out, replay(model, fields, out, args), args.seed,
                              args.device, resume))


def replay(model: str, fields: dict, out: Path, args: argparse.Namespace) -> str:
    """The command that makes this checkpoint again anywhere: what was typed, less the folder of the data."""
    words = ["python", "train.py", model]
    for name, value in fields.items():
        words += ["--set", f"{name}={value}"] if name != "classes" else []
    for flag in ("dataset", "steps", "seed", "device"):
        if (value := getattr(args, flag)) != DEFAULTS[flag]:
            words += [f"--{flag}", str(value)]
    if out != Path("checkpoints") / model:
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
