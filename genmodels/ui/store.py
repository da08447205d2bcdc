"""The checkpoints, which of them are broken, and the loaded models with the lock around their computations.

All visitors share them: models are read-only once loaded, and no visitor's state is kept here.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from genmodels import checkpoint
from genmodels.checkpoint import Card, CheckpointError
from genmodels.images import from_uint8, split_grid
from genmodels.latents import Latents, LatentSpec
from genmodels.registry import CHECKPOINTS, model_name, resolve
from genmodels.ui.fair_lock import FairLock
from genmodels.ui.histories import WatchedRun
from genmodels.ui.model_option import ModelOption
from genmodels.ui.reference import ReferenceImages
from genmodels.ui.text import Refusal, Text, model_text

if TYPE_CHECKING:
    from genmodels.model import Model

MAX_LOADED = 12  # models kept in memory, about 5 MB each
TRIAL_BATCH = 16  # images in the trial that decides whether bfloat16 is faster
SHEET_SIDE, SHEET_SCALE = 8, 2  # how a checkpoint's samples.png is laid out: 8 x 8 images, enlarged


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory, under the name of its checkpoint, with its card and its latent."""

    name: str
    model: Model
    card: Card
    spec: LatentSpec | None  # None for a model that does not generate


def checkpoint_text(error: CheckpointError) -> Text:
    """The sentence on a broken checkpoint, for the screen."""
    remedy = (Text("checkpoint.train", command=error.command) if error.command
              else Text("checkpoint.shipped", names=list(CHECKPOINTS)))
    return Text(f"checkpoint.{error.problem}", name=error.name, detail=error.detail, remedy=remedy)


def class_text(name: str) -> Text | str:
    """What a class of a data set is called on screen; one that the catalogs do not know, by its name."""
    return Text.first_of(f"class.{name}") or name


