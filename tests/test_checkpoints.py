"""The shipped checkpoints are complete and match the registry; a damaged one gives a one-line error."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from conftest import (
    ROOT,
    build,
    largest_change,
    mostly_slow,
    save_checkpoint,
    shipped_with,
    shipped_with_label,
    tiny_config,
)
from PIL import Image

from genmodels import checkpoint, data, images, registry
from genmodels.checkpoint import Card, CheckpointError
from genmodels.config import config_from_dict
from genmodels.latents import Latents, LatentSpec
from genmodels.model import Model, metadata
from genmodels.training.history import SNAPSHOT_IMAGES
from genmodels.ui.api.image_payloads import decode_images
from genmodels.ui.api.sample import SampleEndpoints
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs import sample as sample_tab

shipped = pytest.mark.parametrize("name", registry.CHECKPOINTS)
GENERATIVE = shipped_with("decode")
MEGABYTE = 1_000_000


@functools.cache
def load(name: str) -> tuple[Model, Card]:
    return checkpoint.load(name)


# ---- Shipped checkpoints


def test_tensors_lie_where_the_page_is_told():
    data = (checkpoint.ROOT / "vae2d" / checkpoint.WEIGHTS).read_bytes()
    places = checkpoint.tensor_places(data)
    for name, tensor in safetensors.torch.load(data).items():
        kind, start, end = places.pop(name)
        assert kind == "F16" and (np.frombuffer(data[start:end], np.float16) == tensor.numpy().ravel()).all()
    assert places == {}


@shipped
def test_weights_have_the_hash_and_size_of_the_card(name):
    model, card = load(name)
    stored = (checkpoint.ROOT / name / checkpoint.WEIGHTS).read_bytes()
    assert hashlib.sha256(stored).hexdigest() == card.weights_sha256
    assert card.parameters == sum(p.numel() for p in model.parameters())
    assert not model.training and all(value.isfinite().all() for value in model.state_dict().values())


@shipped
def test_weights_are_in_half_precision(name):
    """But for counts, which are integers."""
    stored = safetensors.torch.load_file(checkpoint.ROOT / name / checkpoint.WEIGHTS)
    assert {value.dtype for value in stored.values() if value.is_floating_point()} <= {torch.float16}


@shipped
def test_folder_has_its_files_and_no_others_below_10_mb(name):
    files = {path.name: path.stat().st_size for path in (checkpoint.ROOT / name).glob("[!.]*")}
    image_files = {checkpoint.SAMPLES, checkpoint.HISTORY_IMAGES} if name in GENERATIVE else set()
    assert set(files) == {checkpoint.WEIGHTS, checkpoint.CARD, checkpoint.HISTORY} | image_files
    assert checkpoint.size_on_disk(name) == sum(files.values()) < 10 * MEGABYTE


@shipped
def test_card_matches_the_registry_and_the_default_configs(name):
    """If a default changes after training, the command on the card no longer gives this model."""
    card = checkpoint.read_card(name)
    entry, model = registry.CHECKPOINTS[name], registry.model_name(name)
    fields = entry.config | data.find(entry.dataset).config_fields
    config = config_from_dict(registry.model_class(model).Config, fields | {"precision": card.config["precision"]})
    assert (card.name, card.model, card.config) == (name, model, dataclasses.asdict(config))
    assert card.training["precision"] in ("float32", "bfloat16")
    chosen = f" --set precision={card.training['precision']}" if type(config)().precision == "auto" else ""
    assert card.training["command"] == registry.training_command(name) + chosen
    assert card.training["steps"] == config.steps


@shipped
def test_card_has_the_metadata_of_its_model(name):
    """The page lists models by their cards, without loading them."""
    model, card = load(name)
    assert card.info == json.loads(json.dumps(metadata(model)))
    if card.info["latent"] is not None:
        assert LatentSpec.from_json(card.info["latent"]) == model.latent


@shipped
def test_card_has_the_data_set_and_the_training_run(name):
    card = checkpoint.read_card(name)
    dataset = registry.CHECKPOINTS[name].dataset
    facts = {"name": dataset, **data.find(dataset).to_json(), "split": "train"}
    assert card.dataset == facts | {"images": card.dataset["images"]} and card.dataset["images"] > 1_000
    # An hour on a free machine, two for what learns pixel by pixel; wall-clock time grows where others work beside it.
    most = 10_800 if card.info["family"] == "autoregressive" else 5_400
    assert 0 < card.training["seconds"] <= most and card.training["steps_per_second"] > 0
    assert isinstance(card.training["seed"], int) and card.training["device"] and card.training["torch"]
    assert card.metrics, "not evaluated yet: python -m genmodels evaluate"
    assert not re.search(r"(?:^|[\s\"=])/\w", card.to_json()), "a path of the machine that trained it"


@shipped
def test_history_covers_all_steps(name):
    folder, card = checkpoint.ROOT / name, checkpoint.read_card(name)
    history = json.loads((folder / checkpoint.HISTORY).read_text())
    steps = history["steps"]
    assert len(steps) >= min(100, card.config["steps"]) and steps == sorted(set(steps))
    assert steps[0] == 0 and steps[-1] >= 0.98 * card.config["steps"] - 1
    assert history["losses"]
    for curve in history["losses"].values():
        assert len(curve) == len(steps) and all(value is None or math.isfinite(value) for value in curve)
    if name in GENERATIVE:
        rows = history["image_steps"]
        assert rows[0] == 1 and rows[-1] == card.config["steps"]
        with Image.open(folder / checkpoint.HISTORY_IMAGES) as snapshots:
            assert snapshots.size == (card.config["width"] * SNAPSHOT_IMAGES, card.config["height"] * len(rows))


@pytest.mark.parametrize("name", GENERATIVE)
def test_stored_samples_are_those_of_the_weights(name):
    model, card = load(name)
    stored = np.asarray(Image.open(checkpoint.ROOT / name / checkpoint.SAMPLES)).astype(int)
    drawn = model.render(model.generate(model.latent.sample(0, range(64))))
    apart = np.abs(images.upscale(images.make_grid(drawn, columns=8), 2, images.is_color(drawn)) - stored)
    assert largest_change(apart, card.info["capabilities"]) <= 2  # rounding depends on the processor


def test_the_stored_first_grid_is_what_the_endpoint_returns():
    """The page's first grid is read from the file beside the weights."""
    store = ModelStore()
    stored = sample_tab.stored_answer(store, "dcgan")
    sampled = SampleEndpoints(store).sample(**stored["request"])
    assert stored["alt"] == sampled["alt"] and stored["shape"] == sampled["shape"]
    difference = decode_images(stored).astype(int) - decode_images(sampled)
    assert np.abs(difference).max() <= 2  # rounding depends on the processor


