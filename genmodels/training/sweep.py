"""What ``--all --force`` has made so far, in a file until it is done: an old checkpoint may look like a new one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from genmodels.interrupts import STATE

FILE = Path("checkpoints/.sweep")


def begin(folders: Iterable[Path]) -> None:
    """Start a sweep; interrupted runs in these folders are given up, so that a saved state is one of its own."""
    for folder in folders:
        (folder / STATE).unlink(missing_ok=True)
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text("")


def made() -> set[str] | None:
    """The checkpoints that an interrupted sweep has made; None where there was no such sweep."""
    return set(FILE.read_text().split()) if FILE.exists() else None


def add(name: str) -> None:
    """Keep in mind that this checkpoint is made."""
    with FILE.open("a") as file:
        file.write(f"{name}\n")


def end() -> None:
    """All are made, or the sweep is given up."""
    FILE.unlink(missing_ok=True)
