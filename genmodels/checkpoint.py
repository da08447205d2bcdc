"""Checkpoints: a folder with ``weights.safetensors``, ``card.json``, ``samples.png`` and the history. No pickle.

The weights are the averaged ones (EMA) that sample. The card says how they came to be and what was measured.
"""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, get_origin, get_type_hints

from genmodels.latents import LatentSpec
from genmodels.registry import CHECKPOINTS, MODELS, model_class, training_command

if TYPE_CHECKING:
    from genmodels.model import Model

ROOT = Path(__file__).resolve().parent.parent / "checkpoints"
WEIGHTS, CARD, SAMPLES = "weights.safetensors", "card.json", "samples.png"
HISTORY, HISTORY_PICTURES = "history.json", "history.png"


class CheckpointError(Exception):
    """A checkpoint is missing or damaged; the message names the command that makes it again."""


@dataclass
class Card:
    """What travels with the weights."""

    name: str  # of the checkpoint, its folder's
    model: str  # registry name
    config: dict[str, Any]
    dataset: dict[str, Any]  # name, title, classes, licence, source, split, pictures
    training: dict[str, Any]  # command, seed, steps, seconds, device, versions, seconds of its first 200 steps
    parameters: int
    weights_sha256: str
    about: dict[str, Any] = field(default_factory=dict)  # ``model.describe``: to be listed without being loaded
    latent: dict[str, Any] = field(default_factory=dict)  # what evaluation found the latents to mean
    figures: dict[str, Any] = field(default_factory=dict)  # what evaluation measured, with sample counts

    def check(self) -> None:
        """ValueError unless what others read of the card is there."""
        wanted = {"dataset": ("name", "title", "classes"), "training": ("command", "seconds")}
        missing = [f"{part}.{key}" for part, keys in wanted.items() for key in keys if key not in getattr(self, part)]
        missing += [f"figures.{key}.value" for key, figure in self.figures.items() if "value" not in figure]
        if self.about:  # cards of old are silent here
            keys = ("title", "paper", "year", "url", "summary", "family", "can", "latent")
            missing += [f"about.{key}" for key in keys if key not in self.about]
        if missing:
            raise ValueError(f"it lacks {', '.join(missing)}")
        LatentSpec.from_json(self.about.get("latent") or [])

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=1) + "\n"


def save(model: Model, folder: Path, card: Card) -> Card:
    """Write weights and card; returns the card with the hash of the weights in it."""
    import safetensors.torch  # here, as in load: it brings torch, and cards are read without

    from genmodels.model import describe

    folder.mkdir(parents=True, exist_ok=True)
    model = copy.deepcopy(model).for_use()
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    data = safetensors.torch.save(weights, {"model": card.model})
    replace(folder / WEIGHTS, data)
    card = dataclasses.replace(card, weights_sha256=hashlib.sha256(data).hexdigest(), about=describe(model),
                               parameters=sum(p.numel() for p in model.parameters()))
    save_card(card, folder)
    return card


def save_card(card: Card, folder: Path) -> None:
    replace(folder / CARD, card.to_json().encode())


def replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    with whole(path) as file:
        file.write(data)


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write that appears at ``path`` whole, or not at all."""
    temporary = path.with_suffix(path.suffix + ".tmp")
    try:
        with temporary.open("wb") as file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_card(name: str, root: Path = ROOT) -> Card:
    """The card of a checkpoint; CheckpointError where it is missing or damaged."""
    path = root / name / CARD
    try:
        values = json.loads(path.read_text())
        card = Card(**values)
        for key, kind in get_type_hints(Card).items():
            if not isinstance(getattr(card, key), get_origin(kind) or kind):
                raise ValueError(f"{key} is no {(get_origin(kind) or kind).__name__}")
        if card.model not in MODELS:
            raise ValueError(f"unknown model {card.model!r}")
        card.check()
    except FileNotFoundError:
        raise CheckpointError(_message(name, "is missing")) from None
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointError(_message(name, f"is damaged (card.json: {error})")) from None
    return card


def read(name: str, root: Path = ROOT) -> tuple[Card, bytes]:
    """Card and weights of a checkpoint; CheckpointError unless the weights have the hash that the card gives."""
    card = read_card(name, root)
    try:
        data = (root / name / WEIGHTS).read_bytes()
    except FileNotFoundError:
        raise CheckpointError(_message(name, "has no weights")) from None
    except OSError as error:
        raise CheckpointError(_message(name, f"cannot be read ({error.strerror})")) from None
    if hashlib.sha256(data).hexdigest() != card.weights_sha256:
        raise CheckpointError(_message(name, "is damaged (the weights are not those that the card describes)"))
    return card, data


def load(name: str, root: Path = ROOT) -> tuple[Model, Card]:
    """The model of a checkpoint, in eval mode on the CPU, and its card; CheckpointError as for ``read``."""
    import safetensors.torch

    from genmodels.model import config_from_dict

    card, data = read(name, root)
    try:
        cls = model_class(card.model)
        model = cls(config_from_dict(cls.Config, card.config)).for_use()
        model.load_state_dict(safetensors.torch.load(data))
    except (ValueError, RuntimeError, safetensors.SafetensorError) as error:
        raise CheckpointError(_message(name, f"is damaged ({' '.join(str(error).split())[:200]})")) from None
    return model.eval().requires_grad_(False), card


def names(root: Path = ROOT) -> list[str]:
    """The checkpoints that there are or should be: the shipped ones in teaching order, then others by name."""
    found = {path.parent.name for path in root.glob(f"*/{CARD}")}
    return [*CHECKPOINTS, *sorted(found - set(CHECKPOINTS))]


def size_on_disk(name: str, root: Path = ROOT) -> int:
    """Bytes of a checkpoint's folder."""
    return sum(path.stat().st_size for path in (root / name).glob("*") if not path.name.startswith("."))


def _message(name: str, trouble: str) -> str:
    if name not in CHECKPOINTS and name not in MODELS:
        return f"the checkpoint {name!r} {trouble}; the shipped ones are: {', '.join(CHECKPOINTS)}"
    return f"the checkpoint {name!r} {trouble}; make it with: {training_command(name)}"