def test_the_readme_draws_what_the_page_does():
    snippet = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)[1]
    drawn: dict = {}
    exec(snippet, drawn)
    expected = decode_images(SampleEndpoints(ModelStore()).sample("cgan", 16, 7))
    assert (images.to_uint8(drawn["images"]) == expected).all()


@mostly_slow("name", shipped_with_label(), set(shipped_with_label()) - set(shipped_with("generate_steps")))
def test_conditional_samples_are_classified_as_their_label_as_often_as_the_card_says(name):
    (model, card), classifier = load(name), load("cnn")[0]
    z, labels = model.latent.sample(7, range(200)).z, torch.arange(200) % 10
    predicted = classifier.classify(model.generate(Latents(z, labels))).argmax(1)
    measured = card.metrics["conditional_accuracy"]["value"]
    assert (predicted == labels).float().mean() > measured - 0.1  # three standard errors of 200 samples, at most


def test_shipped_checkpoints_are_listed_in_teaching_order():
    assert checkpoint.list_checkpoints()[: len(registry.CHECKPOINTS)] == list(registry.CHECKPOINTS)


# ---- Damage


@pytest.fixture(scope="module")
def intact(tmp_path_factory) -> Path:
    """A folder of checkpoints with an intact one, gan."""
    root = tmp_path_factory.mktemp("checkpoints")
    save_checkpoint(build("gan", **tiny_config("gan")), "gan", root / "gan")
    return root


@pytest.fixture
def root(intact, tmp_path) -> Path:
    return Path(shutil.copytree(intact, tmp_path / "checkpoints"))


def change_card(folder: Path, **fields: object) -> None:
    values = json.loads((folder / checkpoint.CARD).read_text())
    (folder / checkpoint.CARD).write_text(json.dumps(values | fields))


def change_weights(folder: Path, content: bytes, update_hash: bool = False) -> None:
    """Replace the weights; ``update_hash``: also their hash in the card."""
    (folder / checkpoint.WEIGHTS).write_bytes(content)
    if update_hash:
        change_card(folder, weights_sha256=hashlib.sha256(content).hexdigest())


