"""Few labels: what a model believes of digits that nobody labeled, and what it says of the visitor's own."""

from __future__ import annotations

import functools

import gradio as gr
import numpy as np

from genmodels.data import synthetic
from genmodels.evaluation.report import read_few_labels
from genmodels.ui.api.base import ScreenError, as_gradio_error
from genmodels.ui.api.caption import CaptionEndpoints
from genmodels.ui.api.framing import frame_upload
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.uploads import MAX_BYTES, MEDIA_TYPES
from genmodels.ui.components import BeliefBoard, FewLabelResults, ModelRadio, Sketchpad
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import about, intro, launch_tab, model_summary, on_event, reader
from genmodels.ui.tabs.examples import first_drawing

PAD = "gm-labels-pad"
EACH = 10  # digits of each class on the board
DRAWN = 500  # the seed of the first that is drawn
FIRST = 34  # which of them is on the canvas at first


def build(store: ModelStore):
    """Lay out the tab."""
    endpoints = CaptionEndpoints(store)
    intro("labels.intro")
    model = ModelRadio(store.options(endpoints.can_caption), "ssvae", "labels-model")
    with gr.Row(elem_classes=["gm-layout", "gm-labels"]):
        with gr.Column():
            first = drawn_digits()[FIRST]
            sketchpad = Sketchpad(MAX_BYTES, MEDIA_TYPES, PAD, first_drawing(first))
        with gr.Column():
            value = of_model(store, model.value) | {"image": encode_images(first[None]), "board": drawn_board()}
            board = BeliefBoard(value, PAD, reader(functools.partial(test_board, store)))
    if found := read_few_labels(store.root):
        FewLabelResults(found)
    summary = about(model_summary(store, model.value))

    def frame(name, drawing):
        """The image to describe; of a picture with several digits the first."""
        found = of_model(store, name)
        if not drawing or not name:
            return found
        dataset = store.card(name).dataset
        try:
            framed = as_gradio_error(frame_upload)(drawing["image"], dataset, bool(drawing.get("center", True)))
            image = framed.images[:1]
        except ScreenError as error:
            return found | {"words": error.text.to_json()}
        return found | {"image": encode_images(image), "stroke": drawing.get("stroke")}

    on_event([model.input, sketchpad.input], frame, [model, sketchpad], board)
    on_event([model.input], lambda name: model_summary(store, name), model, summary)


def of_model(store: ModelStore, name: str | None) -> dict:
    """A checkpoint, and of how many images it was told the labels."""
    if not name:
        return {"model": None}
    card = store.card(name)
    images = card.dataset["images"]
    return {"model": name, "told": {"labels": card.config.get("labels", images), "images": images}}


def drawn_digits() -> np.ndarray:
    """Digits that our own code draws, class by class, uint8 [10 * EACH, 28, 28]."""
    return np.stack([synthetic.draw_digit(k // EACH, DRAWN + k) for k in range(10 * EACH)])


def drawn_board() -> dict:
    """The board of those, as ``BeliefBoard`` takes it."""
    return encode_images(drawn_digits()) | {"labels": [k // EACH for k in range(10 * EACH)], "source": "drawn"}


def test_board(store: ModelStore, model: str) -> dict | None:
    """The same of test images of the data set that a model learned; None where they are not on disk."""
    found = store.reference.test_images_of_each(store.card(model).dataset["name"], EACH)
    if found is None:
        return None
    images, labels = found
    return encode_images(images) | {"labels": labels.tolist(), "source": "test"}


if __name__ == "__main__":
    launch_tab(build)
