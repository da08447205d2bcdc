"""The endpoint of the Reconstruct tab: what it returns, what its tab shows, and one clear message for bad input."""

from __future__ import annotations

import dataclasses
import json
import shutil
from functools import partial

import numpy as np
import pytest
import torch
from conftest import change_card, save_photo_checkpoint, shipped_with

from genmodels import checkpoint
from genmodels.data import ImageSplit
from genmodels.images import from_uint8
from genmodels.models.vae import VAE
from genmodels.ui.api.likeness import likeness_judge, likeness_pair, offered_attributes
from genmodels.ui.reference import ReferenceImages
from genmodels.ui.tabs.examples import examples
from genmodels.ui.tabs.reconstruct import comparison_html, result_html
from ui.helpers import (
    DIGIT,
    DIGIT_FILE,
    LARGE_DIGIT,
    RECONSTRUCTING,
    assert_refused,
    damage,
    endpoints_on,
    image_file,
    image_shape,
    images_of,
    is_judged,
)


@pytest.mark.parametrize("model", RECONSTRUCTING)
def test_reconstruct_returns_the_input_its_reconstruction_and_what_else_the_model_has(api, model):
    answer, can = api.reconstruct(DIGIT_FILE, model, num_samples=5), partial(api.store.can, model)
    given, back, difference, *samples = images_of(answer).astype(int)
    assert given.shape == image_shape(model) and json.dumps(answer)
    if api.store.card(model).dataset["framing"] == "digit":
        assert np.abs(given - DIGIT).mean() < 2
    assert (difference == np.abs(given - back)).all()
    assert answer["mse"] == pytest.approx(np.square((given - back) / 255).mean(), abs=1e-3)
    if can("elbo"):
        assert answer["elbo"] == pytest.approx(-answer["reconstruction_nll"] - answer["kl"], abs=0.11)
        assert answer["kl"] >= 0 and len(samples) == 5
    else:
        assert [answer[key] for key in ("elbo", "reconstruction_nll", "kl")] == [None] * 3
    assert not can("encode") or len(answer["z"]) == api.store.get(model).spec.dim
    for digit, confidence in answer["predicted"].values():
        assert digit in range(10) and 0 < confidence <= 1 if is_judged(api.store, model) else digit is None
    assert answer["label"] == (answer["predicted"]["input"][0] if api.store.is_conditional(model) else None)
    assert api.reconstruct(DIGIT_FILE, model, num_samples=5) == answer
    again = images_of(api.reconstruct(DIGIT_FILE, model, num_samples=5, seed=1))
    assert (again[:3] == images_of(answer)[:3]).all()
    assert not samples or (again[3:] != images_of(answer)[3:]).any()


def test_models_of_one_data_set_are_compared_on_one_input(api):
    """Each as ``reconstruct`` shows it, and how many numbers it keeps of the input."""
    answer = api.compare_reconstructions(DIGIT_FILE, label=3)
    given, *images = images_of(answer)
    alike = [name for name in RECONSTRUCTING if api.store.card(name).dataset == api.store.card("vae").dataset]
    assert [row["name"] for row in answer["models"]] == alike and len(alike) >= 4
    for row, back, difference in zip(answer["models"], images[::2], images[1::2], strict=True):
        single = api.reconstruct(DIGIT_FILE, row["name"], label=3)
        assert (images_of(single)[:3] == np.stack([given, back, difference])).all()
        assert (row["mse"], list(row["predicted"])) == (single["mse"], list(single["predicted"]["reconstruction"]))
        assert single["z"] is None or row["numbers"] == len(single["z"])
        x, x_hat = from_uint8(given[None]), from_uint8(back[None])
        errors = api.store.get(answer["judge"]).model.feature_errors(x, x_hat)
        assert row["feature_error"] == pytest.approx(float(errors.sum()), abs=0.01) and row["bits"] is None
    html = comparison_html(answer, api.store, "vae")
    assert html.count("<section") == len(alike) + 1 and html.count("gm-chosen") == 1 and "numbers kept" in html
    assert_refused(api.compare_reconstructions, "dcgan .* cannot reconstruct|cannot", image=DIGIT_FILE, model="dcgan")


def test_bits_are_shown_where_the_card_has_them_and_features_where_a_model_judges_by_them(copy):
    change_card(copy / "vae", metrics={"bottleneck_bits": {"value": 1234.5, "n": 10}})
    for name in shipped_with("likeness"):
        shutil.rmtree(copy / name)
    api = endpoints_on(copy)
    answer = api.compare_reconstructions(DIGIT_FILE)
    html = comparison_html(answer, api.store, "vae")
    assert html.count("bits on average") == 1 and "1,234 bits" in html
    assert answer["judge"] is None and {row["feature_error"] for row in answer["models"]} == {None}
    assert "in features" not in html and likeness_pair(api.store, "vae") is None


