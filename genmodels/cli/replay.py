"""The verb ``replay``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch

from genmodels import checkpoint, images
from genmodels.cli.common import CommandError, load, names_with
from genmodels.cli.files import output_path
from genmodels.model import GenerativeModel

SUMMARY = "make the picture of a bundle from the page again"
FORMAT = 1  # of latent.json
MAX_IMAGES, MAX_SCALE = 10_000, 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", type=Path, metavar="latent.json", help="from a bundle that the page wrote")
    parser.add_argument("--out", required=True, type=output_path(".png"), metavar="FILE", help="file.png")


def run(args: argparse.Namespace) -> int:
    """Decode the latents of a bundle to the picture that the page showed, pixel for pixel to one gray level."""
    record = read_record(args.bundle)
    model, card = load(record["model"], args.checkpoints)
    if not isinstance(model, GenerativeModel):
        raise CommandError(f"{record['model']} generates no images; {names_with(args.checkpoints, GenerativeModel)}")
    if record.get("weights_sha256") != card.weights_sha256:
        print(f"genmodels: {args.bundle} was made with other weights of {record['model']}: the picture may differ",
              file=sys.stderr)
    try:
        rows = torch.from_numpy(np.array(record["latents"], np.float32))
    except (TypeError, ValueError):
        raise CommandError(f"{args.bundle}: latents is a list of lists of numbers, all equally long") from None
    try:
        latents = model.latent.from_rows(rows)
    except ValueError as error:
        raise CommandError(f"{args.bundle}: {error}") from None
    drawn = model.render(model.generate(latents))
    sheet = images.upscale(images.make_grid(drawn, record["columns"]), record["scale"], images.is_color(drawn))
    with checkpoint.atomic_open(args.out) as file:
        file.write(images.png(sheet))
    return 0


def read_record(path: Path) -> dict:
    """What a bundle's latent.json holds, checked as far as that needs no model; CommandError says what is wrong."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise CommandError(f"{path} is not the latent.json of a bundle") from None
    if not isinstance(record, dict) or record.get("format") != FORMAT or not isinstance(record.get("model"), str):
        raise CommandError(f"{path} is not the latent.json of a bundle, or another version's")
    rows = record.get("latents")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_IMAGES:
        raise CommandError(f"{path}: latents is a list of 1 to {MAX_IMAGES} latents")
    for name, most in (("columns", MAX_IMAGES), ("scale", MAX_SCALE)):
        if not isinstance(record.get(name), int) or not 1 <= record[name] <= most:
            raise CommandError(f"{path}: {name} is a number from 1 to {most}")
    return record
