"""What all tests share: markers, a time limit, tiny configurations, a few synthetic digits, free ports."""

from __future__ import annotations

import dataclasses
import functools
import os
import signal
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as a shell leaves it to what it starts in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch; the networks here are small
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pytest  # noqa: E402
import torch  # noqa: E402

from genmodels import data, registry  # noqa: E402
from genmodels.capabilities import CAPABILITIES  # noqa: E402
from genmodels.checkpoint import SAMPLES, Card, read_card, save, save_card  # noqa: E402
from genmodels.config import config_from_dict  # noqa: E402
from genmodels.data import ImageSplit, bodies  # noqa: E402
from genmodels.data.bodies import MeshSplit  # noqa: E402
from genmodels.data.synthetic import draw_digit  # noqa: E402
from genmodels.images import make_grid, save_png, upscale  # noqa: E402
from genmodels.model import GenerativeModel, Model  # noqa: E402

SECONDS = 300  # after which a test counts as stuck
TINY = {  # for every model that has config fields of these names
    "g_channels": 8, "d_channels": 4, "base_channels": 4, "encoder_channels": 4, "aux_channels": 4,
    "decoder_channels": 8, "decoder_hidden": 12, "feature_dim": 16, "hidden": 32, "maxout_units": 16, "noise_dim": 8,
    "latent_dim": 4, "blocks": 2, "layers": 1, "batch_size": 20, "warmup": 2, "precision": "float32", "codes": 8,
    "code_dim": 4, "prior_width": 16, "prior_blocks": 1, "residual_blocks": 1, "autoencoder_steps": 1, "pixel_steps": 0,
    "fade_steps": 4, "stage1_steps": 1, "word_dim": 4, "text_dim": 8, "mid_channels": 4, "head_channels": 4,
    "embedding_dim": 16, "mid_blocks": 1, "up_blocks": 1, "sampler_steps": 2, "guidance": 1.0,
    "coarse_channels": 8, "coarse_blocks": 1, "fine_blocks": 1, "d_blocks": 1,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the slow tests too")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes long; run with --slow or -m slow")
    config.addinivalue_line("markers", "browser: drives the interface in a real browser")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    slow = config.getoption("--slow") or "slow" in config.getoption("markexpr", "")
    for item in items:
        if "slow" in item.keywords and not slow:
            item.add_marker(pytest.mark.skip(reason="slow: give --slow"))
        if config.pluginmanager.hasplugin("timeout") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SECONDS))


def mostly_slow(argument: str, values: Iterable[str], quick: Iterable[str]) -> pytest.MarkDecorator:
    """Parametrize with all values: one of each kind by default, the others among the slow tests."""
    values, quick = list(values), set(quick)
    assert quick <= set(values)
    return pytest.mark.parametrize(argument, [v if v in quick else pytest.param(v, marks=pytest.mark.slow)
                                              for v in values])


def tiny_config(name: str, **fields: object) -> dict[str, object]:
    """Config fields that make the registry's model ``name`` small and fast, with ``fields`` on top."""
    known = registry.model_class(name).Config.__dataclass_fields__
    return {k: v for k, v in TINY.items() if k in known} | fields


def build(name: str, seed: int = 0, **fields: object) -> Model:
    """A freshly initialized model of the registry, with ``fields`` of its config.

    Weights that training starts at zero are random too: with zeros, all images would be the same.
    """
    cls = registry.model_class(name)
    torch.manual_seed(seed)
    model = cls(config_from_dict(cls.Config, fields))
    for weights in model.parameters():
        if weights.ndim > 1 and not weights.any():
            torch.nn.init.kaiming_normal_(weights)
    return model


@functools.cache
def tiny(name: str) -> Model:
    """A tiny model of the registry, built once: to look at, not to change."""
    return build(name, **tiny_config(name))


def models_with(*capabilities: str) -> list[str]:
    """The registry's models that have all of these, by the names in ``genmodels.capabilities``."""
    protocols = [CAPABILITIES[name] for name in capabilities]
    return [name for name in registry.MODELS if all(isinstance(tiny(name), protocol) for protocol in protocols)]


def generative_models() -> list[str]:
    return [name for name in registry.MODELS if issubclass(registry.model_class(name), GenerativeModel)]


