"""Write: type a number and see it handwritten."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.api.write import MAX_DIGITS, MAX_STYLES, WriteEndpoints
from genmodels.ui.components import ImageGrid, ModelRadio
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import NEW_SEED, intro, launch_tab, model_summary, on_event, seed_row
from genmodels.ui.translation import label


def build(store: ModelStore):
    """Lay out the tab; returns (function, inputs, outputs) that fill it."""
    endpoints = WriteEndpoints(store)
    intro("write.intro")
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            model = ModelRadio(store.options(endpoints.can_write), "cgan", "write-model")
            summary = gr.HTML(model_summary(store, model.value), apply_default_css=False)
            text = gr.Textbox("2014", label=label("write.number"), info=label("write.number.info", max=MAX_DIGITS),
                              max_lines=1, elem_id="gm-number")
            style = gr.Radio([(label("write.style.same"), True), (label("write.style.each"), False)], value=True,
                             label=label("write.style"))
            seed, new = seed_row()
        with gr.Column(scale=6, min_width=300, elem_classes=["gm-narrow-first"]):
            written = ImageGrid("written", "write.written", wrap=True)
            rows = gr.Slider(1, MAX_STYLES, 5, step=1, label=label("write.styles"),
                             info=label("write.styles.info"))
            table = ImageGrid("styles", "write.styles.grid")

    writing, styling = [text, model, style, seed], [model, rows, seed]

    def write(text, model, same_style, seed):
        return endpoints.write(text, model, same_style, seed) | {"file": f"{model}-{text}-seed-{seed}"}

    def style_grid(model, rows, seed):
        return endpoints.style_grid(model, rows, seed) | {"file": f"{model}-styles-seed-{seed}"}

    def both(text, model, same_style, seed, rows):
        return write(text, model, same_style, seed), style_grid(model, rows, seed)

    everything = [*writing, rows]
    chosen = on_event(model.input, lambda name: model_summary(store, name), model, summary)
    on_event(chosen.then, both, everything, [written, table])
    on_event(text.submit, write, writing, written)
    # Not text.input: gradio 6.31 sends it for key presses only, not for a paste, a deletion or a phone's keyboard.
    on_event(text.change, lambda *given: write(*given) if str(given[0]).strip() else gr.skip(), writing, written)
    on_event(style.input, write, writing, written)
    on_event(rows.input, style_grid, styling, table)
    for change in (seed.submit, seed.blur):
        on_event(change, both, everything, [written, table])
    reseeded = new.click(None, None, seed, js=NEW_SEED, api_visibility="private")
    on_event(reseeded.then, both, everything, [written, table])
    return both, everything, [written, table]


if __name__ == "__main__":
    launch_tab(build)