def test_a_model_judged_in_pixels_is_paired_with_one_that_judges_by_features(api, copy):
    store = api.store
    judge = likeness_judge(store, store.card("vae").dataset["name"])
    assert store.can(judge, "likeness")
    for name in RECONSTRUCTING:
        if store.card(name).dataset["name"] != store.card("vae").dataset["name"]:
            assert likeness_pair(store, name) is None
            continue
        left, right = likeness_pair(store, name)
        assert right == judge != left and store.can(left, "encode") and store.spec(left).categorical is None
        assert left == name or name == judge or store.spec(name).categorical or not store.can(name, "encode")
    damage(copy, judge)
    assert likeness_judge(endpoints_on(copy).store, store.card("vae").dataset["name"]) is None


def test_attributes_are_offered_where_they_do_what_they_say(copy):
    good = {"property": "thickness", "direction": [1, 0, 0, 0], "reach": 2.0, "low": 2.0, "start": 3.0, "high": 4.0,
            "effect": 2.0, "spearman": 0.95, "class_consistency": 0.97}
    bad = [good | change for change in ({"effect": 0.2}, {"spearman": 0.4}, {"class_consistency": 0.8})]
    change_card(copy / "vae", latent_stats={"attributes": [*bad, good]})
    api = endpoints_on(copy)
    assert offered_attributes(api.store.card("vae")) == [good] and offered_attributes(api.store.card("ae")) == []
    assert api.describe_latents("vae")["attributes"] == [good]


def test_a_broken_model_is_left_out_of_a_comparison(copy):
    damage(copy, "ae")
    names = [row["name"] for row in endpoints_on(copy).compare_reconstructions(DIGIT_FILE)["models"]]
    assert "vae" in names and "ae" not in names


def test_reconstruct_with_the_fewest_and_most_samples_and_a_given_label(api):
    for n in (1, 16):
        assert api.reconstruct(DIGIT_FILE, "vae", num_samples=n)["shape"] == [3 + n, 28, 28]
    by_label = [images_of(api.reconstruct(DIGIT_FILE, "cvae", label=d))[1].tobytes() for d in range(10)]
    assert len(set(by_label)) == 10 and api.reconstruct(DIGIT_FILE, "cvae", label=9)["label"] == 9


def test_an_image_that_is_framed_already_is_not_changed(api):
    faint = DIGIT // 5  # centering would strengthen it
    framed = images_of(api.reconstruct(image_file(faint), center=False))[0]
    assert (framed == faint).all()
    assert images_of(api.reconstruct(image_file(faint), center=True))[0].max() == 255
    # Not 28 x 28, so centered all the same.
    assert (images_of(api.reconstruct(DIGIT_FILE, center=False))[0] == DIGIT).all()


def test_of_several_digits_one_is_chosen(api):
    two = image_file(255 - np.hstack([LARGE_DIGIT, LARGE_DIGIT[:, ::-1]]))
    assert_refused(api.reconstruct, "There are 2 digits in the picture; choose one with piece, 0 to 1, or .* piece 2$",
                   image=two)
    found = images_of(api.find_digits(two))
    assert found.shape == (3, 28, 28) and (found[1] != found[0]).any()
    assert found[2].any(0).sum() > found[2].any(1).sum()  # side by side
    for piece in range(3):
        assert (images_of(api.reconstruct(two, piece=piece))[0] == found[piece]).all()
    assert_refused(api.reconstruct, "piece must be from -1 to 2, not", image=two, piece=3)
    assert (images_of(api.reconstruct(DIGIT_FILE, piece=0)) == images_of(api.reconstruct(DIGIT_FILE))).all()


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
    assert_refused(api.reconstruct, "classifier is not available .* choose it", image=DIGIT_FILE, model="cvae")
    assert api.reconstruct(DIGIT_FILE, "cvae", label=3)["label"] == 3


# ---- Photographs


@pytest.fixture
def photos(copy):
    """Endpoints on models of which one, "photos", has learned from photographs of 28 x 20 pixels."""
    save_photo_checkpoint(copy / "photos")
    return endpoints_on(copy)


