"""What the verbs share: errors, checkpoints and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from genmodels import available, checkpoint
from genmodels.capabilities import HasFeatures
from genmodels.checkpoint import Card
from genmodels.evaluation.report import markdown_table
from genmodels.model import GenerativeModel, Model
from genmodels.registry import model_class

BATCH = 1_024  # images held in memory as floats at a time
QUIET_BELOW = 2_000  # no progress bar for up to so many images


class CommandError(ValueError):
    """The command cannot be run; the message is one clear line."""


def batches_of(n: int) -> Iterator[slice]:
    """The rows 0 to ``n`` in batches of ``BATCH``, with a progress bar on a terminal where it takes a while."""
    with tqdm(total=n, unit="image", disable=True if n <= QUIET_BELOW else None, leave=False) as bar:
        for start in range(0, n, BATCH):
            rows = slice(start, min(start + BATCH, n))
            yield rows
            bar.update(rows.stop - rows.start)


def check_name(name: str, root: Path) -> str:
    if name not in (names := checkpoint.list_checkpoints(root)):
        raise CommandError(f"unknown checkpoint {name!r}; there are: {', '.join(names)}")
    return name


def load(name: str, root: Path) -> tuple[Model, Card]:
    return checkpoint.load(check_name(name, root), root)


def load_generative(name: str, root: Path) -> GenerativeModel:
    model = load(name, root)[0]
    if not isinstance(model, GenerativeModel):
        raise CommandError(f"{name} classifies images and generates none; {names_with(root, GenerativeModel)}")
    return model


def load_classifier(name: str, root: Path) -> tuple[Model, Card]:
    model, card = load(name, root)
    if not isinstance(model, HasFeatures):
        raise CommandError(f"--classifier needs a classifier with features, which {name} is not")
    return model, card


def names_with(root: Path, capability: Any) -> str:
    """Which generative checkpoints have a capability, in words."""
    classes = {name: model_class(checkpoint.read_card(name, root).model) for name in available(root)}
    names = [name for name, cls in classes.items() if issubclass(cls, capability)]
    return f"these can: {', '.join(names)}" if names else "no checkpoint here can"


def print_table(rows: Sequence[Sequence[str]], markdown: bool = False) -> None:
    if markdown:
        print(markdown_table(rows))
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
