"""Reconstruct: send a picture through an autoencoder and see what comes back."""

from __future__ import annotations

import base64

import gradio as gr
import numpy as np
from PIL import Image

from genmodels.ui.api.base import ScreenError
from genmodels.ui.api.image_payloads import decode_images, encode_images
from genmodels.ui.api.likeness import likeness_pair, offered_attributes
from genmodels.ui.api.reconstruct import ReconstructEndpoints
from genmodels.ui.api.uploads import MAX_BYTES, MEDIA_TYPES
from genmodels.ui.components import (
    AttributeSliders,
    ExampleStrip,
    LikenessDivider,
    ModelRadio,
    PenPreview,
    Select,
    Sketchpad,
    select_value,
)
from genmodels.ui.store import ModelStore, class_text
from genmodels.ui.tabs.common import (
    about,
    category_title,
    definition_list,
    intro,
    kept_category,
    launch_tab,
    model_summary,
    note,
    on_event,
    pixelated_img,
)
from genmodels.ui.tabs.examples import examples
from genmodels.ui.text import Text, element

NUM_SAMPLES = 8
INK_SIDE = 140  # CSS pixels, the longer side
ONE, ALL, LIKENESS, ATTRIBUTES = "one", "all", "likeness", "attributes"
VIEWS = [(Text("reconstruct.view.one"), ONE), (Text("reconstruct.view.all"), ALL),
         (Text("reconstruct.view.likeness"), LIKENESS), (Text("reconstruct.view.attributes"), ATTRIBUTES)]
DARKER, BRIGHTER = np.array([255, 140, 50]), np.array([70, 160, 255])  # RGB of the difference map


def build(store: ModelStore):
    """Lay out the tab."""
    endpoints = ReconstructEndpoints(store)
    intro("reconstruct.intro")
    model = ModelRadio(store.options(endpoints.can_reconstruct), "vae", "reconstruct-model", announce=True)
    with gr.Row(elem_classes=["gm-layout", "gm-reconstruct"]):
        with gr.Column():
            sketchpad = Sketchpad(MAX_BYTES, MEDIA_TYPES)
            pieces = ExampleStrip(None, "gm-pieces", is_piece=True)
            strip = ExampleStrip(None)
            summary = about(model_summary(store, model.value))
        with gr.Column():
            with gr.Row(elem_classes=["gm-choices"]):
                view = Select("view", select_value(Text("reconstruct.view"), VIEWS, ONE), "view")
                label = Select("label", _label_choice(store, model.value))
            preview = PenPreview("gm-sketchpad", "reconstruct-model", "label", "gm-result")
            likeness, attributes = LikenessDivider(), AttributeSliders()
            result = gr.HTML(empty_html(None), elem_id="gm-result", apply_default_css=False)

    def reconstruct(drawing, model, label, view):
        """The answer, the number of the stroke that it is to, if it is to one, and what the page shows by itself."""
        shown, pieces, image = answer(drawing, model, label, view["value"])
        stroke = drawing and drawing.get("stroke")
        by_page = {"shape": None if image is None else [*image.shape],
                   "pixels": None if image is None else base64.b64encode(image).decode(), "stroke": stroke}
        kept = kept_category(store, model, label["value"])
        return (shown, pieces, stroke,
                _pair_value(store, model, by_page) if view["value"] == LIKENESS else None,
                _attribute_value(endpoints, model, kept, image, by_page) if view["value"] == ATTRIBUTES else None)

    def answer(drawing, model, label, view):
        """The result, the digits to choose from where there are several in a picture, and the image as framed.

        In a view that the page computes there is no result but what is to be done.
        """
        if not drawing:
            return empty_html(model, places=view in (ONE, ALL)), None, None
        chosen = gr.skip() if drawing.get("isPiece") else None
        try:
            framed = endpoints.frame(drawing["image"], model, bool(drawing.get("center", True)))
            if len(framed.images) > 1:
                return empty_html(model, "", view in (ONE, ALL)), piece_choice(framed.images), None
            kept, image = kept_category(store, model, label["value"]), framed.images[0]
            if view == ALL:
                return comparison_html(endpoints.compare_framed(image, model, kept), store, model), chosen, image
            if view != ONE:
                return empty_html(model, "", False), chosen, image
            found = endpoints.reconstruct_framed(image, model, kept, NUM_SAMPLES, 0)
        except ScreenError as error:
            words = element("p", error.text, class_="gm-error gm-prompt", role="alert")
            return empty_html(model, words, view in (ONE, ALL)), chosen, None
        return result_html(found, framed.ink if drawing.get("picture") else None, model), chosen, image

    def choose(name, label):
        return model_summary(store, name), _label_choice(store, name, label["value"]), examples(store, name)

    inputs = [sketchpad, model, label, view]
    on_event([model.input], choose, [model, label], [summary, label, strip])
    on_event([sketchpad.input, label.input, model.input, view.input], reconstruct, inputs,
             [result, pieces, preview, likeness, attributes])


