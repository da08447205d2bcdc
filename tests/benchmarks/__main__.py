"""The command: python -m tests.benchmarks."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NoReturn

import tests.benchmarks
from tests.benchmarks.concurrency import concurrent_load, measure_api
from tests.benchmarks.dragging import measure_explorer, measure_grid, measure_pen
from tests.benchmarks.live import measure_live, measure_modes
from tests.benchmarks.phones import measure_phones
from tests.benchmarks.reading import TRUTH, measure_photos, read_truth
from tests.benchmarks.report import Row, as_json, as_markdown, as_text
from tests.benchmarks.servers import MODELS, NotMeasured
from tests.benchmarks.session import QUICK, BenchSession, Effort, Error
from tests.benchmarks.startup import measure_map, measure_start, measure_weight
from tests.benchmarks.training import measure_neighbor, measure_training

EXPLORERS = {"vae2d-pad": ("vae2d", "pad"), **{model: (model, "slider") for model in MODELS}}
MEASURES: dict[str, Callable[[BenchSession], list[Row]]] = {
    **{name: partial(measure_explorer, model, kind, name) for name, (model, kind) in EXPLORERS.items()},
    "grid": measure_grid, "pen": measure_pen, "map": measure_map, "start": measure_start, "weight": measure_weight,
    "api": measure_api, "load": concurrent_load, "phones": measure_phones,
}
ON_REQUEST: dict[str, Callable[[BenchSession], list[Row]]] = {
    "neighbor": measure_neighbor, "training": measure_training, "photos": measure_photos,
    "live": measure_live, "modes": measure_modes,
}


class BenchError(Exception):
    """Nothing can be measured at all; the message is one clear line."""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BenchError(f"{message}; see --help")


def build_parser() -> Parser:
    parser = Parser(prog="python -m tests.benchmarks", description=tests.benchmarks.__doc__.splitlines()[0],
                    epilog=f"Names: {', '.join(MEASURES)}; and, when asked for, {', '.join(ON_REQUEST)}.")
    parser.add_argument("--only", metavar="NAME,...", default=",".join(MEASURES),
                        help="measure these; default: all that visitors meet")
    parser.add_argument("--photos", metavar="DIR", type=Path,
                        help=f"with photos: count those of a folder too; its {TRUTH} is {{file name: digits}}")
    parser.add_argument("--quick", action="store_true", help="few repetitions: to see that it runs, not how fast")
    parser.add_argument("--json", metavar="PATH", type=Path, help="write the rows to a file too")
    parser.add_argument("--markdown", action="store_true", help="print what has a target as a Markdown table")
    return parser


def check_arguments(args: argparse.Namespace) -> list[str]:
    """The names of the measures to take; BenchError if they cannot be taken or their results not be written."""
    names = [name.strip() for name in args.only.split(",")]
    unknown = [name for name in names if name not in MEASURES | ON_REQUEST]
    if unknown:
        raise BenchError(f"there is no measure {unknown[0]!r}; there are: {', '.join(MEASURES | ON_REQUEST)}")
    if args.json and (args.json.is_dir() or not args.json.parent.is_dir()):
        raise BenchError(f"{args.json} cannot be written")
    if args.photos:
        try:
            read_truth(args.photos)
        except ValueError as error:
            raise BenchError(str(error)) from None
    if not Path("/proc/self/stat").exists():
        raise BenchError("the servers' CPU time and memory are read from /proc, which this system does not have")
    return list(dict.fromkeys(names))


def measure(names: Sequence[str], effort: Effort, photos: Path | None) -> list[Row]:
    """The rows of some measures; one that cannot be taken is a row that says why."""
    rows = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as exits:
        session = BenchSession(Path(folder), effort, exits, photos)
        for name in names:
            print(f"benchmark: {name}", file=sys.stderr, flush=True)
            try:
                rows += (MEASURES | ON_REQUEST)[name](session)
            except (Error, NotMeasured, OSError) as error:
                rows.append(Row(name, "not measured", None, note=str(error).splitlines()[0]))
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit status."""
    try:
        args = build_parser().parse_args(arguments)
        rows = measure(check_arguments(args), QUICK if args.quick else Effort(), args.photos)
        print(as_markdown(rows, list(EXPLORERS), args.quick) if args.markdown else as_text(rows, args.quick))
        if args.json:
            args.json.write_text(as_json(rows, args.quick))
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    except (BenchError, OSError) as error:
        print(f"benchmark: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
