"""Sample, reconstruct, encode and evaluate from the command line: python -m genmodels sample cgan --out grid.png."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from genmodels import checkpoint, data
from genmodels.cli import encode, evaluate, list, reconstruct, replay, sample
from genmodels.cli.common import CommandError

VERBS = (sample, replay, reconstruct, encode, list, evaluate)


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CommandError(f"{message}; see {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    try:
        args = parser().parse_args(arguments)
        if not args.checkpoints.is_dir():
            raise CommandError(f"there is no folder {args.checkpoints}; --checkpoints names a folder of checkpoints")
        return args.run(args)
    except KeyboardInterrupt:
        print("\ninterrupted; nothing was left half written", file=sys.stderr)
        return 130
    except (ValueError, OSError, checkpoint.CheckpointError, data.DataError) as error:
        print(f"genmodels: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """The parser of all verbs; each module in ``VERBS`` has a SUMMARY, ``add_arguments`` and ``run``."""
    top = Parser(prog="python -m genmodels", description=__doc__,
                 epilog="Exit status: 0 done, 2 bad input, 130 interrupted. To train, see: python train.py --help")
    commands = top.add_subparsers(dest="command", required=True)
    for verb in VERBS:
        sub = commands.add_parser(verb.__name__.rpartition(".")[2], help=verb.SUMMARY,
                                  description=verb.run.__doc__.replace("``", ""))
        sub.add_argument("--checkpoints", type=Path, default=checkpoint.ROOT, metavar="DIR",
                         help="folder of the checkpoints; default: the project's")
        verb.add_arguments(sub)
        sub.set_defaults(run=verb.run)
    return top