def _pair_value(store: ModelStore, name: str, by_page: dict) -> dict:
    """The two models whose reconstructions are compared, as the divider takes them."""
    pair = likeness_pair(store, name) if name else None
    if pair is None:
        return {"words": Text("likeness.none").to_json()}
    return by_page | {"models": [{"name": model, "title": store.title(model).to_json()} for model in pair]}


def _attribute_value(endpoints: ReconstructEndpoints, name: str, label: int, image: np.ndarray | None,
                     by_page: dict) -> dict:
    """A model and what its sliders change, as the component takes them."""
    store = endpoints.store
    offered = offered_attributes(store.card(name)) if name else []
    if not offered:
        return {"words": Text("attribute.none").to_json()}
    category = None if image is None else endpoints.label_framed(image, name, label)
    return by_page | {"model": name, "category": category if label < 0 else label, "attributes": offered}


def piece_choice(images: np.ndarray) -> dict:
    """The digits of a picture, and all of it as one, for the strip to choose from."""
    count = len(images) - 1
    alt = [*(Text("reconstruct.piece", number=i + 1, count=count) for i in range(count)), Text("reconstruct.whole")]
    return encode_images(images, alt, title=Text("example.pieces", count=count).to_json())


def _label_choice(store: ModelStore, name: str | None, value: int = -1) -> dict:
    """The choice of a label to condition on; empty for a model that takes none."""
    names = (store.category_names(name) if name else None) or []
    options = [(Text("category.predicted"), -1), *((class_text(text), y) for y, text in enumerate(names))]
    return select_value(category_title(store, name), options if names else [], kept_category(store, name, value))


def empty_html(model: str | None, words: str | None = None, places: bool = True) -> str:
    """The places of the pictures, if there are any, as HTML; above them what there is to say: at first, what to do."""
    if words is None:
        words = element("p", Text("reconstruct.placeholder"), class_="gm-note gm-prompt")
    figures = "".join(element("figure", element("span", class_="gm-empty") + element("figcaption", Text(key)))
                      for key in ("reconstruct.input.alt", "reconstruct.output", "reconstruct.difference"))
    html = words + (element("div", figures, class_="gm-panel gm-results") if places else "")
    return element("div", html, class_="gm-result", data_shown_model=model)


def result_html(answer: dict, ink: np.ndarray | None = None, model: str | None = None) -> str:
    """What ``reconstruct`` returned for a model, as HTML; parts that the model does not have are left out.

    ``ink``: what was found in the visitor's picture, uint8 [H, W], to be shown before the input.
    """
    given, back, _, *samples = decode_images(answer)
    height, width = given.shape
    found = "" if ink is None else _ink_html(ink)
    images = (found + pixelated_img(given, Text("reconstruct.input.alt"),
                            Text("reconstruct.input", width=width, height=height))
              + pixelated_img(back, Text("reconstruct.output.alt"), Text("reconstruct.output"))
              + pixelated_img(_difference_map(given, back), Text("reconstruct.difference.alt"),
                              Text("reconstruct.difference")))
    html = (element("div", images, class_="gm-panel gm-results")
            + element("div", _metrics_html(answer), class_="gm-panel gm-metrics"))
    if samples:
        row = "".join(pixelated_img(image, Text("reconstruct.sample.alt", number=i + 1), width=64)
                      for i, image in enumerate(samples))
        html += note(Text("reconstruct.samples")) + element("div", row, class_="gm-panel gm-posterior-samples")
    return element("div", html, class_="gm-result", data_shown_model=model)


