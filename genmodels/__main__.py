"""Draw, reconstruct, encode and measure from the command line: python -m genmodels sample cgan --out grid.png."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import functools
import json
import math
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from genmodels import available, checkpoint, data, images
from genmodels.checkpoint import Card
from genmodels.images import to_uint8
from genmodels.latents import Latents, LatentSpec, check_seed, truncate
from genmodels.metrics import autoencoding, information, reading
from genmodels.model import CanClassify, CanEncode, CanRecognise, GenerativeModel, Model, in_chunks
from genmodels.registry import model_class

MAX_N = 1_000_000
MAX_GRID = 10_000  # pictures in a PNG
BLOCK = 1_024  # pictures in memory as floats at a time
CODE_BOUND = 3.0  # of a continuous code
QUICK = 2_000  # up to so many pictures, no progress bar
JUDGE = "cnn"  # the checkpoint that reads digits
CONTROLS = "controls"  # what is measured beside the checkpoints, and where its figures are kept


class CommandError(ValueError):
    """The command asks for what cannot be; the message is one clear line."""


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
    top = Parser(prog="python -m genmodels", description=__doc__,
                 epilog="Exit status: 0 done, 2 bad input, 130 interrupted. To train, see: python train.py --help")
    commands = top.add_subparsers(dest="command", required=True)

    def command(run, summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(run.__name__.strip("_"), help=summary, description=run.__doc__.replace("``", ""))
        sub.add_argument("--checkpoints", type=Path, default=checkpoint.ROOT, metavar="DIR",
                         help="folder of the checkpoints; default: the project's")
        sub.set_defaults(run=run)
        return sub

    sub = command(sample, "draw pictures into an .npz file or a .png grid")
    sub.add_argument("name", metavar="NAME", help="a checkpoint; see: python -m genmodels list")
    sub.add_argument("--n", type=int, default=10_000, help="pictures to draw (10000)")
    sub.add_argument("--seed", default="0", help="of the latents (0); picture i of a seed is the same whatever --n")
    sub.add_argument("--labels", metavar="3,1,4", help="labels to ask for in turn, where the model takes them; "
                     "default: all of them in order")
    sub.add_argument("--code", metavar="c1=3,c2=-1.5", help="codes to hold fixed, by name, where the model has some")
    sub.add_argument("--truncation", type=float, default=1.0, metavar="PSI",
                     help="pull latents towards their mean: 1 leaves them (default), 0 gives the mean")
    sub.add_argument("--out", required=True, type=out(".npz", ".png"), metavar="FILE", help="file.npz or file.png")

    for sub in (command(reconstruct, "encode pictures and decode them again"),
                command(encode, "turn pictures into latents or codes")):
        sub.add_argument("name", metavar="NAME", help="a checkpoint with an encoder; see: python -m genmodels list")
        sub.add_argument("--input", required=True, type=Path, metavar="FILE",
                         help=".npz with images, uint8 [N,28,28], and for a conditional model labels, int64 [N]")
        sub.add_argument("--out", required=True, type=out(".npz"), metavar="FILE", help="file.npz")

    sub = command(list_, "what checkpoints there are")
    sub.add_argument("--markdown", action="store_true", help="the tables as they stand in README.md")

    sub = command(evaluate, "measure checkpoints and controls, and with --full write the figures into the cards")
    sub.add_argument("names", nargs="*", metavar="NAME", help=f"checkpoints, or {CONTROLS}; default: all")
    sub.add_argument("--full", action="store_true", help="the whole protocol, written into the cards; without it, a "
                     "shorter one is printed and nothing is written")
    sub.add_argument("--data", type=Path, metavar="DIR", help="folder with the data sets; default: data")
    sub.add_argument("--seed", default="0", help="of the samples (0)")
    sub.add_argument("--judge", default=JUDGE, metavar="NAME", help=f"checkpoint that reads the samples ({JUDGE})")
    sub.add_argument("--dry-run", action="store_true", help="print the figures, write nothing even with --full")
    return top


# Commands


def sample(args: argparse.Namespace) -> int:
    """Draw pictures: ``images`` uint8 [N,28,28] and, where the model takes labels, ``labels`` int64 [N]; or a grid."""
    grid = args.out.suffix == ".png"
    n = check_n(args.n, MAX_GRID if grid else MAX_N, " in a .png" if grid else "")
    seed = check_seed(args.seed)
    if not 0 <= args.truncation <= 1:
        raise CommandError(f"--truncation goes from 0 to 1, not {args.truncation:g}")
    model = load_generative(args.name, args.checkpoints)
    cycle, codes = parse_labels(args, model.latent), parse_codes(args, model.latent)
    blocks = draw(model, seed, n, cycle, codes, args.truncation)
    if grid:
        columns = len(cycle) if len(cycle) > 1 else math.ceil(math.sqrt(n))
        with checkpoint.whole(args.out) as file:
            file.write(images.png(images.grid(np.concatenate(list(blocks)), min(columns, n))))
    else:
        write_npz(args.out, n, blocks, {"labels": np.resize(np.array(cycle, np.int64), n)} if cycle else {})
    return 0


def reconstruct(args: argparse.Namespace) -> int:
    """Encode pictures and decode the posterior mean: ``images`` uint8 [N,28,28], ``latents`` float32 [N,d]."""
    model = load(args.name, args.checkpoints)[0]
    if not isinstance(model, CanEncode):
        raise CommandError(f"{args.name} has no encoder, so it cannot reconstruct; {able(args.checkpoints, CanEncode)}")
    pictures, labels = read_input(args, model)
    latents = np.empty((len(pictures), model.latent.dim), np.float32)

    def blocks() -> Iterator[np.ndarray]:
        for rows in blocks_of(len(pictures)):
            c = None if labels is None else labels[rows]
            mu = autoencoding.encode(model, pictures[rows], c).mu
            latents[rows] = mu
            yield to_uint8(in_chunks(model.decode, mu, c))

    write_npz(args.out, len(pictures), blocks(), {"latents": latents})
    return 0


def encode(args: argparse.Namespace) -> int:
    """Turn pictures into ``latents`` float32 [N,d], the posterior mean; or into codes, as read by InfoGAN's Q:
    ``category`` int64 [N] and ``continuous`` float32 [N,k]."""
    model = load(args.name, args.checkpoints)[0]
    if not isinstance(model, CanEncode | CanRecognise):
        raise CommandError(f"{args.name} has neither encoder nor recognition network; "
                           + able(args.checkpoints, CanEncode | CanRecognise))
    pictures, labels = read_input(args, model)
    found: list[dict[str, Tensor]] = []
    with checkpoint.whole(args.out) as file:
        for rows in blocks_of(len(pictures)):
            if isinstance(model, CanEncode):
                c = None if labels is None else labels[rows]
                found.append({"latents": autoencoding.encode(model, pictures[rows], c).mu})
            else:
                read = information.recognise(model, pictures[rows])
                found.append({"category": read.logits.argmax(1), "continuous": read.continuous})
        np.savez_compressed(file, **{key: np.concatenate([part[key] for part in found]) for key in found[0]})
    return 0


def list_(args: argparse.Namespace) -> int:
    """The checkpoints: data set, parameters, size, and the figures that say most of each."""
    from genmodels.metrics import report

    rows, troubles = [("name", "data set", "parameters", "size", "trained in", "figures")], []
    for name in checkpoint.names(args.checkpoints):
        try:
            card = checkpoint.read(name, args.checkpoints)[0]
        except checkpoint.CheckpointError as error:
            troubles.append(str(error))
            continue
        figures = [f"{key} {card.figures[key]['value']:g}" for key in report.HEADLINES if key in card.figures][:2]
        rows.append((name, card.dataset["title"], f"{card.parameters:,}",
                     f"{checkpoint.size_on_disk(name, args.checkpoints) / 1e6:.1f} MB",
                     f"{card.training['seconds'] / 60:.0f} min", ", ".join(figures) or "-"))
    print_table(rows, args.markdown)
    if args.markdown:
        print()
        print_table(report.bars(measured(args.checkpoints)[0]), args.markdown)
    for trouble in troubles:
        print(trouble)
    return 0


def evaluate(args: argparse.Namespace) -> int:
    """Measure checkpoints, and the controls beside them, by a short protocol; with --full by the whole one,
    which is written into the cards and into README.md among the checkpoints."""
    from genmodels.metrics import controls, report
    from genmodels.metrics import evaluate as evaluation

    seed, root = check_seed(args.seed), args.checkpoints
    if args.data and not args.data.is_dir():
        raise CommandError(f"there is no folder {args.data}; --data names a folder that holds the data sets")
    pictures = functools.cache(lambda dataset, split: data.load(dataset, split, args.data or "data"))
    judge, judge_card = load_judge(args.judge, root)
    protocol = evaluation.FULL if args.full else evaluation.QUICK
    bench = functools.cache(lambda dataset: evaluation.Bench(judge, judge_card, functools.partial(pictures, dataset),
                                                             protocol, seed))
    names = [name if name == CONTROLS else check_name(name, root) for name in args.names]
    names = names or [*checkpoint.names(root), CONTROLS]
    jobs = [(name, control) for name in names for control in (controls.CONTROLS if name == CONTROLS else [""])]

    cards, found, troubles = [], {}, []
    with tqdm(jobs, disable=None, unit="subject", leave=False) as bar:
        for name, control in bar:
            def tell(measure: str, name: str = control or name) -> None:
                bar.set_description(f"{name} {measure}")
            try:
                if control:
                    subject = evaluation.control_subject(bench(judge_card.dataset["name"]), control)
                    found[control] = evaluation.evaluate(subject, tell).figures
                    continue
                model, card = checkpoint.load(name, root)
                subject = evaluation.checkpoint_subject(bench(card.dataset["name"]), model, card)
                evaluation.evaluate(subject, tell)
            except (checkpoint.CheckpointError, data.DataError, evaluation.JudgeError) as error:
                troubles.append(str(error))
                continue
            # What this protocol no longer measures must not stay in the card as if it did.
            card = dataclasses.replace(card, figures=subject.figures, latent=subject.latent)
            cards.append(card)
            if args.full and not args.dry_run:
                checkpoint.save_card(card, root / name)
    if args.full and not args.dry_run:
        if found:
            checkpoint.replace(root / f"{CONTROLS}.json", (json.dumps(found, indent=1) + "\n").encode())
        checkpoint.replace(root / "README.md", report.page(*measured(root)).encode())
    for title, rows in ({"Bars": report.bars(cards)} | report.tables(cards, found)
                        | {"Latents": report.meanings(cards)}).items():
        if len(rows) > 1:
            print(f"\n{title}")
            print_table(rows)
    for trouble in troubles:
        print(f"genmodels: {trouble}", file=sys.stderr)
    return 2 if troubles else 0


def measured(root: Path) -> tuple[list[Card], dict[str, Any]]:
    """The cards of all checkpoints that have one, and the figures of the controls."""
    cards = []
    for name in checkpoint.names(root):
        with contextlib.suppress(checkpoint.CheckpointError):
            cards.append(checkpoint.read_card(name, root))
    path = root / f"{CONTROLS}.json"
    return cards, json.loads(path.read_text()) if path.exists() else {}


# Drawing


def draw(model: GenerativeModel, seed: int, n: int, cycle: Sequence[int], codes: dict[str, int | float],
         truncation: float) -> Iterator[np.ndarray]:
    """The first ``n`` pictures of ``seed`` in blocks, uint8 [*, 28, 28]; picture i is the same whatever ``n`` is.

    ``cycle``: labels given to the pictures in turn; none for a model without labels. ``codes``: see ``parse_codes``.
    """


    for rows in blocks_of(n):
        indices = range(rows.start, rows.stop)
        latents = model.latent.draw(seed, indices)
        z, c = truncate(latents.z, truncation), latents.c
        if cycle:
            c = torch.tensor([cycle[i % len(cycle)] for i in indices])
        for name, value in codes.items():
            if isinstance(value, int):
                c = torch.full_like(c, value)
            else:
                z[:, model.latent.columns(name)] = value
        yield to_uint8(model.generate(Latents(z, c)))


def blocks_of(n: int) -> Iterator[slice]:
    """The rows 0 to ``n`` in blocks of BLOCK, with a progress bar on a terminal where it takes a while."""
    with tqdm(total=n, unit="picture", disable=True if n <= QUICK else None, leave=False) as bar:
        for start in range(0, n, BLOCK):
            rows = slice(start, min(start + BLOCK, n))
            yield rows
            bar.update(rows.stop - rows.start)


# What the command line gives


def parse_labels(args: argparse.Namespace, spec: LatentSpec) -> list[int]:
    """The labels that the pictures get in turn; none where the model takes no labels."""
    part = spec.categorical
    if part is None or not part.is_label:
        if args.labels is not None:
            raise CommandError(f"{args.name} takes no labels")
        return []
    if args.labels is None:
        return list(range(part.classes))
    return [_category("--labels", text, part.classes) for text in args.labels.split(",")]


def parse_codes(args: argparse.Namespace, spec: LatentSpec) -> dict[str, int | float]:
    """Values of the codes to hold fixed: an int for the categorical one, a float for one of one dimension."""
    if args.code is None:
        return {}
    part = spec.categorical
    categorical = {part.name} if part and not part.is_label else set()
    known = categorical | {p.name for p in spec.continuous if p.dim == 1}
    if not known:
        raise CommandError(f"{args.name} has no codes to hold fixed")
    codes: dict[str, int | float] = {}
    for setting in args.code.split(","):
        name, equals, text = setting.strip().partition("=")
        if not equals or name not in known:
            raise CommandError(f"--code takes NAME=VALUE, not {setting!r}; {args.name} has: {', '.join(sorted(known))}")
        codes[name] = _category(name, text, part.classes) if name in categorical else _continuous(name, text)
    return codes


def _category(what: str, text: str, classes: int) -> int:
    if not (text.strip().isdecimal() and int(text) < classes):
        raise CommandError(f"{what} takes whole numbers from 0 to {classes - 1}, not {text!r}")
    return int(text)


def _continuous(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not -CODE_BOUND <= value <= CODE_BOUND:
        raise CommandError(f"{name} takes numbers from {-CODE_BOUND:g} to {CODE_BOUND:g}, not {text!r}")
    return value


def check_n(n: int, most: int = MAX_N, where: str = "") -> int:
    if not 1 <= n <= most:
        raise CommandError(f"--n goes from 1 to {most}{where}, not {n}")
    return n


# Checkpoints


def check_name(name: str, root: Path) -> str:

    if name not in (names := checkpoint.names(root)):
        raise CommandError(f"unknown checkpoint {name!r}; there are: {', '.join(names)}")
    return name


def load(name: str, root: Path) -> tuple[Model, Card]:

    return checkpoint.load(check_name(name, root), root)


def load_generative(name: str, root: Path) -> GenerativeModel:

    model = load(name, root)[0]
    if not isinstance(model, GenerativeModel):
        raise CommandError(f"{name} reads pictures and cannot draw; {able(root, GenerativeModel)}")
    return model


def load_judge(name: str, root: Path) -> tuple[Model, Card]:

    model, card = load(name, root)
    if not isinstance(model, CanClassify):
        raise CommandError(f"{name} is no classifier, so it cannot be the judge")
    return model, card


def able(root: Path, capability: Any) -> str:
    """Which generative checkpoints have a capability, in words."""
    classes = {name: model_class(checkpoint.read_card(name, root).model) for name in available(root)}
    names = [name for name, cls in classes.items() if issubclass(cls, capability)]
    return f"these can: {', '.join(names)}" if names else "no checkpoint here can"


# Files


def read_input(args: argparse.Namespace, model: Model) -> tuple[np.ndarray, Tensor | None]:
    """``images`` uint8 [N, 28, 28] of --input, and labels int64 [N] for a conditional model, given or the judge's."""


    arrays, path = load_npz(args.input, ("images", "labels")), args.input
    if "images" not in arrays:
        raise CommandError(f"{path} has no array called images")
    pictures = arrays["images"]
    if pictures.dtype != np.uint8 or pictures.shape[1:] != (28, 28) or not len(pictures):
        raise CommandError(f"{path}: images must be uint8 [N,28,28], N at least 1, not {pictures.dtype} "
                           f"{list(pictures.shape)}")
    part = model.latent.categorical
    if part is None or not part.is_label:
        return pictures, None
    if "labels" not in arrays:
        judge = load_judge(JUDGE, args.checkpoints)[0]
        print(f"genmodels: {path} has no labels; the checkpoint {JUDGE!r} reads them", file=sys.stderr)
        return pictures, reading.read(judge, pictures)
    labels = arrays["labels"]
    if labels.dtype.kind not in "iu" or labels.shape != pictures.shape[:1]:
        raise CommandError(f"{path}: labels must be int64 [{len(pictures)}], not {labels.dtype} {list(labels.shape)}")
    if labels.min() < 0 or labels.max() >= part.classes:
        raise CommandError(f"{path}: labels go from 0 to {part.classes - 1}, not {labels.min()} to {labels.max()}")
    return pictures, torch.from_numpy(labels.astype(np.int64))


