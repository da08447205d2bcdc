"""What all tests share: the markers, the time limit, small configurations, a little data that needs no download."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch; the networks here are small
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pytest  # noqa: E402
import torch  # noqa: E402

from genmodels import registry, strokes  # noqa: E402
from genmodels.checkpoint import Card, save  # noqa: E402
from genmodels.data import Pictures  # noqa: E402
from genmodels.model import Model, config_from_dict  # noqa: E402

SECONDS = 300  # that a test may take before it counts as stuck
NARROW = {  # any config field of these names, whatever the model
    "g_width": 8, "d_width": 4, "width": 4, "encoder_width": 4, "reader_width": 4, "decoder_width": 8,
    "decoder_hidden": 12, "features": 16, "hidden": 32, "maxout_units": 16, "noise_dim": 8, "latent_dim": 4,
    "batch_size": 20, "warmup": 2,
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


def narrow(name: str, **fields: object) -> dict[str, object]:
    """Config fields that make the registry's model ``name`` small and quick, and ``fields`` on top."""
    known = registry.model_class(name).Config.__dataclass_fields__
    return {k: v for k, v in NARROW.items() if k in known} | fields


def build(name: str, seed: int = 0, **fields: object) -> Model:
    """A freshly initialised model of the registry, as ``fields`` of its config say.

    Weights that training begins at zero are drawn too: such a model would draw one and the same picture.
    """
    cls = registry.model_class(name)
    torch.manual_seed(seed)
    model = cls(config_from_dict(cls.Config, fields))
    for weights in model.parameters():
        if weights.ndim > 1 and not weights.any():
            torch.nn.init.kaiming_normal_(weights)
    return model


def shelve(model: Model, name: str, folder: Path) -> Card:
    """Save a model of the registry's ``name`` as a checkpoint; its card."""
    card = Card(
        name=folder.name, model=name, config=dataclasses.asdict(model.config),
        dataset={"name": "strokes", "title": "Strokes", "classes": list("0123456789")},
        training={"command": f"python train.py {name}", "seconds": 1.0}, parameters=0, weights_sha256="",
    )
    return save(model, folder, card)


@pytest.fixture(scope="session")
def pictures() -> Pictures:
    """Forty drawn digits, four of each."""
    labels = np.arange(40) % 10
    drawn = np.stack([strokes.draw_digit(int(y), seed) for seed, y in enumerate(labels)])
    return Pictures(torch.from_numpy(drawn), torch.from_numpy(labels))
