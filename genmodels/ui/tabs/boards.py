"""Boards: a picture as two boards of codes, which fill by themselves or by a drawing; tiles can be changed."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.components import CodeBoards, ExampleStrip, ModelRadio, Select
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import (
    about,
    category_choice,
    intro,
    kept_category,
    launch_tab,
    model_summary,
    on_event,
    seed_field,
)
from genmodels.ui.tabs.examples import examples


def build(store: ModelStore):
    """Lay out the tab."""
    intro("boards.intro")
    options = store.options(lambda name: store.can(name, "codes"))
    model = ModelRadio(options, "vqvae2", "boards-model", announce=True)
    board = CodeBoards({option.name: stroke_samples(store, option.name) for option in options if not option.error})
    with gr.Row(elem_classes=["gm-code-settings"]):
        with gr.Column(scale=2, min_width=200):
            seed = seed_field("boards-seed")
        with gr.Column(scale=2, min_width=170):
            category = Select("boards-category", category_choice(store, model.value), "category")
        with gr.Column(scale=5, min_width=260):
            strip = ExampleStrip(None, "gm-code-examples")
    summary = about(model_summary(store, model.value))

    def show(name, seed, category):
        return name and {"model": name, "seed": seed["text"],
                         "category": kept_category(store, name, category["value"])}

    def choose(name, category):
        return model_summary(store, name), examples(store, name), category_choice(store, name, category["value"])

    on_event([model.input, seed.input, category.input], show, [model, seed, category], board)
    on_event([model.input], choose, [model, category], [summary, strip, category])


def stroke_samples(store: ModelStore, name: str) -> dict | None:
    """Images whose patches show what a model's codes stand for: those stored with it, else the tab's examples."""
    stored = store.stored_samples(name)
    return examples(store, name) if stored is None else encode_images(stored)


if __name__ == "__main__":
    launch_tab(build)
