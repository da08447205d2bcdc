"""The endpoint of the Reconstruct tab: what it returns, what its tab shows, and one clear message for bad input."""

from __future__ import annotations

import dataclasses
import json
import shutil

import numpy as np
import pytest

from genmodels import checkpoint
from genmodels.models.vae import VAE
from genmodels.ui.tabs.reconstruct import result_html
from ui.helpers import DIGIT, DIGIT_FILE, RECONSTRUCTING, assert_refused, endpoints_on, image_file, images_of


@pytest.mark.parametrize("model", RECONSTRUCTING)
def test_reconstruct_returns_the_input_its_reconstruction_and_the_bound(api, model):
    answer = api.reconstruct(DIGIT_FILE, model, num_samples=5)
    given, back, difference, *samples = images_of(answer).astype(int)
    assert len(samples) == 5 and json.dumps(answer)
    assert np.abs(given - DIGIT).mean() < 2
    assert (difference == np.abs(given - back)).all()
    assert answer["mse"] == pytest.approx(np.square((given - back) / 255).mean(), abs=1e-3)
    assert answer["elbo"] == pytest.approx(-answer["reconstruction_nll"] - answer["kl"], abs=0.11)
    assert answer["kl"] >= 0 and len(answer["z"]) == api.store.get(model).spec.dim
    assert all(digit in range(10) and 0 < confidence <= 1 for digit, confidence in answer["predicted"].values())
    assert answer["label"] == (answer["predicted"]["input"][0] if model == "cvae" else None)
    assert api.reconstruct(DIGIT_FILE, model, num_samples=5) == answer
    again = images_of(api.reconstruct(DIGIT_FILE, model, num_samples=5, seed=1))
    assert (again[:3] == images_of(answer)[:3]).all() and (again[3:] != images_of(answer)[3:]).any()


def test_reconstruct_with_the_fewest_and_most_samples_and_a_given_label(api):
    for n in (1, 16):
        assert api.reconstruct(DIGIT_FILE, "vae", num_samples=n)["shape"] == [3 + n, 28, 28]
    by_label = [images_of(api.reconstruct(DIGIT_FILE, "cvae", label=d))[1].tobytes() for d in range(10)]
    assert len(set(by_label)) == 10 and api.reconstruct(DIGIT_FILE, "cvae", label=9)["label"] == 9


def test_an_image_that_is_framed_already_is_not_changed(api):
    faint = DIGIT // 3  # centering would strengthen it
    framed = images_of(api.reconstruct(image_file(faint), center=False))[0]
    assert (framed == faint).all()
    assert images_of(api.reconstruct(image_file(faint), center=True))[0].max() == 255
    # Not 28 x 28, so centered all the same.
    assert (images_of(api.reconstruct(DIGIT_FILE, center=False))[0] == DIGIT).all()


@pytest.fixture
def without_posterior(copy, monkeypatch):
    """Endpoints whose model "vae" can only reconstruct, like a deterministic autoencoder."""
    monkeypatch.setattr(VAE, "reconstruct", lambda self, x, y=None: self.decode(self.encode(x).mu), raising=False)
    card = checkpoint.read_card("vae", copy)
    checkpoint.save_card(dataclasses.replace(card, info={**card.info, "capabilities": ["reconstruct"]}), copy / "vae")
    return endpoints_on(copy)


def test_a_model_without_a_posterior_reconstructs_without_a_bound(api, without_posterior):
    answer = without_posterior.reconstruct(DIGIT_FILE, "vae")
    assert answer["shape"] == [3, 28, 28] and (images_of(answer) == images_of(api.reconstruct(DIGIT_FILE))[:3]).all()
    assert [answer[key] for key in ("reconstruction_nll", "kl", "elbo", "z", "label")] == [None] * 5
    assert answer["mse"] > 0 and answer["predicted"]["reconstruction"][0] in range(10)
    assert "vae" in assert_refused(without_posterior.reconstruct, "choose one of", image=DIGIT_FILE, model="dcgan")


def test_the_tab_shows_the_metrics_that_a_model_has(api, without_posterior):
    full, plain = (result_html(found.reconstruct(DIGIT_FILE, "vae")) for found in (api, without_posterior))
    for words in ("ELBO", "KL to the prior", "over 4 latents", "posterior samples"):
        assert words in full and words not in plain
    for words in ("Reconstruction error", "Classifier predicts", "Difference map"):
        assert words in full and words in plain
    assert full.count("<img") == 3 + 8 and plain.count("<img") == 3


def test_without_the_classifier_only_its_prediction_is_missing(copy):
    shutil.rmtree(copy / "cnn")
    api = endpoints_on(copy)
    assert api.inspect("dcgan")["predicted"] is None
    answer = api.reconstruct(DIGIT_FILE, "vae")
    assert answer["predicted"]["input"] == (None, 0.0) and "Classifier" not in result_html(answer)
    assert_refused(api.reconstruct, "classifier is not available .* give the digit", image=DIGIT_FILE, model="cvae")
    assert api.reconstruct(DIGIT_FILE, "cvae", label=3)["label"] == 3


BAD_INPUT = [
    ({"model": "dcgan"}, "dcgan cannot reconstruct; choose one of: vae, vae2d, cvae"),
    ({"model": "nope"}, "no model called 'nope'"),
    ({"model": "cvae", "label": 10}, "label must be from -1 to 9"),
    ({"model": "cvae", "label": None}, "label must be from -1 to 9"),
    ({"num_samples": 17}, "number of posterior samples must be from 1 to 16"),
    ({"seed": 2**32}, "seed is a whole number"),
]


@pytest.mark.parametrize("given, words", BAD_INPUT, ids=lambda value: value if isinstance(value, str) else None)
def test_bad_input_is_named_in_one_sentence(api, given, words):
    assert_refused(api.reconstruct, f"(?i:{words[:1]}){words[1:]}", image=DIGIT_FILE, **given)
