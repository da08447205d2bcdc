"""Endpoints of the Latents tab: what they return, and one clear message for bad input."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest
from conftest import build_shipped, forbid_editing

from genmodels import checkpoint
from genmodels.checkpoint import Card
from genmodels.latents import Categorical, LatentSpec, Normal, Uniform
from genmodels.ui.api.latents import MAP_EXTENT, MAP_SIDE, LatentEndpoints, has_latent_grid, latent_sliders
from ui.helpers import GENERATIVE, assert_refused, endpoints_on, images_of


@pytest.mark.parametrize("model", GENERATIVE)
def test_describe_latents_describes_what_decode_takes(api, model):
    spec, answer = api.store.get(model).spec, api.describe_latents(model, 4)
    assert sorted(s["column"] for s in answer["sliders"]) == list(spec.editable_columns)
    assert len(answer["z"]) == spec.dim
    assert all(s["low"] < 0 < s["high"] and s["name"] for s in answer["sliders"])
    assert (answer["categories"] is None) == (spec.categorical is None) == (answer["category"] is None)
    image = images_of(api.decode(model, answer["z"], answer["category"] or 0)).astype(int)
    sample = images_of(api.sample(model, 1, 4, category=-1 if answer["category"] is None else answer["category"]))
    # z is rounded to three decimals; where it decides random choices, or is followed for some steps, this may be seen.
    assert (np.abs(image - sample) > 2).mean() <= (0 if spec.is_editable and spec.editable_columns else 0.02)
    assert api.decode(model) == api.decode(model, [0.0] * spec.dim) == api.decode(model, [0] * spec.dim)


@pytest.mark.parametrize("model", GENERATIVE)
def test_only_noise_beside_codes_has_no_slider(api, model):
    sliders = api.describe_latents(model)["sliders"]
    hidden = {s["name"] for s in sliders if not s["shown"]}
    assert hidden == ({f"noise {k}" for k in range(8)} if model == "infogan" else set())


def test_sliders_are_in_the_order_that_evaluation_found(copy):
    card = checkpoint.read_card("vae", copy)
    checkpoint.save_card(dataclasses.replace(card, latent_stats={"kl": [0.1, 2.0, 0.0, 1.0], "order": [1, 3, 0, 2]}),
                         copy / "vae")
    sliders = endpoints_on(copy).describe_latents("vae")["sliders"]
    assert [s["column"] for s in sliders] == [0, 1, 3, 2]  # none has a meaning; the one that is not used comes last
    assert sliders[1]["note"] == "2.0 nats" and sliders[1]["hint"].startswith("2.0 nats: how much")
    named = [{"name": f"z{k}", "property": "slant", "spearman": 1.0} for k in (0, 3)]
    checkpoint.save_card(dataclasses.replace(card, latent_stats={"order": [1, 3, 0, 2], "traversals": named}),
                         copy / "vae")
    sliders = endpoints_on(copy).describe_latents("vae")["sliders"]
    assert [s["column"] for s in sliders] == [3, 0, 1, 2]


def test_the_sliders_beside_a_map_are_in_the_order_of_its_axes():
    measured = {"order": [1, 0], "traversals": [{"name": "z1", "property": "slant", "spearman": 1.0}]}
    card = Card("mine", "vae", {}, {}, {}, 0, "", latent_stats=measured)
    assert [s["title"] for s in latent_sliders(card, LatentSpec((Normal("z", 2),)))] == ["z0", "slant"]


def test_a_slider_is_named_after_the_property_that_it_was_measured_to_change(copy):
    card = checkpoint.read_card("vae", copy)
    found = [("z0", "slant", -0.97), ("z1", "slant", 0.92), ("z2", "width", 0.75), ("z3", "height", 0.6)]
    codes = [{"name": name, "property": changed, "spearman": rho} for name, changed, rho in found]
    measured = {"kl": [1.0] * 4, "order": [1, 0, 2, 3], "traversals": codes}
    checkpoint.save_card(dataclasses.replace(card, latent_stats=measured), copy / "vae")
    sliders = endpoints_on(copy).describe_latents("vae")["sliders"]
    assert [(s["name"], s["title"], s["note"]) for s in sliders] == [
        ("z1", "slant", "z1, 1.0 nats"), ("z0", "slant 2", "z0, 1.0 nats"),
        ("z2", "mostly width", "z2, 1.0 nats"), ("z3", "z3", "1.0 nats")]
    assert endpoints_on(copy).traverse("vae", "z1", rows=1)["columns"] == 10


def test_sliders_follow_the_roles_of_the_parts_not_their_names():
    card = Card("mine", "gan", {}, {}, {}, 0, "")
    spec = LatentSpec((Categorical("k", 3, role="code"), Uniform("width", 1, role="code"), Normal("rest", 2)))
    sliders = latent_sliders(card, spec)
    assert [(s["name"], s["column"], s["high"], s["shown"]) for s in sliders] == [
        ("width", 0, 2.0, True), ("rest 0", 1, 3.0, False), ("rest 1", 2, 3.0, False)]
    assert not has_latent_grid(spec)


def test_models_without_anything_to_edit_are_not_offered(copy):
    for name in ("gan", "cgan"):
        forbid_editing(copy / name)
    api = endpoints_on(copy)
    offered = [option.name for option in api.store.options(LatentEndpoints(api.store).is_editable)]
    editable = [name for name in GENERATIVE if build_shipped(name).latent.is_editable]
    assert offered == [name for name in editable if name != "gan"]  # cgan has its label
    assert api.describe_latents("cgan")["sliders"] == [] and api.traverse("cgan", "digit", rows=1)["columns"] == 10
    assert_refused(api.traverse, "has no latent called 'noise 0'; it has: digit$", model="cgan", latent="noise 0")


@pytest.mark.parametrize("parts, expected", [
    ((Normal("noise", 2),), True), ((Uniform("a", 1), Normal("b", 1)), True), ((Normal("z", 3),), False),
    ((Normal("z", 2), Categorical("digit", 10)), False),
], ids=["two of one part", "two parts of one", "three", "two and a label"])
def test_a_grid_needs_two_continuous_latents_and_nothing_else(parts, expected):
    assert has_latent_grid(LatentSpec(parts)) is expected


@pytest.mark.parametrize("side, extent", [(2, 3.0), (18, 3.0), (24, 0.5)])
def test_latent_grid_is_decode_at_the_center_of_each_cell(api, side, extent):
    grid = images_of(api.latent_grid("vae2d", side, extent)).reshape(side, side, 28, 28)
    edge = extent * (1 - 1 / side)
    for row, column, z in ((0, 0, [-edge, edge]), (0, -1, [edge, edge]), (-1, 0, [-edge, -edge]),
                           (-1, -1, [edge, -edge])):
        assert (images_of(api.decode("vae2d", z))[0] == grid[row, column]).all()


def test_map_classes_are_what_the_classifier_reads_in_the_map(api):
    endpoints = LatentEndpoints(api.store)
    classes = endpoints.map_classes("vae2d")
    assert classes.shape == (1, MAP_SIDE, MAP_SIDE) and classes.dtype == np.uint8
    images = images_of(api.latent_grid("vae2d", MAP_SIDE, MAP_EXTENT))
    read = [label for label, _ in api.store.predict(images, api.store.get("vae2d"))]
    assert classes.ravel().tolist() == read
    assert endpoints.map_classes("vae2d") is classes  # computed once


def test_map_classes_are_none_without_a_classifier(copy):
    shutil.rmtree(copy / "cnn")
    assert LatentEndpoints(endpoints_on(copy).store).map_classes("vae2d").shape == (0, MAP_SIDE, MAP_SIDE)


@pytest.mark.parametrize("latent", ["c1", "c2", "c3", "noise 0"])
def test_traverse_varies_one_latent_of_infogan(api, latent):
    answer = api.traverse("infogan", latent, 5, 3, 2, category=4)
    columns = 10 if latent == "c1" else 5
    grid = images_of(answer).reshape(3, columns, 28, 28)
    assert answer["columns"] == columns == len(answer["values"]) and len(answer["alt"]) == 3 * columns
    loaded, sampled = api.store.get("infogan"), api.store.get("infogan").spec.sample(2, range(3)).z
    for row, column in ((0, 0), (1, columns - 1), (2, 2)):
        z, category = sampled[row].clone(), 4
        if latent == "c1":
            category = column
        else:
            z[loaded.spec.slice_of(latent.split()[0]).start] = answer["values"][column]
        assert (images_of(api.decode("infogan", z.tolist(), category))[0] == grid[row, column]).all()


@pytest.mark.parametrize("model, latent, columns", [("cgan", "digit", 10), ("cvae", "digit", 10), ("cvae", "z0", 7),
                                                    ("vae2d", "z1", 7), ("gan", "noise 3", 7)])
def test_traverse_accepts_every_latent(api, model, latent, columns):
    answer = api.traverse(model, latent, 7, 2)
    assert answer["shape"] == [2 * columns, 28, 28] and answer["columns"] == columns
    assert answer["values"] == sorted(answer["values"])


def test_traverse_starts_from_given_latents(api):
    z = [0.5, -1.0, 2.0, 0.0]
    grid = images_of(api.traverse("vae", "z2", 13, 2, z=z))
    for column, value in enumerate(np.linspace(-3, 3, 13)):
        assert (images_of(api.decode("vae", [*z[:2], value, z[3]]))[0] == grid[column]).all()


BAD_INPUT = [
    ("describe_latents", {"seed": "abc"}, "seed is a whole number"),
    ("describe_latents", {"model": "cnn"}, "cnn generates no images"),
    *[("decode", {"z": z}, words) for z, words in (
        ([0.0], "list of 2 numbers; that was 1"), ([0.0] * 3, "list of 2 numbers; that was 3"), ([], "that was 0"),
        ([0.0, float("nan")], "2 finite numbers"), ([float("inf"), 0.0], "2 finite numbers"),
        ([10**400, 0], "2 numbers"), (["a", "b"], "list of 2 numbers"), (5, "list of 2 numbers"),
        ([[0.0, 0.0]], "list of 2 numbers"), ([None, 0.0], "list of 2 numbers"), ({}, "that was 0"))],
    ("decode", {"model": "cgan", "category": 10}, "digit must be from 0 to 9"),
    ("decode", {"model": "cgan", "category": -1}, "digit must be from 0 to 9"),
    ("latent_grid", {"model": "vae"}, "a grid needs two latents and no category; vae has 4 latents$"),
    ("latent_grid", {"model": "cvae"}, "a grid needs two latents .* cvae has 4 latents and a category$"),
    ("latent_grid", {"side": 1}, "side must be from 2 to 24"),
    ("latent_grid", {"side": 1000}, "side must be from 2 to 24"),
    ("latent_grid", {"extent": float("nan")}, "extent must be from 0.5 to 5"),
    ("traverse", {"latent": "c9"}, "infogan has no latent called 'c9'; it has: c1, c2, c3"),
    ("traverse", {"latent": "digit"}, "no latent called 'digit'"),
    ("traverse", {"latent": None}, "no latent called None"),
    ("traverse", {"model": "gan", "latent": "z0"}, "gan has no latent called 'z0'; it has: noise 0"),
    ("traverse", {"rows": 11}, "number of rows must be from 1 to 10"),
    ("traverse", {"steps": 1}, "number of steps must be from 2 to 16"),
    ("traverse", {"z": [0.0]}, "z is a list of 10 numbers; that was 1"),
    ("traverse", {"category": 10}, "c1 must be from -1 to 9"),
]


@pytest.mark.parametrize("name, given, words", BAD_INPUT, ids=lambda value: value if isinstance(value, str) else None)
def test_bad_input_is_named_in_one_sentence(api, name, given, words):
    assert_refused(getattr(api, name), f"(?i:{words[:1]}){words[1:]}", **given)
