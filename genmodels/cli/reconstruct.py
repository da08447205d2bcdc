"""The verb ``reconstruct``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from genmodels.cli import files
from genmodels.cli.common import CommandError, batches_of, load, names_with
from genmodels.images import to_uint8
from genmodels.metrics import reconstruction
from genmodels.model import CanEncode, in_chunks

SUMMARY = "encode images and decode them again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    files.add_input(parser)


def run(args: argparse.Namespace) -> int:
    """Encode images and decode the posterior mean: ``images`` uint8 [N,28,28], ``latents`` float32 [N,d]."""
    model = load(args.name, args.checkpoints)[0]
    if not isinstance(model, CanEncode):
        raise CommandError(f"{args.name} has no encoder, so it cannot reconstruct; "
                           + names_with(args.checkpoints, CanEncode))
    images, labels = files.read_input(args, model)
    latents = np.empty((len(images), model.latent.dim), np.float32)

    def batches() -> Iterator[np.ndarray]:
        for rows in batches_of(len(images)):
            y = None if labels is None else labels[rows]
            mu = reconstruction.encode(model, images[rows], y).mu
            latents[rows] = mu
            yield to_uint8(in_chunks(model.decode, mu, y))

    files.write_npz(args.out, len(images), batches(), {"latents": latents})
    return 0
