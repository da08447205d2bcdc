"""Pixel by pixel: a picture as one decision after the other, each with its probability."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components import ExampleStrip, ModelRadio, PixelBoard
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import about, intro, launch_tab, model_summary, on_event, seed_field
from genmodels.ui.tabs.examples import examples


def build(store: ModelStore):
    """Lay out the tab."""
    intro("pixels.intro")
    options = store.options(lambda name: store.can(name, "probabilities"))
    model = ModelRadio(options, "pixelcnn", "pixels-model", announce=True)
    board = PixelBoard(bool(model.value))
    with gr.Row(elem_classes=["gm-pixel-settings"]):
        with gr.Column(scale=2, min_width=220):
            seed = seed_field("pixels-seed")
        with gr.Column(scale=5, min_width=260):
            strip = ExampleStrip(None, "gm-pixel-examples")
    summary = about(model_summary(store, model.value))

    def show(name, seed):
        return {"model": name, "seed": seed["text"]} if name else None

    def choose(name):
        return model_summary(store, name), examples(store, name)

    on_event([model.input, seed.input], show, [model, seed], board)
    on_event([model.input], choose, model, [summary, strip])


if __name__ == "__main__":
    launch_tab(build)
