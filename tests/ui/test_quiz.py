"""Rounds of the quiz: the same for everyone, real and generated digits by chance, and honest."""

from __future__ import annotations

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from genmodels.data import mnist, shipped
from genmodels.ui.api.image_payloads import decode_images
from genmodels.ui.api.quiz import QUESTIONS, QuizEndpoints
from genmodels.ui.store import ModelStore


@pytest.fixture(scope="module")
def endpoints():
    return QuizEndpoints(ModelStore())


def test_a_round_is_the_same_for_everyone_and_real_digits_are_test_digits(endpoints):
    first, again, other = endpoints.quiz(7), QuizEndpoints(ModelStore()).quiz(7), endpoints.quiz(8)
    assert first == again and first["pixels"] != other["pixels"]
    images, (digits, labels) = decode_images(first), shipped.shipped_digits()
    real = [any(np.array_equal(image, digit) for digit in digits) for image in images]
    assert real == [maker is None for maker in first["makers"]] and 0 < sum(real) < QUESTIONS
    for image, isreal, predicted in zip(images, real, first["predicted"], strict=True):
        if isreal:
            assert predicted == labels[(digits == image).all((1, 2))][0]
    assert all(0 <= share <= 1 for share in first["real_percentile"] + first["confidence"])
    assert [title is None for title in first["titles"]] == real


def test_half_of_the_digits_are_real_and_all_good_models_take_part(endpoints, monkeypatch):
    monkeypatch.setattr(endpoints, "_drawn_by", lambda name, rng: np.zeros((28, 28), np.uint8))
    monkeypatch.setattr(endpoints, "_rank", lambda image, names: None)
    monkeypatch.setattr(endpoints.store, "predict", lambda images, loaded: [(None, 0.0)] * len(images))
    makers = [maker for number in range(60) for maker in endpoints.quiz(number)["makers"]]
    assert 0.4 < np.mean([maker is None for maker in makers]) < 0.6  # 5 standard errors
    assert set(makers) - {None} == set(endpoints.players())
    players = set(endpoints.players())
    assert {"dcgan", "vae", "flow"} <= players
    assert not {"naive_bayes", "pixelcnn", "stacked_gan", "vae2d", "frey2d", "cnn"} & players


def test_rounds_out_of_range_and_a_page_without_models_get_a_message(endpoints, tmp_path):
    with pytest.raises(gr.Error, match="number of the round"):
        endpoints.quiz(10**6)
    with pytest.raises(gr.Error, match="No model is available"):
        QuizEndpoints(ModelStore(tmp_path)).quiz(0)


def test_the_shipped_digits_are_the_first_of_each_class_with_their_license(tmp_path, monkeypatch):
    with Image.open(shipped.SHEET) as file:
        assert "CC BY-SA" in file.text["Copyright"] and "LeCun" in file.text["Source"]
    images, labels = shipped.shipped_digits()
    rows = np.argsort(np.arange(200) % 20, kind="stable")  # a zero, a one, ... and again
    more = np.concatenate([images[rows], np.zeros_like(images)]), np.concatenate([labels[rows], labels])
    monkeypatch.setattr(mnist, "read_split", lambda name, root, split: more)
    shipped.write(tmp_path, tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").read_bytes() == shipped.SHEET.read_bytes()
