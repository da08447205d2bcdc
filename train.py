"""Train a model and write its checkpoint: python train.py dcgan. See --help."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn

from genmodels import registry
from genmodels.interrupts import Interrupts


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")  # one line, as for any other bad input; --help has the usage


def main(arguments: list[str]) -> int:
    args, interrupts = parse(arguments), Interrupts()
    try:
        with interrupts.raised():
            from genmodels.training import command  # here: it imports torch, meanwhile Ctrl-C is answered, too

            return command.execute(args, interrupts)
    except BaseException as error:  # an import that is interrupted may end in any error
        if not (interrupts.received or isinstance(error, KeyboardInterrupt)):
            raise
    if os.environ.get("LOCAL_RANK", "0") == "0":
        print("\ninterrupted; " + ("the same command with --resume goes on from here" if interrupts.resumable
                                   else "nothing saved yet, so there is nothing to resume"), file=sys.stderr)
    return interrupts.status


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="train.py", description=__doc__,
        epilog="Ctrl-C and SIGTERM save; the same command with --resume goes on. Several processes: torchrun "
        "--nproc_per_node=N train.py ... Exit status: 0 done, 2 bad input, 130 interrupted, 143 terminated.")
    parser.add_argument("checkpoint", nargs="?", choices=registry.CHECKPOINTS,
                        help="what to train: a shipped checkpoint, or its model with other settings")
    parser.add_argument("--all", action="store_true", help="train every shipped checkpoint, one after the other")
    parser.add_argument("--data", type=folder, metavar="DIR", help="folder with the data sets as torchvision stores "
                        "them, default: data, created and filled by a download; for --dataset folder your images")
    parser.add_argument("--dataset", choices=registry.DATASETS,
                        help="what to learn from; default: the checkpoint's own, for most of them mnist")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", dest="fields",
                        help="a field of the model's configuration; --dry-run shows them")
    parser.add_argument("--steps", type=int, help="optimizer steps; default: the model's")
    parser.add_argument("--seed", type=int, default=0, help="of weights, order of the data and noise; default: 0")
    parser.add_argument("--device", default="cpu", help="cpu or cuda; default: cpu")
    parser.add_argument("--out", type=folder, metavar="DIR", help="checkpoint folder; default: checkpoints/NAME")
    parser.add_argument("--resume", action="store_true", help="go on where an interrupted run stopped; with --all, "
                        "keep what is complete")
    parser.add_argument("--force", action="store_true", help="replace the checkpoint or the interrupted run that is in "
                        "the folder; the old checkpoint stays until the new one is complete")
    parser.add_argument("--dry-run", action="store_true", help="print the settings, check everything, train nothing")
    args = parser.parse_args(arguments)
    if args.all == bool(args.checkpoint):
        parser.error("name one checkpoint, or give --all")
    if args.all and (args.out or args.fields):
        parser.error("--out and --set go with one checkpoint, not with --all")
    return args


def folder(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("a folder has a name")  # rather than the one in which this is typed
    return Path(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
