"""The images that a tab offers a visitor to begin with."""

from __future__ import annotations

import base64
from itertools import chain

import numpy as np

from genmodels.data import synthetic
from genmodels.images import png
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.store import ModelStore, class_text
from genmodels.ui.text import Text

MAX_EXAMPLES = 10  # of each kind


def examples(store: ModelStore, name: str | None) -> dict | None:
    """Images of the kind that a model learned, for the strip: None where there are none.

    Test images of its data set where that is on disk; before them synthetic digits where its classes are digits. Where
    there are neither, samples that are stored with the checkpoint.
    """
    if not name:
        return None
    dataset = store.card(name).dataset
    found = [_drawn_digits(dataset), _test_images(store, dataset)]
    if not any(found):
        found = [_stored_samples(store, name)]
    size = dataset["height"], dataset["width"]
    shown = [(image, alt) for image, alt in chain(*found) if image.shape == size]
    return encode_images(np.stack([image for image, _ in shown]), [alt for _, alt in shown]) if shown else None


def first_drawing(image: np.ndarray) -> dict:
    """An image uint8 [H, W], framed already, as what a Sketchpad shows at first."""
    return {"image": "data:image/png;base64," + base64.b64encode(png(image)).decode(), "center": False}


def _drawn_digits(dataset: dict) -> list[tuple[np.ndarray, Text]]:
    """A synthetic digit of each class, uint8 [28, 28], and its description; none where the classes are no digits."""
    if not set(dataset["classes"]) <= set("0123456789"):
        return []
    return [(synthetic.draw_digit(int(d), 20 + int(d)), Text("example.drawn", name=d)) for d in dataset["classes"]]


def _test_images(store: ModelStore, dataset: dict) -> list[tuple[np.ndarray, Text]]:
    images = store.reference.test_examples(dataset["name"], MAX_EXAMPLES)
    if images is None:
        return []
    names = dataset["classes"][:MAX_EXAMPLES] or [str(i + 1) for i in range(len(images))]
    return [(image, Text("example.test", dataset=dataset["title"], name=class_text(name)))
            for image, name in zip(images, names, strict=False)]


def _stored_samples(store: ModelStore, name: str) -> list[tuple[np.ndarray, Text]]:
    stored = store.stored_samples(name)
    stored = [] if stored is None else stored[:MAX_EXAMPLES]
    return [(image, Text("example.sample", number=i + 1, title=store.title(name))) for i, image in enumerate(stored)]
