"""Describe: say in words what is to be drawn, and see it come about in two stages."""

from __future__ import annotations

import functools

import gradio as gr

from genmodels.ui.api.describe import DescribeEndpoints
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.components import Description, ModelRadio
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import about, intro, launch_tab, model_summary, on_event, reader, seed_field

SAMPLES = 8


def build(store: ModelStore):
    """Lay out the tab."""
    endpoints = DescribeEndpoints(store)
    intro("describe.intro")
    model = ModelRadio(store.options(endpoints.can_describe), "stackgan", "describe-model", announce=True)
    description = Description(None, reader(functools.partial(page_answer, endpoints)))
    with gr.Row(elem_classes=["gm-describe-settings"]):
        seed = seed_field("describe-seed")
    summary = about(model_summary(store, model.value))

    def show(name, seed):
        return {"model": name, "seed": seed["text"]} if name else None

    on_event([model.input, seed.input], show, [model, seed], description)
    on_event([model.input], lambda name: model_summary(store, name), model, summary)


def page_answer(endpoints: DescribeEndpoints, model: str, seed: str, text: str, index: int, rows: str, columns: str,
                edits: dict[str, str], language: str) -> dict:
    """What the page shows of a caption after some ``edits`` of it: ``describe``'s answer, the text and the board."""
    text = endpoints.edited(text, edits, language)
    drawn = endpoints.describe(text, model, SAMPLES, seed)
    board = endpoints.board(text, model, index, seed, rows, columns)
    return drawn | {"text": text, "board": encode_images(board)}


if __name__ == "__main__":
    launch_tab(build)