class ModelStore:
    """All checkpoints of a folder."""

    def __init__(self, root: Path = checkpoint.ROOT, data_root: Path | None = None) -> None:
        self.root = root
        self.reference = ReferenceImages(data_root)
        self.watched: WatchedRun | None = None  # a run that may still go on
        self.errors: dict[str, Text] = {}  # of the broken checkpoints, by name
        self.map_classes: dict[str, np.ndarray] = {}  # what LatentEndpoints.map_classes found, by the weights' hash
        self.inference_lock = FairLock()  # one forward pass at a time: torch already uses every core for it
        self._lock = threading.Lock()  # guards the table of models
        self._loaded: OrderedDict[str, LoadedModel] = OrderedDict()
        self._cards: dict[str, Card] = {}
        self._plans: dict[str, dict] = {}
        self._metadata: dict[str, dict] = {}
        self._bf16_faster: dict[str, bool] = {}
        self._preloaded: set[str] = set()
        for name in checkpoint.list_checkpoints(root):
            try:
                self._cards[name], _ = checkpoint.read_checked(name, root)
            except CheckpointError as error:
                self.errors[name] = checkpoint_text(error)

    # ---- Facts that need no loaded model

    def options(self, suits: Callable[[str], bool] | None = None) -> list[ModelOption]:
        """Every checkpoint for whose name ``suits`` is true, the broken ones included; by default the generative ones.
        """
        suits = suits or (lambda name: self.spec(name) is not None)
        known = (name for name in checkpoint.list_checkpoints(self.root) if self.model_name(name) is not None)
        return [ModelOption.of(name, self.title(name), self.errors.get(name), self._cards.get(name))
                for name in known if suits(name)]

    def option_names(self, suits: Callable[[str], bool] | None = None) -> str:
        """The names of ``options(suits)``, as a list for a message."""
        return ", ".join(option.name for option in self.options(suits))

    def can(self, name: str, capability: str) -> bool:
        """Whether a checkpoint's model has a capability; for a broken checkpoint, whether the expected model has it."""
        return capability in self.metadata(name)["capabilities"]

    def is_conditional(self, name: str) -> bool:
        """Whether a checkpoint's model is conditioned on a label, such as the digit."""
        spec = self.spec(name)
        return bool(spec and spec.label)

    def metadata(self, name: str) -> dict[str, Any]:
        """``model.metadata`` of a checkpoint, from its card.

        Where the card cannot be read, it is that of an untrained model of the expected class, which needs torch.
        """
        if name not in self._metadata:
            card = self._cards.get(name)
            self._metadata[name] = card.info if card else self._untrained_metadata(name)
        return self._metadata[name]

    @staticmethod
    def _untrained_metadata(name: str) -> dict[str, Any]:
        from genmodels import data
        from genmodels.config import config_from_dict
        from genmodels.model import metadata

        entry = CHECKPOINTS[name]
        cls = resolve(entry.model)
        config = config_from_dict(cls.Config, entry.config | data.find(entry.dataset).config_fields)
        return metadata(cls(config))

    def spec(self, name: str) -> LatentSpec | None:
        """The latent of a checkpoint's model; None where it does not generate."""
        parts = self.metadata(name)["latent"]
        return None if parts is None else LatentSpec.from_json(parts)

    def model_name(self, name: str) -> str | None:
        """The registry name of a checkpoint's model; of a broken one the expected model, None where it is unknown."""
        if name in self._cards:
            return self._cards[name].model
        return model_name(name) if name in CHECKPOINTS else None

    def card(self, name: str) -> Card:
        """The card of an intact checkpoint."""
        return self._cards[name]

    def title(self, name: str) -> Text:
        """The checkpoint's title; for one that is not shipped, with its name."""
        title = model_text("title", name, self.model_name(name))
        return title if name in CHECKPOINTS else Text("models.title_with_name", title=title, name=name)

    def category_names(self, name: str) -> list[str] | None:
        """Names of the categorical part's values as the data set has them, None where there is no such part.

        For a label they are the classes of the data set, for a code the digits that evaluation found this checkpoint to
        generate for each value.
        """
        spec, card = self.spec(name), self._cards.get(name)
        part = spec.categorical if spec else None
        if part is None:
            return None
        if part.is_label:
            classes = card.dataset.get("classes", []) if card else []
            return [str(classes[k]) if k < len(classes) else str(k) for k in range(part.classes)]
        digits = card.latent_stats.get("category_to_class") if card else None
        return [str(digits[k]) if digits else f"{part.name}={k}" for k in range(part.classes)]

    def stored_samples(self, name: str) -> np.ndarray | None:
        """The first 64 images of seed 0, uint8 [64, H, W] or [64, H, W, 3], from the file beside the weights.

        None without that file.

        For a model without categories they are what ``SampleEndpoints.sample`` returns.
        """
        mode = "RGB" if self._cards[name].dataset["channels"] == 3 else "L"
        try:
            with Image.open(self.root / name / checkpoint.SAMPLES) as file:
                return split_grid(np.asarray(file.convert(mode))[::SHEET_SCALE, ::SHEET_SCALE], SHEET_SIDE, SHEET_SIDE)
        except (OSError, ValueError):
            return None

    # ---- Loaded models

    def get(self, name: str) -> LoadedModel:
        """The model of a checkpoint, loaded on first use; Refusal where there is none, CheckpointError if broken."""
        with self._lock:
            if name in self._loaded:
                self._loaded.move_to_end(name)
                return self._loaded[name]
            if name in ("None", ""):
                raise Refusal("no_model")
            if name not in checkpoint.list_checkpoints(self.root):
                raise Refusal("unknown_model", name=repr(name), names=self.option_names())
            try:
                model, card = checkpoint.load(name, self.root)
            except CheckpointError as error:
                self.errors[name] = checkpoint_text(error)
                raise
            self._cards[name] = card  # the file may have changed since the page was built
            for cache in (self.errors, self._metadata, self._plans):
                cache.pop(name, None)
            loaded = LoadedModel(name, model, card, self.spec(name))
            self._loaded[name] = loaded
            while len(self._loaded) > MAX_LOADED:
                self._loaded.popitem(last=False)
            return loaded

    def preload(self, name: str) -> None:
        """Import torch, load a model and run the bfloat16 trial in a background thread, before the first request.

        Once, however many visitors there are.
        """

        def load() -> None:
            with contextlib.suppress(CheckpointError):  # the first request reports it
                loaded = self.get(name)
                self.generate(loaded, loaded.spec.sample(0, [0]), preview=True)

        if name not in self._preloaded:
            self._preloaded.add(name)
            threading.Thread(target=load, daemon=True).start()

    def generate(self, loaded: LoadedModel, latents: Latents, preview: bool = False) -> np.ndarray:
        """Images of latents, uint8 [n, H, W] or [n, H, W, 3].

        A ``preview`` is computed in bfloat16 where that is faster here.
        """
        *_, images = self.generate_steps(loaded, latents, preview)
        return images

    def generate_steps(self, loaded: LoadedModel, latents: Latents, preview: bool = False) -> Iterator[np.ndarray]:
        """Images of latents as they grow, in the form of ``generate``; all at once from a model without steps.

        The lock is released between two steps, so that a slow model does not block other visitors.
        """
        import torch

        model = loaded.model
        if not self.can(loaded.name, "generate_steps"):
            with self.inference_lock:
                yield model.render(model.generate(latents, preview and self._bf16_is_faster(loaded)))
            return
        steps = iter(model.generate_steps(latents))
        while True:
            with self.inference_lock, torch.inference_mode():
                x = next(steps, None)
                if x is None:
                    return
                images = model.render(x)
            yield images

    def _bf16_is_faster(self, loaded: LoadedModel) -> bool:
        """Whether bfloat16 is faster for this model on this machine, measured once: not every CPU has units for it."""
        if loaded.name not in self._bf16_faster:
            latents = loaded.spec.sample(0, range(TRIAL_BATCH))
            best = {True: math.inf, False: math.inf}
            for fast in [True, False] * 3:
                began = time.perf_counter()
                loaded.model.generate(latents, fast)
                best[fast] = min(best[fast], time.perf_counter() - began)
            self._bf16_faster[loaded.name] = best[True] < best[False]
        return self._bf16_faster[loaded.name]

    def classifier_of(self, dataset: str) -> LoadedModel | None:
        """The first intact classifier that was trained on the data set of this name; None where there is none."""
        for name, card in self._cards.items():
            if card.dataset["name"] == dataset and self.can(name, "features"):
                with contextlib.suppress(CheckpointError):
                    return self.get(name)
        return None

    def predict(self, images: np.ndarray, loaded: LoadedModel) -> list[tuple[int | None, float]]:
        """The class of each image and its confidence, predicted by a classifier of the model's data set.

        (None, 0) for each image where there is no such classifier.
        """
        from genmodels.model import map_in_batches

        classifier = self.classifier_of(loaded.card.dataset["name"])
        if classifier is None:
            return [(None, 0.0)] * len(images)
        with self.inference_lock:
            probabilities = map_in_batches(classifier.model.classify, from_uint8(images)).softmax(1)
        return [(int(p.argmax()), round(float(p.max()), 3)) for p in probabilities]

    def plan(self, name: str) -> dict[str, Any]:
        """``page_plan`` of a checkpoint; CheckpointError where there is no such model."""
        if name not in self._plans:
            from genmodels.ui.engine.page_plan import page_plan

            loaded = self.get(name)
            with self.inference_lock:
                self._plans[name] = page_plan(loaded.model, loaded.card, self.root / name)
        return self._plans[name]