def load_npz(path: Path, keys: Iterable[str]) -> dict[str, np.ndarray]:
    """Those arrays of ``keys`` that the file has; no pickles."""
    if not path.is_file():
        raise CommandError(f"there is no file {path}")
    if not zipfile.is_zipfile(path):
        raise CommandError(f"{path} is not an .npz file")
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: np.asarray(file[key]) for key in keys if key in file.files}
    except (OSError, ValueError, EOFError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise CommandError(f"{path} is damaged or no .npz file ({error})") from None


def write_npz(path: Path, n: int, blocks: Iterable[np.ndarray], rest: dict[str, np.ndarray]) -> None:
    """An .npz with ``images`` uint8 [n, 28, 28], written as the blocks come, then the arrays of ``rest``."""
    with checkpoint.whole(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("images.npy", "w", force_zip64=True) as entry:
            header = {"descr": "|u1", "fortran_order": False, "shape": (n, 28, 28)}
            np.lib.format.write_array_header_1_0(entry, header)
            for block in blocks:
                entry.write(block.tobytes())
        for key, array in rest.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array)


def out(*suffixes: str):
    """An argument that names a file to write, with one of these endings, in a folder that there is."""
    def path(text: str) -> Path:
        path = Path(text)
        if path.suffix not in suffixes:
            raise argparse.ArgumentTypeError(f"{text!r} does not end in {' or '.join(suffixes)}")
        if path.is_dir():
            raise argparse.ArgumentTypeError(f"{text} is a folder")
        if not path.parent.is_dir():
            raise argparse.ArgumentTypeError(f"there is no folder {path.parent}")
        return path

    return path


def print_table(rows: Sequence[Sequence[str]], markdown: bool = False) -> None:
    if markdown:
        from genmodels.metrics import report
        print(report.markdown(rows))
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
