"""The Mesh tab: what the page gets of each model of meshes, and the endpoint that gives vertices."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from conftest import shipped_with

from genmodels import checkpoint
from genmodels.data import bodies
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.mesh import explorer_value
from ui.helpers import assert_refused, damage, endpoints_on

MODELS = shipped_with("mesh")


def test_the_endpoint_gives_the_model_s_vertices(api):
    answer, dim = api.decode_mesh("meshvae"), api.store.spec("meshvae").dim
    assert answer == api.decode_mesh("meshvae", [0.0] * dim)
    assert np.array_equal(answer["faces"], bodies.faces())
    expected = api.store.get("meshvae").model.decode_mesh(torch.zeros(1, dim))[0]
    assert np.allclose(answer["vertices"], expected.numpy(), atol=1e-5)
    assert answer["vertices"] != api.decode_mesh("meshvae", [1.0] * dim)["vertices"]


def test_models_of_images_and_other_latents_are_refused(api):
    assert_refused(api.decode_mesh, f"generates no meshes; choose one of: {', '.join(MODELS)}$", model="vae")
    assert_refused(api.decode_mesh, "numbers", model="meshvae", z=[1.0])


def test_a_model_that_was_not_evaluated_has_its_latents_for_properties(root):
    value = explorer_value(ModelStore(root))
    assert [model["name"] for model in value["models"]] == MODELS and value["properties"] == ["z0", "z1", "z2", "z3"]
    readout, directions = (np.array(value["models"][0][key]) for key in ("readout", "directions"))
    assert np.array_equal(readout, directions) and readout.shape == (5, 4) and not readout[-1].any()
    assert value["models"][0]["shapes"] == [[0.0] * 4]


def test_what_evaluation_found_is_what_the_page_gets(copy):
    measured = {"parameters": {"names": ["bend", "mine"], "readout": [[1.0, 2.0]] * 5, "directions": [[0.5] * 4] * 3},
                "shapes": [[1.0] * 4, [2.0] * 4]}
    card = checkpoint.read_card("meshvae", copy)
    checkpoint.save_card(dataclasses.replace(card, latent_stats=measured), copy / "meshvae")
    value = explorer_value(ModelStore(copy))
    assert value["properties"] == [{"key": "property.bend", "values": {}}, "mine"]
    assert [model["name"] for model in value["models"]] == ["meshvae"]  # the other one has no such properties
    shown = value["models"][0]
    assert (shown["readout"], shown["directions"], shown["shapes"]) == (
        measured["parameters"]["readout"], measured["parameters"]["directions"], measured["shapes"])


def test_a_broken_model_is_named_and_the_other_one_is_there(copy):
    damage(copy, "meshvae")
    broken, intact = explorer_value(ModelStore(copy))["models"]
    assert broken["name"] == "meshvae" and broken["error"]["key"].startswith("checkpoint.") and "shapes" not in broken
    assert intact["error"] is None and intact["shapes"]


@pytest.mark.parametrize("name", MODELS)
def test_drawings_of_meshes_are_offered_where_pictures_are(api, name):
    """A model of meshes draws what it generates; no picture of a visitor is a mesh that it could encode."""
    assert api.sample(name, count=2)["shape"] == [2, bodies.SIZE, bodies.SIZE]
    assert not api.store.can(name, "reconstruct") and not api.store.can(name, "encode")


def test_endpoints_are_those_of_all_models_of_meshes(root):
    api = endpoints_on(root)
    assert all(len(api.decode_mesh(name)["vertices"]) == 802 for name in MODELS)
