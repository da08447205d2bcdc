"""The loaded models, shared by all visitors: which there are, which are broken and why, and who may compute when.

Models are read-only once loaded; nothing of a visitor is kept here.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from genmodels import checkpoint
from genmodels.checkpoint import Card, CheckpointError
from genmodels.latents import LatentSpec
from genmodels.model import GenerativeModel, Model
from genmodels.registry import model_class

LOADED = 12  # models kept in memory, about 5 MB each
JUDGE = "cnn"


@dataclass(frozen=True)
class Choice:
    """A checkpoint as a choice on screen: its name, its title, and what is wrong with it, if anything is."""

    name: str
    title: str
    family: str
    trouble: str | None


@dataclass(frozen=True)
class Loaded:
    """A model in memory with its card."""

    model: Model
    card: Card

    @cached_property
    def spec(self) -> LatentSpec:
        return self.model.latent


class Studio:
    """All checkpoints of a folder."""

    def __init__(self, root: Path = checkpoint.ROOT, data_root: Path | None = None) -> None:
        self.root = root
        self.data_root = data_root or Path(os.environ.get("GENMODELS_DATA", "data"))
        self._loaded: OrderedDict[str, Loaded] = OrderedDict()
        self._lock = threading.Lock()  # of the table of models
        self.compute = threading.Lock()  # one forward pass at a time: torch spreads it over the cores itself
        self.troubles: dict[str, str] = {}
        self._cards: dict[str, Card] = {}
        for name in checkpoint.names(root):
            try:
                self._cards[name], _ = checkpoint.read(name, root)
            except CheckpointError as error:
                self.troubles[name] = str(error)

    def choices(self, capability: type | None = None) -> list[Choice]:
        """Every generative checkpoint whose model has the capability (a protocol), the broken ones among them."""
        found = []
        for name in checkpoint.names(self.root):
            registered = self.registered(name)
            if registered is None:
                continue
            cls = model_class(registered)
            if not issubclass(cls, GenerativeModel) or (capability and not issubclass(cls, capability)):
                continue
            found.append(Choice(name, self.title(name), cls.info.family, self.troubles.get(name)))
        return found

    def registered(self, name: str) -> str | None:
        """The registry name of a checkpoint's model; for a broken one what it should be, None where nobody knows."""
        if name in self._cards:
            return self._cards[name].model
        return checkpoint.CHECKPOINTS[name][0] if name in checkpoint.CHECKPOINTS else None

    def card(self, name: str) -> Card:
        """The card of a sound checkpoint."""
        return self._cards[name]

    def title(self, name: str) -> str:
        """The model's title; a VAE of two latents says so."""
        card = self._cards.get(name)
        registered, fields = (card.model, card.config) if card else checkpoint.CHECKPOINTS[name]
        title = model_class(registered).info.title
        if fields.get("latent_dim") == 2:
            title = f"{title}, 2-D"
        known = registered == name or name in checkpoint.CHECKPOINTS
        return title if known else f"{title} ({name})"

    def get(self, name: str) -> Loaded:
        """The model, loaded if it is not; CheckpointError with a message for the screen."""
        with self._lock:
            if name in self._loaded:
                self._loaded.move_to_end(name)
                return self._loaded[name]
            if name in ("None", ""):
                raise CheckpointError("no model is available for this; the page names the command that makes one")
            if name not in checkpoint.names(self.root):
                raise CheckpointError(f"there is no model called {name!r}; there are: "
                                      + ", ".join(c.name for c in self.choices()))
            try:
                loaded = Loaded(*checkpoint.load(name, self.root))
            except CheckpointError as error:
                self.troubles[name] = str(error)
                raise
            self._loaded[name] = loaded
            while len(self._loaded) > LOADED:
                self._loaded.popitem(last=False)
            return loaded

    def judge(self) -> Loaded | None:
        """The classifier that reads pictures, where its checkpoint is sound."""
        try:
            return self.get(JUDGE)
        except CheckpointError:
            return None

    @cached_property
    def training_digits(self) -> np.ndarray | None:
        """MNIST's first 50,000 training digits, uint8 [50000, 28, 28], where they are on disk; never downloaded."""
        return self._raw("train-images-idx3-ubyte", 50_000)

    def test_examples(self) -> np.ndarray | None:
        """Ten of MNIST's test digits, one a class, uint8 [10, 28, 28], where they are on disk."""
        pictures, labels = self._raw("t10k-images-idx3-ubyte", 1000), self._raw("t10k-labels-idx1-ubyte", 1000)
        if pictures is None or labels is None:
            return None
        return pictures[[int(np.flatnonzero(labels == d)[0]) for d in range(10)]]

    def _raw(self, name: str, count: int) -> np.ndarray | None:
        """The first rows of one of MNIST's files; None where it is not there or not whole.

        Read here and not by torchvision, which takes over a second to import while a visitor waits.
        """
        header, shape = (8, (count,)) if "labels" in name else (16, (count, 28, 28))
        try:
            found = np.fromfile(self.data_root / "MNIST" / "raw" / name, np.uint8, int(np.prod(shape)), offset=header)
            return found.reshape(shape)
        except (OSError, ValueError):
            return None

    def neighbour(self, image: np.ndarray) -> np.ndarray | None:
        """The training digit nearest to a picture [28, 28] by Euclidean distance, where the data is on disk."""
        digits = self.training_digits
        if digits is None:
            return None
        query = torch.from_numpy(image).flatten().float()
        with self.compute, torch.inference_mode():
            distances = torch.cat([  # in blocks: the digits as floats would take 150 MB
                (torch.from_numpy(block).flatten(1).float() - query).square().sum(1)
                for block in np.array_split(digits, 10)
            ])
        best = int(distances.argmin())
        return digits[best]

