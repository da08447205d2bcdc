"""The page's own routes: images as plain bytes, plans and weights, and hostile requests."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import gradio as gr
import numpy as np
import pytest

from genmodels import checkpoint
from genmodels.ui.components import ImageGrid
from genmodels.ui.serving import Page
from ui.helpers import images_of, request

pytestmark = pytest.mark.usefixtures("server_survives")


def generate(server: str, endpoint: str, *calls: dict) -> list[np.ndarray]:
    """The images of each call, requested as the page's scripts do."""
    with urlopen(Request(f"{server}gm/generate/{endpoint}", json.dumps(calls).encode()), timeout=30) as answer:
        assert answer.headers["Content-Encoding"] is None
        assert re.fullmatch(r"model;dur=\d+\.\d", answer.headers["Server-Timing"])
        shapes = [tuple(map(int, shape.split(","))) for shape in answer.headers["X-Shape"].split(";")]
        parts = np.split(np.frombuffer(answer.read(), np.uint8), np.cumsum([np.prod(shape) for shape in shapes]))
    assert len(shapes) == len(calls) and parts.pop().size == 0
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def test_images_are_sent_as_plain_bytes(server, client):
    call = {"model": "vae", "count": 64, "seed": 3, "truncation": 0.5, "category": -1}
    assert (generate(server, "sample", call)[0] == images_of(client.predict(**call, api_name="/sample"))).all()
    call = {"model": "cgan", "z": [0.5] * 8, "category": 3}
    assert (generate(server, "decode", call)[0] == images_of(client.predict(**call, api_name="/decode"))).all()
    assert generate(server, "map_classes", {"model": "vae2d"})[0].shape == (1, 18, 18)
    call, name = {"model": "vae2d", "side": 4, "extent": 2}, "latent_grid"
    assert (generate(server, name, call)[0] == images_of(client.predict(**call, api_name=f"/{name}"))).all()


@pytest.mark.parametrize("name, category, categories", [("dcgan", -1, None), ("cgan", -1, [0, 1, 2]),
                                                        ("cgan", 7, [7, 7, 7])])
def test_latents_are_those_of_the_images(server, root, name, category, categories):
    """Untruncated, float32; a category stands in a last column."""
    call = {"model": name, "count": 3, "seed": 5, "category": category}
    with urlopen(Request(f"{server}gm/generate/latents", json.dumps([call]).encode()), timeout=30) as answer:
        found = np.frombuffer(answer.read(), "<f4").reshape(3, -1)
    model, _ = checkpoint.load(name, root)
    z = model.latent.sample(5, range(3)).z.numpy()
    assert (found[:, : z.shape[1]] == z).all() and found.shape[1] == z.shape[1] + (categories is not None)
    assert categories is None or found[:, -1].tolist() == categories


def test_a_preview_differs_by_few_gray_levels_at_most(server):
    call = {"model": "dcgan", "count": 9, "seed": 3, "truncation": 0.5, "category": -1}
    exact, preview = generate(server, "sample", call, call | {"preview": True})
    assert np.abs(exact.astype(int) - preview).mean() < 2


@pytest.mark.parametrize("endpoint, call", [
    *(("decode", call) for call in (
        "x", 5, [], {}, {"model": {}}, {"model": "vae2d"}, {"model": [], "z": [], "category": 0},
        *({"model": "vae2d", "z": z, "category": 0} for z in ([0], ["a", "b"], [10**400, 0], {"a": 1}, [0] * 9_000)),
        {"model": "cgan", "z": [0] * 8, "category": 10**30}, {"model": "../x", "z": [0], "category": 0},
        {"model": "vae2d", "z": [0, 0], "category": 0, "self": 1})),
    *(("latent_grid", call) for call in ({}, {"model": "vae", "side": 4, "extent": 3},
                                         {"model": "vae2d", "side": 10**9, "extent": 3})),
    *(("map_classes", call) for call in ({}, {"model": "vae"}, {"model": []}, {"model": "vae2d", "side": 4})),
    ("sample", {"model": "gan", "count": 10**9, "seed": 0, "truncation": 1, "category": -1}),
    ("latents", {"model": "gan", "count": 10**9, "seed": 0, "category": -1}),
    *(("classify", call) for call in ({}, {"model": "gan", "pixels": "AAAA"}, {"model": [], "pixels": "AAAA"}, *(
        {"model": "cnn", "pixels": pixels} for pixels in ("AAAA", "\u00e9", 5, None, "!" * 1048)))),
    ("walk", {"model": "gan"}), ("__init__", {}), ("sample_array", {}),
], ids=lambda value: repr(value)[:60])
def test_hostile_calls_get_a_message(server, endpoint, call):
    status, text = request(f"{server}gm/generate/{endpoint}", [call])
    answer = json.loads(text)
    assert status in (400, 404) and list(answer) == ["error", "words"] and len(answer["error"]) > 20


