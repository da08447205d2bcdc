"""The data sets: facts, splits, batches, and errors where the data is missing."""

from __future__ import annotations

import gzip
from http.client import IncompleteRead
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from PIL import Image

from genmodels import data, registry
from genmodels.data import batch_indices, mnist
from genmodels.ui.reference import ReferenceImages


def test_every_data_set_has_its_facts():
    for name in set(registry.DATASETS) - {"folder"}:
        facts = data.find(name)
        assert facts.title and facts.license and facts.source, name
        assert len(facts.classes) == len(set(facts.classes)) and facts.framing in ("digit", "photo")


@pytest.fixture(scope="module")
def splits():
    return {split: data.load("synthetic", split) for split in data.SPLITS}


def test_synthetic_digits_have_three_disjoint_splits(splits):
    assert {split: len(part) for split, part in splits.items()} == {"train": 4_000, "validation": 500, "test": 500}
    seen = set()
    for part in splits.values():
        assert part.images.shape[1:] == (28, 28) and part.images.dtype == torch.uint8
        assert part.labels.dtype == torch.int64 and (torch.bincount(part.labels) == len(part) // 10).all()
        distinct = {image.numpy().tobytes() for image in part.images}
        assert len(distinct) == len(part) and not seen & distinct
        seen |= distinct


def test_batch_converts_images_to_the_model_s_range(splits):
    part = splits["test"]
    x, y = part.batch(torch.tensor([5, 3]))
    assert x.shape == (2, 1, 28, 28) and x.dtype == torch.float32 and x.min() == -1 and x.max() == 1
    torch.testing.assert_close(x[0, 0], part.images[5] / 127.5 - 1)
    assert y.tolist() == [5, 3]


@pytest.mark.parametrize(("name", "split", "listed"), [
    ("nosuch", "train", "mnist"), ("synthetic", "dev", "validation"),
])
def test_unknown_names_are_refused_listing_the_known_ones(name, split, listed):
    with pytest.raises(data.DataError, match=f"unknown.*{listed}"):
        data.load(name, split)


# ---- The IDX files of MNIST and Fashion-MNIST


IMAGES, LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
IDX_SETS = pytest.mark.parametrize(("name", "folder"), [("mnist", "MNIST"), ("fashion", "FashionMNIST")])


def idx(array: np.ndarray) -> bytes:
    """The bytes of an IDX file."""
    return np.array([0x0800 + array.ndim, *array.shape], ">u4").tobytes() + array.tobytes()


@pytest.fixture
def idx_files(monkeypatch, tmp_path):
    """Both sets in small: 30 images to train with, the last 10 of them for validation, and 20 to test with.

    Image and label i are i, modulo 10 for the label.
    """
    monkeypatch.setattr(mnist, "ROWS", {"train": 30, "t10k": 20})
    monkeypatch.setattr(mnist, "VALIDATION_SIZE", 10)
    monkeypatch.setattr("socket.create_connection", lambda *a, **k: pytest.fail("went to the network"))
    for folder in ("MNIST", "FashionMNIST"):
        raw = tmp_path / folder / "raw"
        raw.mkdir(parents=True)
        for part, rows in mnist.ROWS.items():
            i = np.arange(rows, dtype=np.uint8)
            (raw / f"{part}-images-idx3-ubyte").write_bytes(idx(np.tile(i[:, None, None], (1, 28, 28))))
            (raw / f"{part}-labels-idx1-ubyte").write_bytes(idx(i % 10))
    return tmp_path


@IDX_SETS
def test_idx_files_are_split_in_three(name, folder, idx_files):
    found = {split: data.load(name, split, idx_files) for split in data.SPLITS}
    assert {split: part.images[:, 3, 5].tolist() for split, part in found.items()} == {
        "train": list(range(20)), "validation": list(range(20, 30)), "test": list(range(20))}
    for part in found.values():
        assert part.images.shape[1:] == (28, 28) and part.images.dtype == torch.uint8
        assert part.labels.dtype == torch.int64 and torch.equal(part.labels, part.images[:, 0, 0] % 10)


HTML = b"\n<!DOCTYPE html><title>Sign in</title>" + bytes(20 * 784)
PIXELS, DIGITS = np.zeros((20, 28, 28), np.uint8), np.zeros(20, np.uint8)
DAMAGES = {
    "a web page": (IMAGES, HTML, "a web page"),
    "empty": (LABELS, b"", "it is empty"),
    "a few bytes": (IMAGES, b"\0\0\x08\x03\0", "cut short"),
    "cut short": (IMAGES, idx(PIXELS)[:-1], "cut short: 15,695 bytes instead of 15,696"),
    "too long": (LABELS, idx(DIGITS) + b"\0", "too long"),
    "compressed": (IMAGES, gzip.compress(idx(PIXELS)), "still compressed"),
    "wrong magic": (IMAGES, b"\0\0\x0d" + idx(PIXELS)[3:], "no IDX file of images"),
    "labels for images": (IMAGES, idx(DIGITS), "no IDX file of images"),
    "another split's": (LABELS, idx(np.zeros(30, np.uint8)), "holds 30 values, not 20"),
    "another size": (IMAGES, idx(np.zeros((20, 32, 32), np.uint8)), "20 x 32 x 32 values, not 20 x 28 x 28"),
    "other labels": (LABELS, idx(DIGITS + 26), "has the label 26"),
    "a folder": (IMAGES, None, "it is a folder"),
}


@IDX_SETS
@pytest.mark.parametrize(("file", "content", "words"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_idx_file_is_named_with_the_cure(file, content, words, name, folder, idx_files):
    """And the app goes on without it."""
    path = idx_files / folder / "raw" / file
    path.unlink()
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(data.DataError) as caught:
        data.load(name, "test", idx_files)
    message = str(caught.value)
    assert message.startswith(f"{path} cannot be read (") and words in message and "\n" not in message
    assert message.endswith("; delete it, and it will be downloaded anew")
    reference = ReferenceImages(idx_files)
    assert reference.test_examples(name, 10) is None and reference.training_images(name).shape == (20, 28, 28)


def test_a_file_that_may_not_be_read_is_named(idx_files, monkeypatch):
    def deny(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", deny)
    with pytest.raises(data.DataError, match=f"{IMAGES} cannot be read .Permission denied.$"):
        data.load("mnist", "test", idx_files)
    monkeypatch.setattr(Path, "exists", deny)
    with pytest.raises(data.DataError, match="Permission denied"):
        data.load("mnist", "test", idx_files)
    assert ReferenceImages(idx_files).test_examples("mnist", 10) is None


@pytest.mark.parametrize("error", [URLError("no route to host"), RuntimeError("File not found or corrupted."),
                                   PermissionError(13, "denied"), IncompleteRead(b"")],
                         ids=["offline", "corrupted", "denied", "broken-off"])
@IDX_SETS
def test_a_missing_data_set_gives_a_remedy(name, folder, error, monkeypatch, tmp_path):
    def fail(url: str, folder: str, *arguments: str) -> None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        raise error

    monkeypatch.setattr("torchvision.datasets.utils.download_url", fail)
    with pytest.raises(data.DataError, match="could not be downloaded .*--data DIR.*--dataset synthetic") as caught:
        data.load(name, "train", tmp_path / "data")
    assert str(tmp_path / "data" / folder) in str(caught.value) and "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_deleted_file_is_fetched_anew_and_no_other(idx_files, monkeypatch):
    raw, asked = idx_files / "MNIST" / "raw", []
    (raw / IMAGES).unlink()

    def download(url: str, folder: str, name: str, md5: str) -> None:
        asked.append(url)
        if len(asked) == 1:
            raise URLError("no route to host")  # the next mirror has it
        Path(folder, name).write_bytes(gzip.compress(idx(PIXELS + 7)))

    monkeypatch.setattr("torchvision.datasets.utils.download_url", download)
    assert (data.load("mnist", "test", idx_files).images == 7).all()
    assert [url.rpartition("/")[2] for url in asked] == [f"{IMAGES}.gz"] * 2
    assert len(list(raw.iterdir())) == 5  # no file of the unpacking is left


def test_a_web_page_in_place_of_an_archive_is_named(idx_files, monkeypatch):
    """Where it is not replaced, since there is no network."""
    path = idx_files / "MNIST" / "raw" / IMAGES
    path.unlink()
    path.with_name(f"{IMAGES}.gz").write_bytes(HTML)

    def fail(*args, **kwargs):
        raise URLError("no route to host")

    monkeypatch.setattr("torchvision.datasets.utils._get_redirect_url", fail)
    with pytest.raises(data.DataError, match=rf"{IMAGES}\.gz is not the file that was published, .* delete it"):
        data.load("mnist", "test", idx_files)


# ---- Folders that hold something else


@pytest.mark.parametrize("name", ["mnist", "fashion", "frey"])
@pytest.mark.parametrize("file", ["a.png", "3/a.pgm", "train/3/a.png", "thesis.pdf"])
def test_nothing_is_downloaded_into_a_folder_of_something_else(name, file, tmp_path, monkeypatch):
    monkeypatch.setattr("torchvision.datasets.utils.download_url", lambda *arguments: pytest.fail("downloaded"))
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).touch()
    with pytest.raises(data.DataError, match=f"holds none of the data sets, .*--dataset folder --data {tmp_path}$"):
        data.load(name, "train", tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / file]
    assert not [path for path in tmp_path.rglob("*") if path.name in ("MNIST", "FashionMNIST", "FreyFace")]


def test_a_new_or_hidden_file_is_no_reason_against_a_folder_of_data_sets(idx_files):
    (idx_files / LABELS).touch()
    data.check_root(idx_files)
    (idx_files / "new").mkdir()
    (idx_files / "new" / ".DS_Store").touch()
    data.check_root(idx_files / "new")
    data.check_root(idx_files / "not yet there")


@pytest.mark.parametrize("where", ["", "raw"])
def test_files_of_a_data_set_outside_its_folder_are_told_where_they_belong(where, tmp_path):
    (tmp_path / where).mkdir(exist_ok=True)
    (tmp_path / where / IMAGES).touch()
    with pytest.raises(data.DataError, match=f"put them into MNIST/raw, .* in {tmp_path}$"):
        data.check_root(tmp_path)


@pytest.mark.parametrize("inside", ["MNIST", "MNIST/raw"])
def test_the_folder_of_one_set_is_not_the_folder_of_all(inside, idx_files):
    with pytest.raises(data.DataError, match=f"--data {idx_files}$"):
        data.load("mnist", "train", idx_files / inside)


@pytest.mark.parametrize("inside", ["", "MNIST", "MNIST/raw"])
def test_a_folder_of_data_sets_is_no_folder_of_images(inside, idx_files):
    with pytest.raises(data.DataError, match="holds data sets, and no images"):
        data.find("folder", idx_files / inside)


def write_images(folder, count, size=(40, 30)):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.new("RGB", size, (10 * i, 0, 0)).save(folder / f"{i:02}.png")


def test_a_folder_with_subfolders_is_a_labeled_data_set(tmp_path):
    write_images(tmp_path / "cats", 20)
    write_images(tmp_path / "dogs", 12)
    (tmp_path / "dogs" / "notes.txt").write_text("no image")
    (tmp_path / "readme.md").write_text("no image")
    found = data.find("folder", tmp_path)
    assert found.classes == ("cats", "dogs") and found.config_fields == {
        "classes": 2, "channels": 1, "height": 28, "width": 28}
    splits = {split: data.load("folder", split, tmp_path) for split in data.SPLITS}
    assert {split: len(part) for split, part in splits.items()} == {"train": 25, "validation": 3, "test": 4}
    assert all(part.images.shape[1:] == (28, 28) and part.labels.unique().tolist() == [0, 1]
               for part in splits.values())
    assert found.notes[0] == f"read 32 images of 2 classes from {tmp_path.name}"
    assert "skipped 2 files" in found.notes[1] and "notes.txt" in found.notes[1]


def test_images_of_sixteen_bits_keep_their_gray_levels_and_damaged_ones_are_skipped(tmp_path, monkeypatch):
    for i in range(12):
        Image.fromarray(np.tile(np.linspace(0, 65_535, 28, dtype=np.uint16), (28, 1))).save(tmp_path / f"{i:02}.png")
    (tmp_path / "12.avif").write_bytes(b"damaged")
    whole = Image.open

    def open_image(path: Path) -> Image.Image:
        if path.suffix == ".avif":
            raise RuntimeError("Failed to decode image")  # so ends the reading of a damaged one
        return whole(path)

    monkeypatch.setattr(Image, "open", open_image)
    found = data.find("folder", tmp_path)
    assert "skipped 1 file that is not an image" in found.notes[1]
    ramp = found.load("train", tmp_path).images[0, 0]
    assert np.abs(ramp.numpy() - np.linspace(0, 255, 28)).max() <= 1


def test_a_folder_without_subfolders_has_no_labels(tmp_path):
    write_images(tmp_path, 10)
    part = data.load("folder", "train", tmp_path)
    assert data.find("folder", tmp_path).classes == () and part.labels is None
    assert part.batch(torch.arange(2))[1] is None


@pytest.mark.parametrize(("count", "subfolder", "words"), [(3, "", "has 3 images"), (4, "few", "a class needs 10")])
def test_too_few_images_are_refused(count, subfolder, words, tmp_path):
    write_images(tmp_path / subfolder, count)
    with pytest.raises(data.DataError, match=words):
        data.find("folder", tmp_path)


def test_download_false_never_uses_the_network(monkeypatch, tmp_path):
    """With torchvision itself, on an empty folder."""
    monkeypatch.setattr("socket.create_connection", lambda *a, **k: pytest.fail("went to the network"))
    with pytest.raises(data.DataError, match="is not in"):
        data.load("mnist", "test", tmp_path, download=False)


# ---- Batches


@pytest.mark.parametrize(("n", "size"), [(40, 10), (43, 10), (7, 7), (5, 64), (12, 1)])
def test_each_epoch_visits_a_row_at_most_once(n, size):
    per_epoch = max(1, n // size)
    for epoch in range(3):
        rows = torch.cat([batch_indices(n, size, epoch * per_epoch + place, seed=1) for place in range(per_epoch)])
        assert len(rows) == per_epoch * min(size, n) > n - size
        assert len(rows.unique()) == len(rows) and rows.min() >= 0 and rows.max() < n


def test_the_order_depends_on_seed_and_epoch_alone():
    orders = {(seed, epoch): tuple(batch_indices(50, 50, epoch, seed).tolist())
              for seed in (0, 1) for epoch in (0, 1, 2)}
    assert len(set(orders.values())) == 6
    assert all(tuple(batch_indices(50, 50, epoch, seed).tolist()) == order for (seed, epoch), order in orders.items())
