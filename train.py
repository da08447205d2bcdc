"""Train a model and write its checkpoint: python train.py dcgan. See --help."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from genmodels.interrupts import IS_FIRST, STATE, Interrupts


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")  # one line, as for any other bad input; --help has the usage


def main(arguments: list[str]) -> int:
    interrupts, args = Interrupts(), None
    try:
        with interrupts.raised():  # first of all: what is imported below takes seconds
            args = parse(arguments)
            interrupts.saved = asked_to_resume(args)
            from genmodels.training import command

            return command.execute(args, interrupts)
    except BaseException as error:  # an import that is interrupted may end in any error
        if not (interrupts.received or isinstance(error, KeyboardInterrupt)):
            raise
    if IS_FIRST:
        print("\ninterrupted" + ("" if args is None else f"; {outlook(args, interrupts)}"), file=sys.stderr)
    return interrupts.status


def asked_to_resume(args: argparse.Namespace) -> str:
    """What --resume can go on from, in words; empty where it was not given, or there is nothing."""
    if not args.resume:
        return ""
    if args.all:
        return "what is complete"
    state = (args.out or Path("checkpoints") / args.checkpoint) / STATE
    return "what is saved" if state.exists() else ""


def outlook(args: argparse.Namespace, interrupts: Interrupts) -> str:
    """What becomes of an interrupted run."""
    if not interrupts.saved:
        return "nothing of this run is saved yet"
    flag = "--resume instead of --force" if args.force else "--resume"
    return f"the same command with {flag} goes on from {interrupts.saved}"


def parse(arguments: list[str]) -> argparse.Namespace:
    from genmodels import registry

    parser = Parser(
        prog="train.py", description=__doc__,
        epilog="Ctrl-C and SIGTERM save; the same command with --resume, and without --force, goes on. Several "
        "processes: torchrun --nproc_per_node=N train.py ... Exit status: 0 done, 2 bad input, 130 interrupted, 143 "
        "terminated.")
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
    parser.add_argument("--resume", action="store_true", help="go on where an interrupted run, or --all --force, "
                        "stopped; with --all, keep what is complete")
    parser.add_argument("--force", action="store_true", help="replace the checkpoint or the interrupted run that is in "
                        "the folder; the old checkpoint stays until the new one is complete")
    parser.add_argument("--dry-run", action="store_true", help="print the settings, check everything, train nothing; "
                        "exit status 2 where the run would be refused")
    args = parser.parse_args(arguments)
    if args.all == bool(args.checkpoint):
        parser.error("name one checkpoint, or give --all")
    if args.all and (args.out or args.fields):
        parser.error("--out and --set go with one checkpoint, not with --all")
    if args.resume and args.force:
        parser.error("--resume goes on with what --force would start anew; give one of the two")
    args.defaults = {flag: parser.get_default(flag) for flag in ("steps", "seed", "device")}  # not in a card's command
    return args


def folder(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("the folder's name is empty")  # rather than the one in which this is typed
    return Path(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
