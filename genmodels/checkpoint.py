"""Checkpoints: a folder with ``weights.safetensors``, ``card.json``, ``samples.png`` and the history. No pickle.

The weights are the moving average (EMA) of those in training, in half precision: half the bytes to ship and to fetch,
and images seldom a gray level from those of float32. Models compute in float32. The card says how the weights were
trained, and has the metrics.
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
    from torch import Tensor

    from genmodels.model import Model

ROOT = Path(__file__).resolve().parent.parent / "checkpoints"
WEIGHTS, CARD, SAMPLES = "weights.safetensors", "card.json", "samples.png"
HISTORY, HISTORY_IMAGES = "history.json", "history.png"
RUNNING, RUNNING_IMAGES = ".running.json", ".running.png"  # the history of a run that goes on, see training.progress


PROBLEMS = {
    "missing": "is missing", "no_weights": "has no weights", "unreadable": "cannot be read ({})",
    "damaged": "is damaged ({})", "mismatch": "is damaged (the weights are not those that the card describes)",
    "empty": "generates an empty picture",
}


class CheckpointError(Exception):
    """A checkpoint is missing or damaged; the message names the command that makes it again.

    ``problem``: one of ``PROBLEMS``; ``detail``: what caused it, where that is known; ``command``: the one that makes
    it again, empty for a name that none makes.
    """

    def __init__(self, name: str, problem: str, detail: str = "") -> None:
        self.name, self.problem, self.detail = name, problem, detail
        self.command = ""
        if name in CHECKPOINTS or name in MODELS:  # what is damaged stays until it is given up
            self.command = training_command(name) + ("" if problem == "missing" else " --force")
        remedy = (f"make it with: {self.command}" if self.command
                  else f"the shipped ones are: {', '.join(CHECKPOINTS)}")
        super().__init__(f"the checkpoint {name!r} {PROBLEMS[problem].format(detail)}; {remedy}")


@dataclass
class Card:
    """The facts that are stored with the weights."""

    name: str  # of the checkpoint and its folder
    model: str  # name in the registry
    config: dict[str, Any]
    dataset: dict[str, Any]  # name, title, classes, license, source, height, width, channels, framing, split, images
    training: dict[str, Any]  # command, seed, steps, seconds, steps_per_second, precision, device, versions
    parameters: int
    weights_sha256: str
    info: dict[str, Any] = field(default_factory=dict)  # ``model.metadata``: a list of checkpoints loads no model
    latent_stats: dict[str, Any] = field(default_factory=dict)  # what the latents change in the image, as measured
    metrics: dict[str, Any] = field(default_factory=dict)  # what was measured, with sample counts

    def check(self) -> None:
        """ValueError unless the card has every field that other modules read."""
        required = {
            "dataset": ("name", "title", "classes", "height", "width", "channels", "framing"),
            "training": ("command", "seconds"),
            "info": ("paper", "year", "url", "family", "capabilities", "latent"),
        }
        missing = [f"{part}.{key}" for part, keys in required.items() for key in keys if key not in getattr(self, part)]
        missing += [f"metrics.{key}.value" for key, metric in self.metrics.items() if "value" not in metric]
        if missing:
            raise ValueError(f"it lacks {', '.join(missing)}")
        LatentSpec.from_json(self.info["latent"] or [])

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=1) + "\n"


def save(model: Model, folder: Path, card: Card) -> Card:
    """Write weights and card; returns the card with the hash of the weights in it.

    ValueError, and nothing is written, where a weight is too large for half precision.
    """
    import safetensors.torch  # here and in load: it imports torch, which reading a card must not cost

    from genmodels.model import metadata

    model = copy.deepcopy(model).for_inference()
    weights = {name: _stored(name, tensor) for name, tensor in model.state_dict().items()}
    model.load_state_dict(weights)  # the card describes the model that will be loaded: a latent may be made of weights
    folder.mkdir(parents=True, exist_ok=True)
    data = safetensors.torch.save(weights, {"model": card.model})
    atomic_write(folder / WEIGHTS, data)
    card = dataclasses.replace(card, weights_sha256=hashlib.sha256(data).hexdigest(), info=metadata(model),
                               parameters=sum(p.numel() for p in model.parameters()))
    save_card(card, folder)
    return card


def _stored(name: str, tensor: Tensor) -> Tensor:
    """A tensor as it is stored: float16 where it is floating-point."""
    import torch

    tensor = tensor.detach().cpu().contiguous()
    if not tensor.is_floating_point():
        return tensor
    half = tensor.half()
    if not half.isfinite().all():
        raise ValueError(f"{name} cannot be stored in half precision: its values reach {tensor.abs().max():.3g}, and "
                         f"the largest that can be is {torch.finfo(torch.half).max:.0f}")
    return half


def save_card(card: Card, folder: Path) -> None:
    atomic_write(folder / CARD, card.to_json().encode())


def atomic_write(path: Path, data: bytes) -> None:
    """Write a file completely or not at all."""
    with atomic_open(path) as file:
        file.write(data)


@contextmanager
def atomic_open(path: Path) -> Iterator[BinaryIO]:
    """A file to write; it appears at ``path`` when complete, or not at all."""
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
        raise CheckpointError(name, "missing") from None
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointError(name, "damaged", f"card.json: {error}") from None
    return card


def read_checked(name: str, root: Path = ROOT) -> tuple[Card, bytes]:
    """Card and weights of a checkpoint; CheckpointError unless the weights have the hash that the card gives."""
    card = read_card(name, root)
    try:
        data = (root / name / WEIGHTS).read_bytes()
    except FileNotFoundError:
        raise CheckpointError(name, "no_weights") from None
    except OSError as error:
        raise CheckpointError(name, "unreadable", str(error.strerror)) from None
    if hashlib.sha256(data).hexdigest() != card.weights_sha256:
        raise CheckpointError(name, "mismatch")
    return card, data


def tensor_places(data: bytes) -> dict[str, tuple[str, int, int]]:
    """Of a file of weights: the type of each tensor (F16, F32), its first byte and the one after its last.

    ``data``: the file, or its beginning with the whole header (https://github.com/huggingface/safetensors, "Format").
    """
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    return {name: (tensor["dtype"], *(start + offset for offset in tensor["data_offsets"]))
            for name, tensor in header.items()}


def load(name: str, root: Path = ROOT) -> tuple[Model, Card]:
    """The model of a checkpoint, float32, in eval mode on the CPU, and its card.

    CheckpointError as for ``read_checked``.
    """
    import safetensors.torch

    from genmodels.config import config_from_dict

    card, data = read_checked(name, root)
    try:
        cls = model_class(card.model)
        model = cls(config_from_dict(cls.Config, card.config)).for_inference()
        model.load_state_dict(safetensors.torch.load(data))  # into float32, whatever the file has
    except (ValueError, RuntimeError, safetensors.SafetensorError) as error:
        raise CheckpointError(name, "damaged", " ".join(str(error).split())[:200]) from None
    return model.eval().requires_grad_(False), card


def list_checkpoints(root: Path = ROOT) -> list[str]:
    """The shipped checkpoints in teaching order, also missing ones, then all others in the folder by name."""
    found = {path.parent.name for path in root.glob(f"*/{CARD}")}
    return [*CHECKPOINTS, *sorted(found - set(CHECKPOINTS))]


def size_on_disk(name: str, root: Path = ROOT) -> int:
    """Bytes of a checkpoint's folder."""
    return sum(path.stat().st_size for path in (root / name).glob("*") if not path.name.startswith("."))
