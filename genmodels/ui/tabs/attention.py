"""Attention: what each patch of a picture looked at while a transformer drew it, block by block."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.api.attention import AttentionEndpoints
from genmodels.ui.components import AttentionMap, ModelRadio
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import about, intro, launch_tab, model_summary, on_event, seed_field
from genmodels.ui.text import to_json


def build(store: ModelStore):
    """Lay out the tab."""
    intro("attention.intro")
    model = ModelRadio(store.options(AttentionEndpoints(store).has_attention), "transgan", "attention-model",
                       announce=True)
    board = AttentionMap(bool(model.value))
    with gr.Row(elem_classes=["gm-attention-settings"]):
        seed = seed_field("attention-seed")
    summary = about(model_summary(store, model.value))

    def show(name, seed):
        if not name:
            return None
        models = [name, *partners(store, name)[:1]]
        return {"models": [{"name": one, "title": to_json(store.title(one))} for one in models], "seed": seed["text"]}

    on_event([model.input, seed.input], show, [model, seed], board)
    on_event([model.input], lambda name: model_summary(store, name), model, summary)


def partners(store: ModelStore, name: str) -> list[str]:
    """The other models of the same data set that draw from the same latents: those of an image of a seed are the same.
    """
    kind = store.spec(name).to_json(), store.card(name).dataset["name"]
    return [option.name for option in store.options() if not option.error and option.name != name
            and (store.spec(option.name).to_json(), store.card(option.name).dataset["name"]) == kind]


if __name__ == "__main__":
    launch_tab(build)
