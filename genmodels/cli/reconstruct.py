"""The verb ``reconstruct``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from genmodels.capabilities import CanEncode, CanReconstruct
from genmodels.cli import files
from genmodels.cli.common import CommandError, batches_of, load, names_with
from genmodels.metrics import reconstruction

SUMMARY = "encode images and decode them again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    files.add_input(parser)


def run(args: argparse.Namespace) -> int:
    """Send images through an autoencoder: ``images`` uint8 [N,H,W] and, where it encodes, ``latents`` float32 [N,d],
    the posterior mean."""
    model = load(args.name, args.checkpoints)[0]
    if not isinstance(model, CanReconstruct):
        raise CommandError(f"{args.name} cannot reconstruct; " + names_with(args.checkpoints, CanReconstruct))
    images, labels = files.read_input(args, model)
    encodes = isinstance(model, CanEncode)
    latents = np.empty((len(images), model.latent.dim), np.float32)

    def batches() -> Iterator[np.ndarray]:
        for rows in batches_of(len(images)):
            y = None if labels is None else labels[rows]
            if encodes:
                latents[rows] = reconstruction.encode(model, images[rows], y).mean
            yield model.render(reconstruction.reconstruct(model, images[rows], y))

    files.write_npz(args.out, len(images), batches(), {"latents": latents} if encodes else {})
    return 0
