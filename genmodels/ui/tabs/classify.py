"""Classify: what generative and discriminative models make of a drawing, and how many examples each kind needs."""

from __future__ import annotations

import math

import gradio as gr

from genmodels.data import synthetic
from genmodels.evaluation.report import read_curves
from genmodels.ui.api.base import ScreenError, as_gradio_error
from genmodels.ui.api.classify import ClassifyEndpoints
from genmodels.ui.api.framing import frame_upload
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.uploads import MAX_BYTES, MEDIA_TYPES
from genmodels.ui.components import Classifiers, ExampleStrip, LearningCurves, Sketchpad
from genmodels.ui.model_option import ModelOption
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import intro, launch_tab, note, on_event
from genmodels.ui.tabs.examples import examples, first_drawing
from genmodels.ui.tabs.reconstruct import piece_choice
from genmodels.ui.text import Text, element, to_json

PAD = "gm-classify-pad"
FIRST = 2, 22  # the digit that is there at first, and the seed that it is drawn from


def build(store: ModelStore):
    """Lay out the tab."""
    endpoints = ClassifyEndpoints(store)
    options = sorted(store.options(lambda name: suits(endpoints, name)), key=lambda option: _size(store, option))
    intact = [option.name for option in options if not option.error]
    dataset = store.card(intact[0]).dataset if intact else None
    first = synthetic.draw_digit(*FIRST)
    intro("classify.intro")
    with gr.Row(elem_classes=["gm-layout", "gm-classify"]):
        with gr.Column():
            sketchpad = Sketchpad(MAX_BYTES, MEDIA_TYPES, PAD, first_drawing(first))
            pieces = ExampleStrip(None, "gm-classify-pieces", is_piece=True)
            strip = ExampleStrip(None, "gm-classify-examples")
            sentences = element("p", Text("classify.discriminative.sentence")) + element(
                "p", Text("classify.generative.sentence"))
            gr.HTML(element("div", sentences, class_="gm-class-sentences"), apply_default_css=False)
        with gr.Column():
            table = Classifiers([model_facts(endpoints, option) for option in options], PAD,
                                {"image": encode_images(first[None])})
            gr.HTML(note(Text("classify.likelihood.note")), apply_default_css=False)
    if curves := read_curves(store.root):
        LearningCurves(curves)

    def frame(drawing):
        """The image to classify, and the digits to choose from where there are several in a picture."""
        if not drawing or dataset is None:
            return None, None
        chosen = gr.skip() if drawing.get("isPiece") else None
        try:
            upload = as_gradio_error(frame_upload)
            framed = upload(drawing["image"], dataset, bool(drawing.get("center", True)))
        except ScreenError as error:
            return {"words": error.text.to_json()}, chosen
        if len(framed.images) > 1:
            return None, piece_choice(framed.images)
        return {"image": encode_images(framed.images), "stroke": drawing.get("stroke")}, chosen

    on_event([sketchpad.input], frame, sketchpad, [table, pieces])
    on_event([table.select], lambda: examples(store, intact[0] if intact else None), None, strip)


def suits(endpoints: ClassifyEndpoints, name: str) -> bool:
    """Whether a checkpoint tells drawings apart in one way or the other. Broken ones are listed too."""
    store = endpoints.store
    return endpoints.can_classify(name) and (name in store.errors or store.card(name).dataset["framing"] == "digit")


def _size(store: ModelStore, option: ModelOption) -> float:
    """By which models are sorted: simple ones first, broken ones last."""
    return math.inf if option.error else store.card(option.name).parameters


def model_facts(endpoints: ClassifyEndpoints, option: ModelOption) -> dict:
    """A model as ``Classifiers`` takes it."""
    store, name = endpoints.store, option.name
    by_bound = endpoints.has_bound(name)
    facts = {"name": name, "title": option.title, "error": option.error, "by": "bound" if by_bound else "classify",
             "is_generative": store.is_conditional(name)}
    if option.error:
        return to_json(facts | {"classes": []})
    card = store.card(name)
    measured = card.metrics.get("bound_accuracy" if by_bound else "test_accuracy")
    return to_json(facts | {
        "classes": [str(label) for label in card.dataset["classes"]], "parameters": card.parameters,
        "accuracy": measured and {key: measured[key] for key in ("value", "n")},
        "likelihoods": card.latent_stats.get("log_prob_quantiles")})


if __name__ == "__main__":
    launch_tab(build)
