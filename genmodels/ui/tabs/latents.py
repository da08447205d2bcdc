"""Latents: take hold of the numbers a picture is made of."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.actions import Actions
from genmodels.ui.tabs.common import about, live, run_alone
from genmodels.ui.widgets.board import board as latent_board
from genmodels.ui.widgets.choice import model_choice
from genmodels.ui.widgets.pictures import pictures

LEAD = ("Every picture is a point in latent space: drag on the map or move a slider, and the model draws what lies "
        "there. VAEs order their space by learning to reconstruct; InfoGAN found its codes by itself, without labels.")
EXTENT = 3.0  # the map reaches three standard deviations of the prior


def build(actions: Actions):
    """The inside of the tab; returns (function, inputs, outputs) that fill it."""
    studio = actions.studio
    gr.Markdown(LEAD, elem_classes=["gm-lead"])
    model = model_choice(studio.choices(), "vae2d", "Model", "latents-model")
    line = gr.HTML(about(studio, model.value), apply_default_css=False)

    def draw(ask: dict) -> dict:
        """A fresh latent; an error must come back as a value to be seen."""
        try:
            return actions.describe_latents(ask["model"], ask["seed"])
        except gr.Error as error:
            return {"error": error.message}
        except (KeyError, TypeError):
            return {"error": "The page sent a request that cannot be understood; reload it."}

    board = latent_board(draw)
    gr.Markdown("### One latent at a time\nEach row is a draw, the first one yours from above; each column a value of "
                "the chosen latent, all else fixed.")
    with gr.Row():
        with gr.Column(scale=3, min_width=260):
            vary = gr.Dropdown(_varying(actions, model.value), label="Vary", interactive=True)
            rows = gr.Slider(1, 10, 5, step=1, label="Rows")
        with gr.Column(scale=7, min_width=300):
            traversal = pictures("traversal", "Traversal of one latent")

    def choose(name):
        return about(studio, name), open_board(name), gr.Dropdown(_varying(actions, name), value=_first(actions, name))

    def open_board(name):
        answer = actions.describe_latents(name, 0)
        conditional = answer["categories"] is not None
        spec = studio.spec(name)
        label = "" if not conditional else "Digit" if spec.categorical.is_label else \
            "Categorical code c1, named by the digit it came to mean"
        return answer | {"model": name, "extent": EXTENT if spec.dim == 2 and not conditional else None,
                         "z": [0.0] * spec.dim if spec.dim == 2 else answer["z"], "category_label": label}

    def traverse(board, vary, rows):
        if not board or not vary:
            return gr.skip()
        category = -1 if board["category"] is None else board["category"]
        answer = actions.traverse(board["model"], vary, 10, rows, 0, category, board["z"])
        names = board["categories"]
        order = vary in ("c1", "digit") and names
        return answer | {"headings": [names[v] for v in answer["values"]] if order else None,
                         "file": f"{board['model']}-{vary}"}

    inputs = [board, vary, rows]
    live(model.input, choose, model, [line, board, vary])  # a new board speaks up by itself
    live(board.input, traverse, inputs, traversal)
    live(vary.input, traverse, inputs, traversal)
    live(rows.input, traverse, inputs, traversal)
    return lambda name: (*choose(name)[1:],), [model], [board, vary]


def _varying(actions: Actions, name: str | None) -> list[tuple[str, str]]:
    """Latents worth varying: the categorical part, then the strongest continuous ones; noise if there is no other."""
    if not name:
        return []
    every, part = actions.sliders(name), actions.studio.spec(name).categorical
    sliders = [s for s in every if not s["name"].startswith("noise")] or every
    choices = [(f"{s['title']}{', ' + s['note'] if s['note'] else ''}", s["name"]) for s in sliders[:16]]
    return ([(f"{part.name}, all values", part.name)] if part else []) + choices


def _first(actions: Actions, name: str) -> str | None:
    choices = _varying(actions, name)
    return choices[0][1] if choices else None


if __name__ == "__main__":
    run_alone(build)