def test_a_photograph_is_cut_to_the_proportions_of_the_model(photos):
    photo = np.tile(np.linspace(0, 255, 90, dtype=np.uint8)[:, None], (1, 160))
    given = images_of(photos.reconstruct(image_file(photo), "photos"))[0]
    assert given.shape == (28, 20) and (given == given[:, :1]).all()
    assert given[0, 0] < 5 and given[-1, 0] > 250  # neither inverted nor taken for ink
    small = np.random.default_rng(0).integers(0, 256, (28, 20), np.uint8)
    for center in (True, False):
        assert (images_of(photos.reconstruct(image_file(small), "photos", center=center))[0] == small).all()


def test_a_drawn_digit_is_reconstructed_by_a_model_of_photographs_too(photos):
    answer = photos.reconstruct(DIGIT_FILE, "photos", num_samples=2)
    assert answer["shape"] == [5, 28, 20] and answer["elbo"] is not None
    assert "Classifier" not in result_html(answer) and "20 x 28" in result_html(answer)


# ---- Examples


def described(shown: dict) -> list[str]:
    """The descriptions of examples that have the model's size."""
    assert len(shown["alt"]) == shown["shape"][0] and len(set(shown["alt"])) == len(shown["alt"])
    return shown["alt"]


@pytest.mark.parametrize("model", RECONSTRUCTING)
def test_examples_have_the_size_of_the_model_and_digits_are_drawn_for_those_who_know_them(api, model):
    shown, classes = examples(api.store, model), api.store.card(model).dataset["classes"]
    if classes == list("0123456789"):
        assert described(shown) == [f"drawn example, {d}" for d in range(10)]
    if shown is not None:
        assert tuple(shown["shape"][1:]) == image_shape(model)
        sent = image_file(images_of(shown)[0])
        assert (images_of(api.reconstruct(sent, model, center=False))[0] == images_of(shown)[0]).all()


def test_examples_are_test_images_where_they_are_on_disk(photos, monkeypatch):
    asked = []

    def test_examples(dataset: str, count: int) -> np.ndarray:
        asked.append(dataset)
        return np.full((count, 28, 28 if dataset == "synthetic" else 20), 7, np.uint8)

    monkeypatch.setattr(photos.store.reference, "test_examples", test_examples)
    assert described(examples(photos.store, "vae"))[9:12] == [
        "drawn example, 9", "Synthetic digits test image, 0", "Synthetic digits test image, 1"]
    shown = examples(photos.store, "photos")
    assert described(shown)[0] == "photos test image, 1" and shown["shape"] == [10, 28, 20]
    assert (images_of(shown) == 7).all() and asked == ["synthetic", "folder"]


def test_examples_are_stored_samples_where_there_is_nothing_else(photos, copy):
    shown = examples(photos.store, "photos")
    assert described(shown)[1] == "sample 2 of VAE (photos)"
    assert (images_of(shown) == photos.store.stored_samples("photos")[:10]).all()
    (copy / "photos" / checkpoint.SAMPLES).unlink()
    assert examples(photos.store, "photos") is None and examples(photos.store, None) is None


def test_test_examples_are_one_of_each_class_or_from_all_parts_of_the_split(tmp_path, monkeypatch):
    reference = ReferenceImages(tmp_path)
    assert reference.test_examples("mnist", 10) is None and reference.test_examples("synthetic", 10) is None
    pixels, labels = torch.arange(60, dtype=torch.uint8).reshape(60, 1, 1), torch.arange(60) // 20
    monkeypatch.setattr(reference, "_load",
                        lambda name, split, place: ImageSplit(pixels, labels if name == "fashion" else None))
    assert reference.test_examples("fashion", 10).ravel().tolist() == [0, 20, 40]
    assert reference.test_examples("fashion", 2).ravel().tolist() == [0, 20]
    assert reference.test_examples("frey", 3).ravel().tolist() == [0, 29, 59]


BAD_INPUT = [
    ({"model": "dcgan"}, f"dcgan cannot reconstruct; choose one of: {', '.join(RECONSTRUCTING)}$"),
    ({"model": "nope"}, "no model called 'nope'"),
    ({"model": "cvae", "label": 10}, "label must be from -1 to 9"),
    ({"model": "cvae", "label": None}, "label must be from -1 to 9"),
    ({"num_samples": 17}, "number of posterior samples must be from 1 to 16"),
    ({"seed": 2**32}, "seed is a whole number"),
]


@pytest.mark.parametrize("given, words", BAD_INPUT, ids=lambda value: value if isinstance(value, str) else None)
def test_bad_input_is_named_in_one_sentence(api, given, words):
    assert_refused(api.reconstruct, f"(?i:{words[:1]}){words[1:]}", image=DIGIT_FILE, **given)
