"""Noise to digit: noise moves along a model's field until it is an image; steps, guidance and time are sliders."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components import ExampleStrip, ModelRadio, NoiseBoard, Select
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import about, category_choice, intro, launch_tab, model_summary, on_event, seed_field
from genmodels.ui.tabs.examples import examples


def build(store: ModelStore):
    """Lay out the tab."""
    intro("noise.intro")
    options = store.options(lambda name: store.can(name, "integrate"))
    model = ModelRadio(options, "flow", "noise-model", announce=True)
    board = NoiseBoard(bool(model.value))
    with gr.Row(elem_classes=["gm-noise-settings"]):
        with gr.Column(scale=2, min_width=220):
            category = Select("noise-category", category_choice(store, model.value), "category")
            seed = seed_field("noise-seed")
        with gr.Column(scale=5, min_width=260):
            strip = ExampleStrip(None, "gm-noise-examples")
    summary = about(model_summary(store, model.value))

    def show(name, seed, category):
        return {"model": name, "seed": seed["text"], "category": category["value"]} if name else None

    def choose(name, category):
        return model_summary(store, name), examples(store, name), category_choice(store, name, category["value"])

    on_event([model.input, seed.input, category.input], show, [model, seed, category], board)
    on_event([model.input], choose, [model, category], [summary, strip, category])


if __name__ == "__main__":
    launch_tab(build)
