"""The Attention tab: what its endpoint and the page's route give, and which models are shown beside each other."""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

import numpy as np
import torch
from conftest import shipped_with

from genmodels.ui.api.image_payloads import decode_images
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.attention import partners
from ui.helpers import assert_refused

MODELS = shipped_with("attention")


def test_attention_of_an_image_is_scaled_to_the_most_of_each_patch(api):
    model = api.store.get("transgan").model
    expected = model.attention(model.latent.sample(3, [2]).z)
    found = [decode_images(block) for block in api.attention("transgan", seed=3, index=2)["blocks"]]
    assert [block.shape for block in found] == [block.shape[1:] for block in expected] and len(found) > 1
    for block, weights in zip(found, expected, strict=True):
        assert (block.max((-2, -1)) == 255).all()
        shares = block / block.sum((-2, -1), keepdims=True)  # which the page makes of them
        np.testing.assert_allclose(shares, weights[0].detach(), atol=2e-3)


def test_the_page_gets_all_blocks_in_one_answer_of_plain_bytes(server, api):
    call = {"model": "transgan", "seed": 5, "index": 9}
    with urlopen(Request(f"{server}gm/generate/attention", json.dumps([call]).encode()), timeout=30) as answer:
        shapes = [tuple(map(int, shape.split(","))) for shape in answer.headers["X-Shape"].split(";")]
        content = answer.read()
    expected = api.attention(**call)["blocks"]
    assert shapes == [tuple(block["shape"]) for block in expected]
    assert content == b"".join(decode_images(block).tobytes() for block in expected)
    assert len(content) < 200_000


def test_models_without_attention_and_other_images_are_refused(api):
    assert_refused(api.attention, f"does not draw by attention; choose one of: {', '.join(MODELS)}$", model="dcgan")
    assert_refused(api.attention, "100", model="transgan", index=100)


def test_the_other_model_draws_from_the_same_latents(root):
    store = ModelStore(root)
    found = partners(store, "transgan")
    assert "dcgan" in found and not {"transgan", "gan", "vae", "stacked_gan", "cgan"} & set(found)
    for one in found:
        assert torch.equal(store.spec(one).sample(4, [7]).z, store.spec("transgan").sample(4, [7]).z)
