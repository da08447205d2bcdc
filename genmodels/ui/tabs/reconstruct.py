"""Reconstruct: send a digit through an autoencoder and see what comes back."""

from __future__ import annotations

import gradio as gr
import numpy as np

from genmodels.data import synthetic
from genmodels.ui.api.image_payloads import decode_images, encode_images
from genmodels.ui.api.reconstruct import ReconstructEndpoints
from genmodels.ui.components import ModelRadio, Sketchpad
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import (
    category_title,
    definition_list,
    launch_tab,
    model_summary,
    on_event,
    pixelated_img,
)

INTRO = ("Draw a digit: the encoder compresses it to a few numbers, and the decoder draws it again from those alone. "
         "What the model never learned is lost; a drawing that is no digit comes back as the nearest one it knows.")
PLACEHOLDER = '<p class="gm-note">Draw a digit, upload a picture, or choose an example.</p>'
NUM_SAMPLES = 8
LOST, ADDED = np.array([255, 140, 50]), np.array([70, 160, 255])  # RGB of the difference map


def build(store: ModelStore):
    """Lay out the tab; nothing fills it until the visitor draws."""
    endpoints = ReconstructEndpoints(store)
    gr.Markdown(INTRO, elem_classes=["gm-intro"])
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            sketchpad = Sketchpad(_examples(store))
        with gr.Column(scale=6, min_width=300):
            model = ModelRadio(store.options(endpoints.can_reconstruct), "vae", "Model", "reconstruct-model")
            summary = gr.HTML(model_summary(store, model.value), apply_default_css=False)
            label = _label_dropdown(store, model.value)
            result = gr.HTML(PLACEHOLDER, elem_id="gm-result", apply_default_css=False)

    def reconstruct(drawing, model, label):
        if not drawing or not drawing.get("image"):
            return PLACEHOLDER
        center = bool(drawing.get("center", True))
        return result_html(endpoints.reconstruct(drawing["image"], model, label, NUM_SAMPLES, 0, center))

    def choose(name, label):
        return model_summary(store, name), _label_dropdown(store, name, label)

    inputs = [sketchpad, model, label]
    on_event(sketchpad.input, reconstruct, inputs, result)
    on_event(label.input, reconstruct, inputs, result)
    chosen = on_event(model.input, choose, [model, label], [summary, label])
    on_event(chosen.then, reconstruct, inputs, result)


def _label_dropdown(store: ModelStore, name: str | None, value: int = -1) -> gr.Dropdown:
    """The label to condition on; hidden for a model that takes none."""
    names = (store.category_names(name) if name else None) or []
    kept = value if value in range(len(names)) else -1
    return gr.Dropdown([("Auto (predicted)", -1), *((text, y) for y, text in enumerate(names))], value=kept,
                       label=category_title(store, name), interactive=True, visible=bool(names))


def _examples(store: ModelStore) -> dict:
    """Ten synthetic digits and, where MNIST is on disk, ten of its test digits."""
    examples = np.stack([synthetic.draw_digit(d, 20 + d) for d in range(10)])
    alt = [f"drawn example, {d}" for d in range(10)]
    real = store.reference.test_examples("mnist")
    if real is not None:
        examples = np.concatenate([examples, real])
        alt += [f"MNIST test digit {i}" for i in range(len(real))]
    return encode_images(examples, alt=alt)


def result_html(answer: dict) -> str:
    """What ``reconstruct`` returned, as HTML; parts that the model does not have are left out."""
    given, back, _, *samples = decode_images(answer)
    height, width = given.shape
    images = (pixelated_img(given, "The input as the model sees it", f"Input as the model sees it, {width} x {height}")
              + pixelated_img(back, "The reconstruction", "Reconstruction")
              + pixelated_img(_difference_map(given, back), "Difference map: lost ink orange, added ink blue",
                              "Difference: orange lost, blue added"))
    html = f'<div class="gm-panel">{images}</div><div class="gm-panel gm-metrics">{_metrics_html(answer)}</div>'
    if samples:
        row = "".join(pixelated_img(x, f"Posterior sample {i + 1}, decoded", width=64) for i, x in enumerate(samples))
        html += '<p class="gm-note">Decoded posterior samples</p>'
        html += f'<div class="gm-panel gm-posterior-samples">{row}</div>'
    return html


def _metrics_html(answer: dict) -> str:
    """The metrics of an answer, as HTML; those that are None are left out."""
    rows = [("Reconstruction error", f"{answer['mse']:.4f} mean square, pixels in [0, 1]")]
    if answer["elbo"] is not None:
        over = "" if answer["z"] is None else f", over {len(answer['z'])} latents"
        rows += [("Reconstruction", f"{answer['reconstruction_nll']:.1f} nats"),
                 ("KL to the prior", f"{answer['kl']:.1f} nats{over}"), ("ELBO", f"{answer['elbo']:.1f} nats")]
    for what, (predicted, confidence) in answer["predicted"].items():
        if predicted is not None:
            name = "Classifier predicts" if what == "input" else ""
            rows.append((name, f"{predicted} ({confidence:.0%}) for the {what}"))
    if answer["label"] is not None:
        rows.append(("Conditioning label", str(answer["label"])))
    return definition_list(rows)


def _difference_map(given: np.ndarray, back: np.ndarray) -> np.ndarray:
    """uint8 [H, W, 3]: lost ink orange, added ink blue, brighter where there is more."""
    change = (back.astype(np.float32) - given) / 255
    return (np.maximum(-change, 0)[..., None] * LOST + np.maximum(change, 0)[..., None] * ADDED).astype(np.uint8)


if __name__ == "__main__":
    launch_tab(build)
