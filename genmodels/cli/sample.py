"""The verb ``sample``."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from genmodels import checkpoint, images
from genmodels.cli.common import CommandError, batches_of, load_generative
from genmodels.cli.files import output_path, write_npz
from genmodels.digits import plain_digits
from genmodels.latents import Latents, LatentSpec, parse_seed
from genmodels.model import GenerativeModel

SUMMARY = "draw samples into an .npz file or a .png grid"
MAX_N = 1_000_000
MAX_GRID = 10_000  # images in a PNG
MAX_CODE = 3.0  # of a continuous code, to either side of 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a checkpoint; see: python -m genmodels list")
    parser.add_argument("--n", type=int, default=10_000, help="number of images (10000)")
    parser.add_argument("--seed", default="0", help="seed of the latents (0); image i of a seed does not depend on --n")
    parser.add_argument("--labels", metavar="3,1,4", help="labels to condition on, in turn, for conditional "
                        "models; default: all, in order")
    parser.add_argument("--code", metavar="c1=3,c2=-1.5", help="codes to hold fixed, by name, for models with codes")
    parser.add_argument("--truncation", type=float, default=1.0, metavar="PSI",
                        help="scale latents towards their mean: 1 changes nothing (default), 0 gives the mean")
    parser.add_argument("--out", required=True, type=output_path(".npz", ".png"), metavar="FILE",
                        help="file.npz or file.png")


def run(args: argparse.Namespace) -> int:
    """Draw samples: ``images`` uint8 [N,H,W] or [N,H,W,3] and, where the model takes labels, ``labels`` int64 [N].

    Or a grid.
    """
    to_grid = args.out.suffix == ".png"
    n = check_n(args.n, MAX_GRID if to_grid else MAX_N, " in a .png" if to_grid else "")
    seed = parse_seed(args.seed)
    if not 0 <= args.truncation <= 1:
        raise CommandError(f"--truncation goes from 0 to 1, not {args.truncation:g}")
    model = load_generative(args.name, args.checkpoints)
    labels, codes = parse_labels(args, model.latent), parse_codes(args, model.latent)
    batches = generate(model, seed, n, labels, codes, args.truncation)
    if to_grid:
        columns = len(labels) if len(labels) > 1 else math.ceil(math.sqrt(n))
        with checkpoint.atomic_open(args.out) as file:
            file.write(images.png(images.make_grid(np.concatenate(list(batches)), min(columns, n))))
    else:
        write_npz(args.out, n, batches, {"labels": np.resize(np.array(labels, np.int64), n)} if labels else {})
    return 0


def generate(model: GenerativeModel, seed: int, n: int, labels: Sequence[int], codes: dict[str, int | float],
             truncation: float) -> Iterator[np.ndarray]:
    """The first ``n`` images of ``seed`` in batches, uint8 [*, H, W] or [*, H, W, 3]; image i does not depend on ``n``.

    ``labels``: given to the images in turn; empty for a model without labels. ``codes``: see ``parse_codes``.
    """
    for rows in batches_of(n):
        indices = range(rows.start, rows.stop)
        latents = model.latent.sample(seed, indices)
        z, y = model.latent.truncate(latents.z, truncation), latents.y
        if labels:
            y = torch.tensor([labels[i % len(labels)] for i in indices])
        for name, value in codes.items():
            if isinstance(value, int):
                y = torch.full_like(y, value)
            else:
                z[:, model.latent.slice_of(name)] = value
        yield model.render(model.generate(Latents(z, y)))


def check_n(n: int, max_n: int, where: str) -> int:
    if not 1 <= n <= max_n:
        raise CommandError(f"--n goes from 1 to {max_n}{where}, not {n}")
    return n


def parse_labels(args: argparse.Namespace, spec: LatentSpec) -> list[int]:
    """The labels that the images are conditioned on in turn; empty where the model takes no labels."""
    part = spec.label
    if part is None:
        if args.labels is not None:
            raise CommandError(f"{args.name} takes no labels")
        return []
    if args.labels is None:
        return [part.of_image(index) for index in range(part.classes)]
    return [_parse_category("--labels", text, part.classes) for text in args.labels.split(",")]


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
        codes[name] = (_parse_category(name, text, part.classes) if name in categorical
                       else _parse_continuous(name, text))
    return codes


def _parse_category(what: str, text: str, classes: int) -> int:
    typed = plain_digits(text)
    if not (typed.isdecimal() and int(typed) < classes):
        raise CommandError(f"{what} takes whole numbers from 0 to {classes - 1}, not {text!r}")
    return int(typed)


def _parse_continuous(name: str, text: str) -> float:
    try:
        value = float(plain_digits(text))
    except ValueError:
        value = math.nan
    if not -MAX_CODE <= value <= MAX_CODE:
        raise CommandError(f"{name} takes numbers from {-MAX_CODE:g} to {MAX_CODE:g}, not {text!r}")
    return value
