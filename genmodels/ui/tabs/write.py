"""Write: type a number and see it handwritten."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.api.base import ScreenError
from genmodels.ui.api.write import MAX_DIGITS, MAX_STYLES, WriteEndpoints
from genmodels.ui.components import ImageGrid, ModelRadio, Select, TextField, select_value
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import about, count_slider, intro, launch_tab, model_summary, on_event, reader, seed_field
from genmodels.ui.text import Text

SAME, EACH = 0, 1  # one style for all digits, or one for each


def build(store: ModelStore):
    """Lay out the tab."""
    endpoints = WriteEndpoints(store)
    intro("write.intro")
    model = ModelRadio(store.options(endpoints.can_write), "cgan", "write-model", announce=True)
    with gr.Row(elem_classes=["gm-layout", "gm-write"]):
        with gr.Column():
            number = TextField("number", "write.number", Text("write.number.info", max=MAX_DIGITS),
                               {"text": "2014", "context": model.value},
                               reader(lambda text, context: endpoints.parse_text(context, text)), state="text")
            styles = [(Text("write.style.same"), SAME), (Text("write.style.each"), EACH)]
            style = Select("style", select_value(Text("write.style"), styles, SAME), "style")
            seed = seed_field("write-seed")
            rows = count_slider("style-rows", "write.styles", "styles", 1, MAX_STYLES, 5, state="rows")
            summary = about(model_summary(store, model.value))
        with gr.Column():
            written = ImageGrid("written", "write.written", wrap=True)
            table = ImageGrid("styles", "write.styles.grid")

    writing, styling = [number, model, style, seed], [model, rows, seed]

    def write(number, model, style, seed):
        text, seed = number["text"], seed["text"]
        try:
            endpoints.parse_text(model, text)
        except ScreenError:  # it was right for the model chosen before; the field says what is wrong
            return None
        call = {"text": text, "model": model, "same_style": style["value"] == SAME, "seed": seed}
        return endpoints.write(**call) | {"model": model, "file": f"{model}-{text}-seed-{seed}",
                                          "latents": {"action": "write_latents", "call": call}}

    def style_grid(model, rows, seed):
        seed = seed["text"]
        return endpoints.style_grid(model, rows, seed) | {"model": model, "file": f"{model}-styles-seed-{seed}"}

    def choose(name, number):
        return model_summary(store, name), number | {"context": name}

    on_event([model.input], choose, [model, number], [summary, number])
    # Two events, not one of both outputs: what fails for one of them is no matter of the other.
    on_event([model.input, number.input, style.input, seed.input], write, writing, written)
    on_event([model.input, rows.input, seed.input], style_grid, styling, table)


if __name__ == "__main__":
    launch_tab(build)
