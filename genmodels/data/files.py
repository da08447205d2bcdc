"""Files of published data sets: what is wrong with one, said in a line, and how a missing one is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

from genmodels.data.splits import DataError

FOLDERS = ("MNIST", "FashionMNIST", "FreyFace")  # of the published sets in the data folder
WEB_PAGE = (b"<!doctype", b"<html", b"<head", b"<?xml")  # how one begins


def damaged(path: Path, why: str) -> DataError:
    """The error for a file that is there and of no use."""
    return DataError(f"{path} cannot be read ({why}); delete it, and it will be downloaded anew")


def is_there(path: Path) -> bool:
    """Whether there is anything at ``path``; DataError where that may not be known."""
    try:
        return path.exists()
    except OSError as error:
        raise _forbidden(path, error) from None


def read(path: Path) -> bytearray:
    """The bytes of a file that is there; DataError for a folder, an empty file, a web page, or one that is closed."""
    try:
        data = bytearray(path.read_bytes())
    except IsADirectoryError:
        raise damaged(path, "it is a folder, not a file") from None
    except OSError as error:
        raise _forbidden(path, error) from None
    if not data:
        raise damaged(path, "it is empty")
    if bytes(data[:512]).lstrip().lower().startswith(WEB_PAGE):
        raise damaged(path, "it is a web page, saved under that name")
    return data


def fetch(path: Path, urls: Iterable[str], md5: str, remedy: str) -> None:
    """Download a file from the first of ``urls`` that has it, unless it is there intact. DataError says what failed.

    ``md5``: of the file as it was published. ``remedy``: what else can be done, for the error.
    """
    from torchvision.datasets.utils import download_url  # here: importing it takes over a second

    there, reasons = is_there(path), []
    for url in urls:
        try:
            with made(path.parent):
                download_url(url, str(path.parent), path.name, md5)
            return
        except (OSError, RuntimeError, ValueError, HTTPException) as error:
            reasons.append(" ".join(str(error).split()))
    problem = f"could not be downloaded ({'; '.join(reasons)})"
    if there:
        raise DataError(f"{path} is not the file that was published, and another {problem}; delete it, and it will be "
                        f"downloaded anew, or {remedy}")
    raise DataError(f"{path.name} is not in {path.parent} and {problem}; {remedy}")


def check_root(root: Path) -> None:
    """DataError where ``root``, into which a data set would be downloaded, is not empty and holds no data set yet."""
    try:
        if (not root.is_dir() or any((root / name).exists() for name in FOLDERS)
                or all(path.name.startswith(".") for path in root.iterdir())):
            return
        if holds_data_sets(root):
            place = root.absolute()
            for folder in (place, place.parent):
                if folder.name in FOLDERS:
                    raise DataError(f"{root} is the folder of one data set; --data names the one that holds it: --data "
                                    f"{folder.parent}")
            raise DataError(f"{root} holds files of a data set outside its folder; put them into MNIST/raw, "
                            f"FashionMNIST/raw or FreyFace in {root}")
        raise DataError(f"{root} holds none of the data sets, {', '.join(FOLDERS)}; --data names a folder that does, "
                        f"or a new one for a download. To learn from images in it: --dataset folder --data {root}")
    except OSError as error:
        raise _forbidden(root, error) from None


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """Make a folder with its parents; those that are new, and still empty in the end, do not stay."""
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):  # the first that is not empty, or is gone
            for path in new:
                path.rmdir()


def holds_data_sets(root: Path) -> bool:
    """Whether ``root`` holds files of published data sets, rather than images."""
    patterns = ("*-ubyte*", "*/*-ubyte*", "*/*/*-ubyte*", "frey_rawface.mat", "*/frey_rawface.mat")
    return any(any(root.glob(pattern)) for pattern in patterns)


def _forbidden(path: Path, error: OSError) -> DataError:
    return DataError(f"{path} cannot be read ({error.strerror or error})")
