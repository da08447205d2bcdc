"""What ``app.py`` makes of its flags; ValueError with one line on a bad one."""

from __future__ import annotations

import re
from pathlib import Path

from genmodels.run_history import is_run
from genmodels.ui.reference import FOLDERS, data_places


def read_logins(given: list[str]) -> list[tuple[str, str]] | None:
    """Users and passwords, from ``USER:PASSWORD`` or from the lines of ``@FILE``; None where no login is wanted.

    Of a file, blank lines and those that begin with # do not count.
    """
    logins: dict[str, str] = {}
    for entry in given:
        for number, line in _lines(Path(entry[1:])) if entry.startswith("@") else [(1, entry)]:
            user, colon, password = line.partition(":")
            if not (user.strip() and colon and password):
                where = f"line {number} of {entry[1:]}" if entry.startswith("@") else "--auth"
                raise ValueError(f"{where} is no USER:PASSWORD")  # without the line, which may be a password
            logins[user.strip()] = password
    return list(logins.items()) or None


def _lines(file: Path) -> list[tuple[int, str]]:
    try:
        lines = [(number, line) for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), 1)
                 if line.strip() and not line.lstrip().startswith("#")]
    except UnicodeDecodeError:
        raise ValueError(f"{file} is no text file of logins") from None
    if not lines:
        raise ValueError(f"there is no login in {file}")
    return lines


def root_path(given: str | None) -> str | None:
    """The path or address at which visitors find the page, without its last slash."""
    if given is not None and not re.fullmatch(r"(https?://[^/\s]+)?(/[^\s?#]*)?", given):
        raise ValueError(f"--root-path is a path such as /demo or an address such as https://host/demo, not {given!r}")
    return given and given.rstrip("/")


def watched_folder(given: str | None) -> Path | None:
    """The folder of the run to be watched."""
    if given is None:
        return None
    folder = Path(given)
    if not folder.is_dir():
        raise ValueError(f"--watch: there is no folder {given}; it is the one that train.py writes a run into")
    if not is_run(folder):
        raise ValueError(f"--watch: {given} is not the folder of a run; it is the one that train.py writes a run into, "
                         "such as checkpoints/dcgan")
    return folder


def missing_data() -> str:
    """A line that says where data sets were looked for and what the page lacks without; empty where there are some."""
    places = data_places()
    if any((place / folder).is_dir() for place in places for folder in FOLDERS):
        return ""
    return (f"No data sets in {' or '.join(map(str, places))}: "
            "the page works without the nearest training images and without test images as examples.\n")
