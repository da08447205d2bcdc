"""Sample: draw pictures from a model, look at one closely, walk between them."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.actions import MOST_PICTURES, Actions, packed
from genmodels.ui.tabs.common import NEW_SEED, about, crisp, facts, live, run_alone, seed_row, unpack
from genmodels.ui.widgets import film as animation
from genmodels.ui.widgets.choice import model_choice
from genmodels.ui.widgets.dial import dial
from genmodels.ui.widgets.pictures import pictures

LEAD = ("Random numbers go in, pictures come out: none of these digits was written by a person. Choose a model and "
        "compare how sharp, how varied and how believable its handwriting is; click a picture to look closer.")

COUNT = 36  # pictures at first
HINT = '<p class="gm-about">Choose a picture to see it enlarged, with what the models think of it.</p>'


def build(actions: Actions):
    """The inside of the tab; returns (function, inputs, outputs) that fill it."""
    studio = actions.studio
    gr.Markdown(LEAD, elem_classes=["gm-lead"])
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            model = model_choice(studio.choices(), "dcgan", "Model", "sample-model")
            line = gr.HTML(about(studio, model.value), apply_default_css=False)
            count = gr.Slider(1, MOST_PICTURES, COUNT, step=1, label="Pictures")
            seed, new = seed_row()
            truncation = dial("truncation", "Truncation", "Below 1 pulls towards the mean: safer, less varied.",
                              0, 1, 1)
            category = gr.Dropdown(_categories(actions, model.value), value=-1, label="Digit", interactive=True,
                                   visible=_conditional(actions, model.value))
        with gr.Column(scale=6, min_width=300, elem_classes=["gm-first"]):
            first = _first(actions, model.value)
            grid = pictures("samples", "Samples; choose one to look closer", choosable=True, value=first)
        with gr.Column(scale=2, min_width=180):
            detail = gr.HTML(HINT, elem_id="gm-detail", apply_default_css=False)
    with gr.Accordion("Walk through latent space", open=False), gr.Row():
        with gr.Column(scale=4, min_width=280):
            stops = gr.Slider(2, 8, 4, step=1, label="Stops", info="The first pictures of the seed, and back again.")
            path = gr.Radio([("Great circle (slerp)", "slerp"), ("Straight line (lerp)", "lerp")], value="slerp",
                            label="Path")
            frames = gr.Slider(16, 200, 80, step=4, label="Frames")
            go = gr.Button("Walk", variant="primary")
        with gr.Column(scale=6, min_width=280):
            film = animation.film()

    drawing = [model, count, seed, truncation, category]

    def draw(model, count, seed, truncation, category):
        asked = {"model": model, "count": count, "seed": seed, "truncation": truncation, "category": category}
        return actions.sample(**asked) | {"file": f"{model}-seed-{seed}", "asked": asked}

    def look(model, seed, truncation, category, event: gr.EventData):
        return _detail(actions, actions.inspect(model, seed, event.index, truncation, category), seed, event.index)

    def choose(name, category):
        kept = category if _conditional(actions, name) else -1
        return about(studio, name), gr.Dropdown(_categories(actions, name), value=kept,
                                                visible=_conditional(actions, name)), HINT

    live(live(model.input, choose, [model, category], [line, category, detail]).then, draw, drawing, grid)
    for change in (count.input, category.input, seed.submit, seed.blur):
        live(change, draw, drawing, grid)
    live(new.click(None, None, seed, js=NEW_SEED, api_visibility="private").then, draw, drawing, grid)
    live(grid.select, look, [model, seed, truncation, category], detail)
    go.click(actions.walk, [model, seed, stops, frames, path, truncation, category], film,
             concurrency_limit=None, show_progress_on=[film], api_visibility="private")
    return None if first else (draw, drawing, grid)


def _first(actions: Actions, name: str | None) -> dict | None:
    """What ``draw`` gives for the page's first settings, from the file beside the weights: the page need not wait.

    None where the file is silent on it.
    """
    kept = None if not name or _conditional(actions, name) else actions.studio.sheet(name)
    if kept is None or len(kept) < COUNT:
        return None
    title = actions.studio.title(name)
    asked = {"model": name, "count": COUNT, "seed": "0", "truncation": 1.0, "category": -1}
    return packed(kept[:COUNT], alt=[f"{title}, picture {i}" for i in range(COUNT)], file=f"{name}-seed-0", asked=asked)


def _conditional(actions: Actions, name: str | None) -> bool:
    return bool(name) and actions.categories(name) is not None


def _categories(actions: Actions, name: str | None) -> list[tuple[str, int]]:
    names = (actions.categories(name) if name else None) or []
    return [("each in turn", -1), *sorted((text, value) for value, text in enumerate(names))]


def _detail(actions: Actions, answer: dict, seed: str, index: int) -> str:
    rows = [("Seed", f"{seed}, picture {index}")]
    if answer["score"] is not None:
        rank = answer["real_percentile"]
        rows.append(("Discriminator", f"{answer['score']:+.2f}" if rank is None
                     else f"finds it more real than {rank:.0%} of real digits"))
    if answer["predicted"] is not None:
        rows.append(("Classifier reads", f"{answer['predicted']} ({answer['confidence']:.0%})"))
    picture = unpack(answer)[0]
    html = crisp(picture, f"Picture {index} of seed {seed}, enlarged", side=180)
    html += facts(rows)
    if answer["neighbour"] is not None:
        nearest = unpack({"pixels": answer["neighbour"], "shape": picture.shape})
        html += crisp(nearest, "The training digit nearest to it", "Nearest training digit: is it a copy?", side=180)
    return f'<div class="gm-facts gm-column">{html}</div>'


if __name__ == "__main__":
    run_alone(build)