def comparison_html(answer: dict, store: ModelStore, model: str) -> str:
    """What ``compare_reconstructions`` returned, as HTML: the input, then each model's reconstruction beside it."""
    given, *images = decode_images(answer)
    columns = [_column(Text("reconstruct.compared.input"), [pixelated_img(given, Text("reconstruct.input.alt"))],
                       [_reading(answer["predicted"])], is_chosen=False)]
    for row, back in zip(answer["models"], images[::2], strict=True):
        title, numbers = store.title(row["name"]), row["numbers"]
        pictures = [pixelated_img(back, Text("reconstruct.compared.alt", title=title)),
                    pixelated_img(_difference_map(given, back), Text("reconstruct.difference.alt"))]
        lines = [Text("reconstruct.compared.mse", mse=row["mse"]),
                 Text("reconstruct.compared.features", error=row["feature_error"]) if answer["judge"] else None,
                 _reading(row["predicted"]), Text("reconstruct.numbers", count=numbers) if numbers else None,
                 None if row["bits"] is None else Text("reconstruct.bits", bits=row["bits"])]
        columns.append(_column(title, pictures, lines, row["name"] == model))
    html = element("div", "".join(columns), class_="gm-comparison") + note(Text("reconstruct.compared.info"))
    if answer["judge"]:
        html += note(Text("reconstruct.compared.judge", title=store.title(answer["judge"])))
    return element("div", html, class_="gm-result", data_shown_model=model)


def _column(title: Text, pictures: list[str], lines: list[Text | None], is_chosen: bool) -> str:
    facts = "".join(element("p", line) for line in lines if line)
    return element("section", element("h3", title) + "".join(pictures) + facts,
                   class_="gm-chosen" if is_chosen else None)


def _reading(predicted: tuple[int | None, float]) -> Text | None:
    """What the classifier reads, and how sure it is; None where there is no classifier."""
    digit, confidence = predicted
    return None if digit is None else Text("reconstruct.compared.read", predicted=digit, confidence=confidence)


def _ink_html(ink: np.ndarray) -> str:
    small = Image.fromarray(ink)
    small.thumbnail((2 * INK_SIDE, 2 * INK_SIDE), Image.Resampling.BOX)  # sharp on screens with two pixels to a unit
    width = round(INK_SIDE * min(1, small.width / small.height))
    return pixelated_img(np.asarray(small), Text("reconstruct.ink.alt"), Text("reconstruct.ink"), width)


def _metrics_html(answer: dict) -> str:
    """The metrics of an answer, as HTML; those that are None are left out."""
    rows = [(Text("reconstruct.error"), Text("reconstruct.mse", mse=answer["mse"]))]
    if answer["elbo"] is not None:
        nats = {name: Text("reconstruct.nats", value=answer[name]) for name in ("reconstruction_nll", "kl", "elbo")}
        over = nats["kl"] if answer["z"] is None else Text("reconstruct.nats_over", value=answer["kl"],
                                                           latents=len(answer["z"]))
        rows += [(Text("reconstruct.nll"), nats["reconstruction_nll"]), (Text("reconstruct.kl"), over),
                 (Text("reconstruct.elbo"), nats["elbo"])]
    for what, (predicted, confidence) in answer["predicted"].items():
        if predicted is not None:
            name = Text("classifier.predicts") if what == "input" else None
            rows.append((name, Text(f"classifier.prediction.{what}", predicted=predicted, confidence=confidence)))
    if answer["label"] is not None:
        rows.append((Text("reconstruct.label"), str(answer["label"])))
    return definition_list(rows) + (note(Text("reconstruct.nats.info")) if answer["elbo"] is not None else "")


def _difference_map(given: np.ndarray, back: np.ndarray) -> np.ndarray:
    """uint8 [H, W, 3]: orange where ``back`` is darker, blue where it is brighter, stronger where it is more so."""
    change = (back.astype(np.float32) - given) / 255
    return (np.maximum(-change, 0)[..., None] * DARKER + np.maximum(change, 0)[..., None] * BRIGHTER).astype(np.uint8)


if __name__ == "__main__":
    launch_tab(build)
