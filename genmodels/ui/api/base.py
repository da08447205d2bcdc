"""What the endpoints of all tabs share: errors for the screen, looking up the model, sampling its latents."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import ClassVar, ParamSpec, TypeVar

import gradio as gr

from genmodels.checkpoint import CheckpointError
from genmodels.latents import Latents, LatentSpec
from genmodels.lazy_import import torch
from genmodels.ui.api.validation import parse_category
from genmodels.ui.store import LoadedModel, ModelStore, checkpoint_text
from genmodels.ui.text import Refusal, Text

P, R = ParamSpec("P"), TypeVar("R")


class ScreenError(gr.Error):
    """A sentence for the visitor's screen: ``text`` is its reference, the message its English words."""

    def __init__(self, text: Text) -> None:
        super().__init__(plain(text.word()), print_exception=False)
        self.text = text


def plain(message: str) -> str:
    """A message without angle brackets, which the page would render as HTML."""
    return message.replace("<", "\u2039").replace(">", "\u203a")


def as_gradio_error(function: Callable[P, R]) -> Callable[P, R]:
    """Turn a refusal or a broken checkpoint into a message on the visitor's screen."""

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except gr.Error:  # raised by an endpoint that this one calls; gradio derives it from ValueError
            raise
        except (Refusal, CheckpointError) as error:
            raise ScreenError(error.text if isinstance(error, Refusal) else checkpoint_text(error)) from None

    return guarded


def error_answer(text: Text) -> dict:
    """A sentence as the page's own requests get it: ``error`` is English, ``words`` lets the page word it."""
    return {"error": plain(str(text)), "words": text.to_json()}


class Endpoints:
    """The endpoints of one tab, on the models of a store."""

    PUBLIC: ClassVar[tuple[str, ...]] = ()  # the methods that the API offers, by name

    def __init__(self, store: ModelStore) -> None:
        self.store = store

    def _require_generative(self, name: str) -> LoadedModel:
        loaded = self.store.get(str(name))
        if loaded.spec is None:
            raise Refusal("not_generative", name=name, names=self.store.option_names())
        return loaded

    def _sample_latents(self, loaded: LoadedModel, seed: int, indices: Sequence[int], truncation: float = 1.0,
                        category: object = -1) -> Latents:
        """The latents of the images ``indices`` of a seed; ``category`` is not checked yet; -1 takes each in turn."""
        latents, y = _cached_sample(loaded.spec, seed, tuple(indices)), None
        if part := loaded.spec.categorical:
            category = parse_category(part, category, -1)
            y = latents.y if category < 0 else torch.full_like(latents.y, category)
        return Latents(loaded.spec.truncate(latents.z, truncation), y)


@functools.lru_cache(maxsize=64)
def _cached_sample(spec: LatentSpec, seed: int, indices: tuple[int, ...]) -> Latents:
    """Sampled latents, cached: a drag requests the same ones sixty times a second. Do not modify them."""
    return spec.sample(seed, indices)
