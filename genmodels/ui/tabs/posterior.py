"""Posterior: how far an encoder's guess is from the truth, and what the ELBO makes of a model because of it."""

from __future__ import annotations

import functools

import gradio as gr

from genmodels.ui.api.posterior import PosteriorEndpoints
from genmodels.ui.components import MixturePosterior, ModelRadio, PosteriorMap
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import intro, launch_tab, on_event
from genmodels.ui.tabs.reconstruct import examples


def build(store: ModelStore):
    """Lay out the tab."""
    intro("posterior.intro")
    options = store.options(functools.partial(suits, PosteriorEndpoints(store)))
    model = ModelRadio(options, "vae2d", "posterior-model", announce=True)
    with gr.Row(elem_classes=["gm-posteriors"]):
        study = PosteriorMap()
        MixturePosterior()
    on_event([model.input], lambda name: study_value(store, name), model, study)


def suits(endpoints: PosteriorEndpoints, name: str) -> bool:
    """Whether a checkpoint is a model of drawings whose posterior the page can show. Broken ones are listed too."""
    store = endpoints.store
    return endpoints.has_posterior(name) and (name in store.errors or store.card(name).dataset["framing"] == "digit")


def study_value(store: ModelStore, name: str | None) -> dict | None:
    """A model as the study takes it."""
    if not name:
        return None
    return {"model": name, "examples": examples(store, name),
            "importance_samples": store.card(name).config.get("importance_samples", 1)}


if __name__ == "__main__":
    launch_tab(build)
