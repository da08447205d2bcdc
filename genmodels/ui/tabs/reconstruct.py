"""Reconstruct: send a digit through an autoencoder and see what comes back."""

from __future__ import annotations

import gradio as gr
import numpy as np

from genmodels import strokes
from genmodels.ui.actions import Actions, packed
from genmodels.ui.tabs.common import about, crisp, facts, live, run_alone, unpack
from genmodels.ui.widgets import sketch as drawing
from genmodels.ui.widgets.choice import model_choice

LEAD = ("Draw a digit: the encoder squeezes it into a few numbers, and the decoder draws it again from those alone. "
        "What is lost is what the model never learnt; a drawing of no digit comes back as the nearest one it knows.")
EMPTY = '<p class="gm-about">Draw a digit, upload a picture, or choose an example.</p>'
LOST, ADDED = np.array([255, 140, 50]), np.array([70, 160, 255])


def build(actions: Actions):
    """The inside of the tab."""
    studio = actions.studio
    gr.Markdown(LEAD, elem_classes=["gm-lead"])
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            sketch = drawing.sketch(_examples(actions))
        with gr.Column(scale=6, min_width=300):
            model = model_choice(studio.choices("CanEncode"), "vae", "Model", "reconstruct-model")
            line = gr.HTML(about(studio, model.value), apply_default_css=False)
            label = gr.Dropdown([("as the classifier reads it", -1), *((str(d), d) for d in range(10))], value=-1,
                                label="Digit", interactive=True, visible=_told(actions, model.value))
            result = gr.HTML(EMPTY, elem_id="gm-result", apply_default_css=False)

    def reconstruct(sketch, model, label):
        if not sketch or not sketch.get("picture"):
            return EMPTY
        answer = actions.reconstruct(sketch["picture"], model, label, 8, 0, bool(sketch.get("center", True)))
        return _result(answer, studio.spec(model).dim)

    inputs = [sketch, model, label]
    def choose(name):
        return about(studio, name), gr.Dropdown(visible=_told(actions, name))

    live(sketch.input, reconstruct, inputs, result)
    live(label.input, reconstruct, inputs, result)
    live(live(model.input, choose, model, [line, label]).then, reconstruct, inputs, result)


def _told(actions: Actions, name: str | None) -> bool:
    return bool(name) and actions.is_told(name)


def _examples(actions: Actions) -> dict:
    """Ten of our own drawings and, where MNIST is on disk, ten real test digits."""
    drawn = np.stack([strokes.draw_digit(d, 20 + d) for d in range(10)])
    alt = [f"drawn example, {d}" for d in range(10)]
    real = actions.studio.test_examples()
    if real is not None:
        drawn = np.concatenate([drawn, real])
        alt += [f"MNIST test digit {i}" for i in range(len(real))]
    return packed(drawn, alt=alt)


def _result(answer: dict, dim: int) -> str:
    given, back, _, *draws = unpack(answer)
    read = answer["predicted"]
    rows = [("Reconstruction error", f"{answer['error']:.4f} mean square, pixels in [0, 1]"),
            ("Reconstruction", f"{answer['reconstruction_nats']:.1f} nats"),
            ("KL to the prior", f"{answer['kl']:.1f} nats, over {dim} latents"),
            ("ELBO", f"{answer['elbo']:.1f} nats")]
    if read["input"][0] is not None:
        rows += [("Classifier reads", f"{read['input'][0]} ({read['input'][1]:.0%}) in the input"),
                 ("", f"{read['reconstruction'][0]} ({read['reconstruction'][1]:.0%}) in the reconstruction")]
    if answer["label"] is not None:
        rows.append(("Told to the model", str(answer["label"])))
    pictures = (crisp(given, "The input as the model sees it", "Input as the model sees it, 28 x 28")
                + crisp(back, "The reconstruction", "Reconstruction")
                + crisp(_difference(given, back), "Difference map: lost ink orange, added ink blue",
                        "Difference: orange lost, blue added"))
    several = "".join(crisp(d, f"Draw {i + 1} from the posterior", side=64) for i, d in enumerate(draws))
    return (f'<div class="gm-facts">{pictures}</div><div class="gm-facts gm-numbers">{facts(rows)}</div>'
            f'<p class="gm-about">Several draws from the posterior: pictures the model takes for the same.</p>'
            f'<div class="gm-facts gm-draws">{several}</div>')


def _difference(given: np.ndarray, back: np.ndarray) -> np.ndarray:
    """uint8 [28, 28, 3]: ink that was lost orange, ink that was added blue, brighter where more."""
    change = (back.astype(np.float32) - given) / 255
    return (np.maximum(-change, 0)[..., None] * LOST + np.maximum(change, 0)[..., None] * ADDED).astype(np.uint8)


if __name__ == "__main__":
    run_alone(build)