def flip_a_bit(folder: Path) -> None:
    content = bytearray((folder / checkpoint.WEIGHTS).read_bytes())
    content[len(content) // 2] ^= 1
    change_weights(folder, bytes(content))


def config_with(folder: Path, **fields: object) -> None:
    change_card(folder, config=json.loads((folder / checkpoint.CARD).read_text())["config"] | fields)


def drop_field(folder: Path) -> None:
    values = json.loads((folder / checkpoint.CARD).read_text())
    del values["config"]
    (folder / checkpoint.CARD).write_text(json.dumps(values))


def folder_for_weights(folder: Path) -> None:
    (folder / checkpoint.WEIGHTS).unlink()
    (folder / checkpoint.WEIGHTS).mkdir()


DAMAGES = {
    "no-folder": shutil.rmtree,
    "no-card": lambda folder: (folder / checkpoint.CARD).unlink(),
    "no-weights": lambda folder: (folder / checkpoint.WEIGHTS).unlink(),
    "weights-a-folder": folder_for_weights,
    "one-bit": flip_a_bit,
    "cut-short": lambda folder: change_weights(folder, (folder / checkpoint.WEIGHTS).read_bytes()[:-1]),
    "empty": lambda folder: change_weights(folder, b""),
    "empty-with-their-hash": lambda folder: change_weights(folder, b"", update_hash=True),
    "noise-with-their-hash": lambda folder: change_weights(folder, b"\xff" * 100, update_hash=True),
    "other-tensors": lambda folder: change_weights(
        folder, safetensors.torch.save({"a": torch.zeros(1)}), update_hash=True),
    "card-garbage": lambda folder: (folder / checkpoint.CARD).write_bytes(b"\x80\x04garbage"),
    "card-cut-short": lambda folder: (folder / checkpoint.CARD).write_text('{"name": "gan", '),
    "card-a-list": lambda folder: (folder / checkpoint.CARD).write_text("[1, 2]"),
    "card-a-number": lambda folder: (folder / checkpoint.CARD).write_text("7"),
    "card-without-config": drop_field,
    "card-of-the-future": lambda folder: change_card(folder, surprise=1),
    "config-no-object": lambda folder: change_card(folder, config=3),
    "training-no-object": lambda folder: change_card(folder, training=["python"]),
    "data-without-title": lambda folder: change_card(folder, dataset={"name": "mnist"}),
    "metric-without-value": lambda folder: change_card(folder, metrics={"accuracy": {"samples": 10}}),
    "metric-no-object": lambda folder: change_card(folder, metrics={"accuracy": 0.5}),
    "unknown-model": lambda folder: change_card(folder, model="nosuch"),
    "model-no-name": lambda folder: change_card(folder, model=["gan"]),
    "unknown-config-field": lambda folder: config_with(folder, hiden=3),
    "config-of-wrong-type": lambda folder: config_with(folder, hidden="many"),
    "config-of-wrong-size": lambda folder: config_with(folder, hidden=33),
    "config-below-zero": lambda folder: config_with(folder, hidden=-1),
    "another-model": lambda folder: change_card(folder, model="cnn"),
}


def test_the_intact_checkpoint_loads(root):
    assert checkpoint.load("gan", root)[1].name == "gan" and "gan" in checkpoint.list_checkpoints(root)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_gives_one_line_with_the_command_that_trains_it_again(damage, root):
    damage(root / "gan")
    with pytest.raises(CheckpointError, match=r"'gan' .*; make it with: python train.py gan( --force)?$") as raised:
        checkpoint.load("gan", root)
    assert "\n" not in str(raised.value) and raised.value.__cause__ is None
    assert raised.value.command.endswith("--force") == (raised.value.problem != "missing")


@pytest.mark.parametrize(("name", "remedy"), [
    ("vae2d", registry.training_command("vae2d")),
    ("nosuch", ", ".join(registry.CHECKPOINTS)),
])
def test_a_missing_checkpoint_gives_the_command_or_the_known_names(name, remedy, tmp_path):
    with pytest.raises(CheckpointError, match=f"'{name}' is missing.*: {remedy}$"):
        checkpoint.load(name, tmp_path)


def test_atomic_write_replaces_a_file_completely_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "file"
    checkpoint.atomic_write(file, b"old")
    monkeypatch.setattr(Path, "replace", lambda *arguments: (_ for _ in ()).throw(OSError("the disk is gone")))
    with pytest.raises(OSError, match="gone"):
        checkpoint.atomic_write(file, b"new")
    assert file.read_bytes() == b"old" and list(tmp_path.iterdir()) == [file]
