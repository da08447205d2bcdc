"""Write: type a number and see it handwritten."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.actions import MOST_DIGITS, Actions
from genmodels.ui.tabs.common import NEW_SEED, about, live, run_alone, seed_row
from genmodels.ui.widgets.choice import model_choice
from genmodels.ui.widgets.pictures import pictures

LEAD = ("Conditional models are told the digit and draw the hand themselves. Type a number to see it handwritten; with "
        "one hand for all digits the same random style is used throughout.")


def build(actions: Actions):
    """The inside of the tab; returns (function, inputs, outputs) that fill it."""
    studio = actions.studio
    told = [c for c in studio.choices() if c.trouble and _should_be_told(actions, c.name) or actions.is_told(c.name)]
    gr.Markdown(LEAD, elem_classes=["gm-lead"])
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            model = model_choice(told, "cgan", "Model", "write-model")
            line = gr.HTML(about(studio, model.value), apply_default_css=False)
            text = gr.Textbox("2014", label="Number", info=f"Up to {MOST_DIGITS} digits.", max_lines=1,
                              elem_id="gm-number")
            hand = gr.Radio([("One hand for all digits", True), ("A new hand for each", False)], value=True,
                            label="Style")
            seed, new = seed_row()
        with gr.Column(scale=6, min_width=300, elem_classes=["gm-first"]):
            written = pictures("written", "The number, handwritten", wrap=True)
            rows = gr.Slider(1, 10, 5, step=1, label="Styles", info="All ten digits, one style a row.")
            table = pictures("styles", "All ten digits in several styles")

    writing, styling = [text, model, hand, seed], [model, rows, seed]

    def write(text, model, hand, seed):
        return actions.write(text, model, hand, seed) | {"file": f"{model}-{text}-seed-{seed}"}

    def styles(model, rows, seed):
        return actions.style_grid(model, rows, seed) | {"file": f"{model}-styles-seed-{seed}"}

    def both(text, model, hand, seed, rows):
        return write(text, model, hand, seed), styles(model, rows, seed)

    everything = [*writing, rows]
    named = live(model.input, lambda name: about(studio, name), model, line)
    live(named.then, both, everything, [written, table])
    live(text.submit, write, writing, written)
    # Not input, which gradio 6.31 sends for key presses alone: not when text is pasted, deleted or comes from a phone.
    live(text.change, lambda *given: write(*given) if str(given[0]).strip() else gr.skip(), writing, written)
    live(hand.input, write, writing, written)
    live(rows.input, styles, styling, table)
    for change in (seed.submit, seed.blur):
        live(change, both, everything, [written, table])
    drawn = new.click(None, None, seed, js=NEW_SEED, api_visibility="private")
    live(drawn.then, both, everything, [written, table])
    return both, everything, [written, table]


def _should_be_told(actions: Actions, name: str) -> bool:
    """Whether a broken checkpoint would belong here, by the model it should hold."""
    return actions.studio.registered(name) in ("cgan", "cvae")


if __name__ == "__main__":
    run_alone(build)