def test_two_calls_may_share_a_request(server):
    first, second = ({"model": "cgan", "z": [z] * 8, "category": 3} for z in (0.5, -0.5))
    both = generate(server, "decode", first, second)
    assert (both[0] == generate(server, "decode", first)[0]).all()
    assert (both[1] == generate(server, "decode", second)[0]).all()


def test_grids_of_two_sizes_may_share_a_request(server):
    """As in a drag during which the page gets other images."""
    calls = [{"model": "vae", "count": n, "seed": 3, "truncation": 0.5, "category": -1} for n in (1, 2)]
    assert [images.shape for images in generate(server, "sample", *calls)] == [(1, 28, 28), (2, 28, 28)]


@pytest.mark.parametrize("body", [
    {"model": "vae2d", "z": [0, 0], "category": 0}, "x", 5, [], [{"model": "vae2d", "z": [0, 0], "category": 0}] * 3,
    [{"model": "vae2d", "z": [0, 0], "category": 0}, {"model": "vae2d", "z": [0], "category": 0}],
], ids=lambda value: repr(value)[:60])
def test_a_body_other_than_one_or_two_valid_calls_is_refused(server, body):
    status, text = request(f"{server}gm/generate/decode", body)
    assert status == 400 and list(json.loads(text)) == ["error", "words"]


def test_a_body_nested_without_end_is_refused(server):
    with pytest.raises(HTTPError) as raised:
        urlopen(Request(f"{server}gm/generate/sample", b"[" * 19_000), timeout=30)
    assert raised.value.code == 400 and "reload it" in raised.value.read().decode()


def test_weights_are_served_completely_or_by_range_and_may_be_cached(server, root):
    plan = json.loads(request(f"{server}gm/plan/vae2d")[1])
    whole = (root / "vae2d" / checkpoint.WEIGHTS).read_bytes()
    with urlopen(f"{server}gm/{plan['weights']}", timeout=30) as answer:
        assert answer.read() == whole and "immutable" in answer.headers["Cache-Control"]
    with urlopen(Request(f"{server}gm/{plan['weights']}", headers={"Range": "bytes=8-99"}), timeout=30) as answer:
        assert answer.status == 206 and answer.read() == whole[8:100]


def test_files_of_the_page_are_packed_for_those_who_can_unpack(server):
    with urlopen(f"{server}config", timeout=30) as answer:
        name = re.search(r"file/(\w+\.js)", json.load(answer)["head"])[1]
    answers = []
    for accepted in ("identity", "gzip, deflate"):
        with urlopen(Request(f"{server}gm/file/{name}", headers={"Accept-Encoding": accepted}), timeout=30) as answer:
            answers.append((answer.headers["Content-Encoding"], answer.headers["Content-Type"], answer.read()))
    (plain, kind, content), (packing, _, packed) = answers
    assert (plain, kind, packing) == (None, "text/javascript; charset=utf-8", "gzip")
    assert gzip.decompress(packed) == content and name.startswith(hashlib.sha256(content).hexdigest()[:16])


def test_a_large_first_value_is_a_file_of_the_page():
    small, large = {"shape": [1, 2, 2], "pixels": "AAAA"}, {"shape": [1, 60, 60], "pixels": "A" * 4800}
    with Page() as page:
        values = [ImageGrid("grid", "sample.grid", value=value).value for value in (small, large)]
    assert values[0] == small and json.loads(page.files[values[1]["$file"]]) == large
    with gr.Blocks():  # which serves no files of ours
        assert ImageGrid("grid", "sample.grid", value=large).value == large


NOT_THERE = ["file/0123456789abcdef.js", "plan/nope", "plan/..%2Fvae", "weights/0/vae", "weights/0/..%2F..%2FREADME.md"]


@pytest.mark.parametrize("path", NOT_THERE)
def test_what_does_not_exist_is_not_served(server, path):
    status, text = request(f"{server}gm/{path}")
    assert status == 404 and "safetensors" not in text
