"""The same digit by several models: told, by code, or found among what a model draws."""

from __future__ import annotations

import gradio as gr
import numpy as np
import pytest

from genmodels.data.shipped import shipped_digits
from genmodels.ui.api.compare import MAX_TRIED, CompareEndpoints
from genmodels.ui.api.image_payloads import decode_images
from genmodels.ui.api.sample import SampleEndpoints
from genmodels.ui.store import ModelStore


@pytest.fixture(scope="module")
def store():
    return ModelStore()


@pytest.fixture(scope="module")
def endpoints(store):
    return CompareEndpoints(store)


def test_a_model_that_is_told_the_digit_draws_the_images_of_its_seed(store, endpoints):
    drawn, sampled = endpoints.draw_digit("cgan", 4, 6, 9), SampleEndpoints(store).sample("cgan", 6, 9, 1.0, 4)
    assert drawn["pixels"] == sampled["pixels"] and drawn["tried"] == 6 and 5 <= drawn["read"] <= 6
    code = store.category_names("infogan").index("4")
    assert endpoints.draw_digit("infogan", 4, 6, 9)["pixels"] == SampleEndpoints(store).sample(
        "infogan", 6, 9, 1.0, code)["pixels"]
    any_digit = endpoints.draw_digit("vae", -1, 6, 9)
    assert any_digit["pixels"] == SampleEndpoints(store).sample("vae", 6, 9)["pixels"] and any_digit["read"] is None


def test_a_model_that_cannot_be_told_draws_until_the_digit_has_come_often_enough(store, endpoints, monkeypatch):
    found = endpoints.draw_digit("dcgan", 4, 6, 9)
    drawn = store.generate(store.get("dcgan"), endpoints._sample_latents(store.get("dcgan"), 9, range(found["tried"])))
    read = [predicted for predicted, _ in store.predict(drawn, store.get("dcgan"))]
    assert read.count(4) == len(decode_images(found)) == found["read"] == 6 and read[-1] == 4
    np.testing.assert_array_equal(decode_images(found), drawn[np.array(read) == 4])
    monkeypatch.setattr(store, "predict", lambda images, loaded: [(0, 1.0)] * len(images))
    none = endpoints.draw_digit("dcgan", 4, 6, 9)
    assert none["shape"] == [0, 28, 28] and none["read"] == 0 and none["tried"] == MAX_TRIED


def test_figures_are_those_of_the_cards(store, endpoints):
    figures = endpoints.figures("vae")
    metrics = store.card("vae").metrics
    assert figures["nll"] == metrics["nll"]["value"] and figures["told"] is False
    assert "nll" not in endpoints.figures("cgan") and endpoints.figures("cgan")["told"] is True
    assert endpoints.figures("infogan")["told"] is True


def test_real_digits_are_of_the_class_and_in_another_order_for_another_seed(endpoints):
    images, labels = shipped_digits()
    first, other = endpoints.real_digits(7, 8, 0), endpoints.real_digits(7, 8, 1)
    assert all((images[labels == 7] == digit).all((1, 2)).any() for digit in first)
    assert not np.array_equal(first, other) and endpoints.real_digits(-1, 8, 0).shape == (8, 28, 28)


@pytest.mark.parametrize(("call", "message"), [
    (("dcgan", 10, 8, 0), "digit"), (("dcgan", 1, 17, 0), "pictures"), (("frey2d", 1, 8, 0), "draws no gray digits"),
    (("stacked_gan", 1, 8, 0), "draws no gray digits"), (("cnn", 1, 8, 0), "generate"), (("dcgan", 1, 8, -1), "seed")])
def test_bad_calls_get_a_message(endpoints, call, message):
    with pytest.raises(gr.Error, match=f"(?i){message}"):
        endpoints.draw_digit(*call)
