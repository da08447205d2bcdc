"""The verb ``encode``."""

from __future__ import annotations

import argparse

import numpy as np
from torch import Tensor

from genmodels import checkpoint
from genmodels.capabilities import CanEncode, CanInferCodes
from genmodels.cli import files
from genmodels.cli.common import CommandError, batches_of, load, names_with
from genmodels.metrics import predictions, reconstruction

SUMMARY = "turn images into latents or codes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    files.add_input(parser)


def run(args: argparse.Namespace) -> int:
    """Turn images into ``latents`` float32 [N,d], the posterior mean; or into the codes that InfoGAN's Q infers:
    ``category`` int64 [N] and ``continuous`` float32 [N,k]."""
    model = load(args.name, args.checkpoints)[0]
    if not isinstance(model, CanEncode | CanInferCodes):
        raise CommandError(f"{args.name} has neither encoder nor recognition network; "
                           + names_with(args.checkpoints, CanEncode | CanInferCodes))
    images, labels = files.read_input(args, model)
    parts: list[dict[str, Tensor]] = []
    with checkpoint.atomic_open(args.out) as file:
        for rows in batches_of(len(images)):
            if isinstance(model, CanEncode):
                y = None if labels is None else labels[rows]
                parts.append({"latents": reconstruction.encode(model, images[rows], y).mean})
            else:
                inferred = predictions.infer_codes(model, images[rows])
                parts.append({"category": inferred.logits.argmax(1), "continuous": inferred.continuous})
        np.savez_compressed(file, **{key: np.concatenate([part[key] for part in parts]) for key in parts[0]})
    return 0