def build_shipped(name: str) -> Model:
    """A small, untrained model of the kind that the shipped checkpoint ``name`` holds."""
    entry, model_name = registry.CHECKPOINTS[name], registry.model_name(name)
    return build(model_name, **tiny_config(model_name, **entry.config | data.find(entry.dataset).config_fields))


def shipped_with(*capabilities: str) -> list[str]:
    """The shipped checkpoints whose models have all of these capabilities."""
    models = models_with(*capabilities)
    return [name for name in registry.CHECKPOINTS if registry.model_name(name) in models]


@functools.cache
def shipped_with_label() -> list[str]:
    """The shipped checkpoints that are conditioned on a label."""
    return [name for name in shipped_with("decode") if build_shipped(name).latent.label]


def save_checkpoint(model: Model, name: str, folder: Path, dataset: str = "synthetic") -> Card:
    """Save a model of the registry's ``name`` as a checkpoint; returns its card."""
    card = Card(
        name=folder.name, model=name, config=dataclasses.asdict(model.config),
        dataset={"name": dataset, **data.find(dataset).to_json(), "split": "train", "images": 40},
        training={"command": f"python train.py {name}", "seconds": 1.0}, parameters=0, weights_sha256="",
    )
    return save(model, folder, card)


def synthetic_split(count: int, first_seed: int = 0) -> ImageSplit:
    """Synthetic digits, each class in turn, each with a seed of its own."""
    digits = np.stack([draw_digit(i % 10, first_seed + i) for i in range(count)])
    return ImageSplit(torch.from_numpy(digits), torch.arange(count) % 10)


def bodies_split(count: int) -> MeshSplit:
    """The first bodies of the training split."""
    parameters = bodies.draw_parameters(range(count))
    return MeshSplit(torch.from_numpy(bodies.sweep(parameters)), torch.from_numpy(parameters))


def split_for(name: str, split: ImageSplit | MeshSplit) -> ImageSplit | MeshSplit:
    """What the registry's model ``name`` can learn from: ``split``, or where that is of images as many bodies."""
    suits = isinstance(split, MeshSplit) == (registry.model_class(name).learns_from == "meshes")
    return split if suits else bodies_split(len(split))


def drawn_dataset(name: str) -> str:
    """The data set for the registry's model ``name`` that our own code draws."""
    return {"images": "synthetic", "meshes": "bodies"}[registry.model_class(name).learns_from]


def largest_change(apart: np.ndarray, capabilities: list[str]) -> float:
    """The largest of the differences between pixels that rounding explains.

    Of drawings of meshes one pixel in a hundred does not count: at the edge of a body a pixel is of it or it is not.
    """
    return float(np.quantile(apart, 0.99 if "mesh" in capabilities else 1))


def change_card(folder: Path, **changes: dict) -> None:
    """Change values of a checkpoint's card: ``info={"paper": "Mine"}``."""
    card = read_card(folder.name, folder.parent)
    changed = {part: {**getattr(card, part), **values} for part, values in changes.items()}
    save_card(dataclasses.replace(card, **changed), folder)


def save_photo_checkpoint(folder: Path) -> None:
    """A small VAE of photographs of one's own, 28 x 20 pixels without labels, with stored samples."""
    model = build("vae", **tiny_config("vae", classes=0, height=28, width=20)).eval()
    save_checkpoint(model, "vae", folder)
    change_card(folder, dataset={"name": "folder", "title": "photos", "classes": [], "height": 28, "width": 20,
                                 "framing": "photo"})
    samples = model.render(model.generate(model.latent.sample(0, range(64))))
    save_png(upscale(make_grid(samples, 8), 2), folder / SAMPLES)


def forbid_editing(folder: Path) -> None:
    """Have a checkpoint's card say that the continuous parts of its latent may not be changed by hand."""
    parts = read_card(folder.name, folder.parent).info["latent"]
    change_card(folder, info={"latent": [part | {"editable": part["kind"] == "Categorical"} for part in parts]})


@pytest.fixture(scope="session")
def images() -> ImageSplit:
    """Forty synthetic digits, four of each class."""
    return synthetic_split(40)


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
