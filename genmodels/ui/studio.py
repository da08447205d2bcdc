"""The loaded models, shared by all visitors: which there are, which are broken and why, and who may compute when.

Models are read-only once loaded; nothing of a visitor is kept here.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from genmodels import checkpoint, images
from genmodels.checkpoint import Card, CheckpointError
from genmodels.latents import Latents, LatentSpec
from genmodels.lazily import torch
from genmodels.registry import model_class

if TYPE_CHECKING:
    from genmodels.model import Model

LOADED = 12  # models kept in memory, about 5 MB each
JUDGE = "cnn"
TRIED = 16  # pictures of a trial


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
    spec: LatentSpec | None


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
        self._plans: dict[str, dict] = {}
        self._about: dict[str, dict] = {}
        self._quicker: dict[str, bool] = {}
        for name in checkpoint.names(root):
            try:
                self._cards[name], _ = checkpoint.read(name, root)
            except CheckpointError as error:
                self.troubles[name] = str(error)

    def choices(self, capability: str | None = None) -> list[Choice]:
        """Every generative checkpoint whose model has the capability (a protocol's name), broken ones among them."""
        found = []
        for name in checkpoint.names(self.root):
            if self.registered(name) is None:
                continue
            about = self.about(name)
            if about["latent"] is not None and (capability is None or capability in about["can"]):
                found.append(Choice(name, self.title(name), about["family"], self.troubles.get(name)))
        return found

    def about(self, name: str) -> dict[str, Any]:
        """``model.describe`` of a checkpoint: from its card, or from the model it should hold where that is silent.

        Only the second way loads torch.
        """
        if name not in self._about:
            card = self._cards.get(name)
            self._about[name] = card.about if card and card.about else self._described(name, card)
        return self._about[name]

    def _described(self, name: str, card: Card | None) -> dict[str, Any]:
        from genmodels.model import config_from_dict, describe

        model, fields = (card.model, card.config) if card else checkpoint.CHECKPOINTS[name]
        cls = model_class(model)
        try:
            config = config_from_dict(cls.Config, fields)
        except ValueError:  # a card of another time; loading will say so
            config = cls.Config()
        return describe(cls(config))

    def spec(self, name: str) -> LatentSpec | None:
        """The latent of a checkpoint's model; None where it draws nothing."""
        parts = self.about(name)["latent"]
        return None if parts is None else LatentSpec.from_json(parts)

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
        title = self.about(name)["title"]
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
                model, card = checkpoint.load(name, self.root)
            except CheckpointError as error:
                self.troubles[name] = str(error)
                raise
            self._cards[name] = card  # as it is now, which may not be as it was when the page was made
            for known in (self.troubles, self._about, self._plans):
                known.pop(name, None)
            loaded = Loaded(model, card, self.spec(name))
            self._loaded[name] = loaded
            while len(self._loaded) > LOADED:
                self._loaded.popitem(last=False)
            return loaded

    def sheet(self, name: str) -> np.ndarray | None:
        """The first 64 pictures of seed 0, uint8 [64, 28, 28], as they lie beside the weights; None where they do not.

        Only where no category was drawn with them are they what ``Actions.sample`` gives.
        """
        try:
            with Image.open(self.root / name / checkpoint.SAMPLES) as file:
                return images.cut(np.asarray(file.convert("L"))[::2, ::2], columns=8)
        except (OSError, ValueError):
            return None

    def warm(self, name: str) -> None:
        """Load torch and a model before anybody asks for them, and try how it draws, in a thread of its own."""

        def load() -> None:
            with contextlib.suppress(CheckpointError):  # whoever asks will be told
                loaded = self.get(name)
                self.draw(loaded, loaded.spec.draw(0, [0]), preview=True)

        threading.Thread(target=load, daemon=True).start()

    def draw(self, loaded: Loaded, drawn: Latents, preview: bool = False) -> np.ndarray:
        """Pictures of latents, uint8 [n, 28, 28]; for a moving hand ``preview``, where that is quicker here."""
        with self.compute:
            quick = preview and self._sketches(loaded)
            return images.to_uint8(loaded.model.sketch(drawn) if quick else loaded.model.generate(drawn))

    def _sketches(self, loaded: Loaded) -> bool:
        """Whether a sketch of this model is quicker here: by trying, once. Not every processor knows bfloat16."""
        if loaded.card.name not in self._quicker:
            drawn = loaded.spec.draw(0, range(TRIED))
            ways = {"sketch": loaded.model.sketch, "generate": loaded.model.generate}
            best = dict.fromkeys(ways, math.inf)
            for name in [*ways] * 3:
                began = time.perf_counter()
                ways[name](drawn)
                best[name] = min(best[name], time.perf_counter() - began)
            self._quicker[loaded.card.name] = best["sketch"] < best["generate"]
        return self._quicker[loaded.card.name]

    def plan(self, name: str) -> dict:
        """How the page can draw the model's pictures by itself (``engine.plan``), and where its weights are.

        Empty where it cannot; CheckpointError where there is no such model.
        """
        if name not in self._plans:
            from genmodels.ui.engine.plan import plan

            loaded = self.get(name)
            with self.compute:  # tracing reaches into every network of the process, those at work included
                found = None if loaded.spec is None else plan(loaded.model)
            where = {"side": images.SIDE, "weights": f"weights/{loaded.card.weights_sha256}/{name}"}
            self._plans[name] = {} if found is None else found | where
        return self._plans[name]

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

