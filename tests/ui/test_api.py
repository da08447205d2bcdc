"""The public API, used by a program: endpoints, their errors, malformed requests."""

from __future__ import annotations

import base64
import contextlib
import inspect
import io
import itertools
import json
from urllib.request import urlopen

import numpy as np
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image

from genmodels.ui.api import ENDPOINT_CLASSES
from genmodels.ui.api.base import ScreenError
from genmodels.ui.text import Text
from ui.helpers import DIGIT_FILE, GENERATIVE, RECONSTRUCTING, endpoints_on, images_of, request

pytestmark = pytest.mark.usefixtures("server_survives")

PUBLIC = {"sample", "inspect", "walk", "describe_latents", "decode", "latent_grid", "traverse", "write", "style_grid",
          "describe", "reconstruct", "compare_reconstructions", "find_digits", "decode_mesh", "posterior",
          "four_gaussians", "encode_boards", "decode_boards", "classify", "caption",
          "quiz", "draw_digit"}
METHODS = {name: getattr(cls, name) for cls in ENDPOINT_CLASSES for name in cls.PUBLIC}


def test_every_endpoint_is_documented():
    for name, method in METHODS.items():
        for parameter in method.__annotations__:
            assert parameter == "return" or f"{parameter}: " in method.__doc__, (name, parameter)


def test_the_public_endpoints_have_the_names_types_and_defaults_of_their_methods(client):
    api = client.view_api(return_format="dict", print_info=False)
    assert api["unnamed_endpoints"] == {}
    assert {name.removeprefix("/") for name in api["named_endpoints"]} == PUBLIC == set(METHODS)
    for name, endpoint in api["named_endpoints"].items():
        method = METHODS[name.removeprefix("/")]
        wanted = [(p.name, p.default) for p in inspect.signature(method).parameters.values() if p.name != "self"]
        none = inspect.Parameter.empty
        given = [(p["parameter_name"], p["parameter_default"] if p["parameter_has_default"] else none)
                 for p in endpoint["parameters"]]
        assert given == wanted
        assert all(p["type"] and p["python_type"]["type"] != "Any" for p in endpoint["parameters"]), name
        assert endpoint["description"] == inspect.getdoc(method).split("\n\n")[0].replace("\n", " ")


@pytest.mark.parametrize("name, given, shape", [
    ("sample", {}, [36, 28, 28]),
    ("sample", {"model": "vae", "count": 5, "seed": 3, "truncation": 0.5}, [5, 28, 28]),
    ("inspect", {"model": "gan", "seed": 3, "index": 7}, [1, 28, 28]),
    ("walk", {"model": "cvae", "keyframes": 2, "frames": 8, "path": "lerp"}, [8, 28, 28]),
    ("decode", {}, [1, 28, 28]),
    ("decode", {"model": "cgan", "z": [0.5] * 8, "category": 3}, [1, 28, 28]),
    ("latent_grid", {"side": 6}, [36, 28, 28]),
    ("traverse", {"latent": "c2", "steps": 4, "rows": 2}, [8, 28, 28]),
    ("write", {"text": "42", "model": "cvae", "same_style": False}, [2, 28, 28]),
    ("style_grid", {"rows": 2}, [20, 28, 28]),
    ("describe", {"text": "un siete fino", "count": 3}, [3, 28, 28]),
    ("reconstruct", {"image": DIGIT_FILE, "num_samples": 2}, [5, 28, 28]),
])
def test_every_endpoint_returns_what_its_method_returns(client, root, name, given, shape):
    answer = client.predict(**given, api_name=f"/{name}")
    assert answer["shape"] == shape
    direct = getattr(endpoints_on(root), name)(**given)
    assert answer == json.loads(json.dumps(direct))


def test_describe_latents_describes_a_model(client):
    answer = client.predict(model="infogan", seed=2, api_name="/describe_latents")
    assert [s["name"] for s in answer["sliders"][:2]] == ["c2", "c3"] and len(answer["categories"]) == 10


def test_posterior_compares_the_encoder_with_the_best_gaussian(client):
    answer = client.predict(image=DIGIT_FILE, api_name="/posterior")
    assert answer["approximation_gap"] >= 0 and answer["amortization_gap"] >= 0
    total = answer["approximation_gap"] + answer["amortization_gap"]
    assert total == pytest.approx(answer["log_prob"] - answer["encoder"]["elbo"], abs=0.01)
    assert len(answer["best"]["mean"]) == len(answer["best"]["std"]) == 2


def test_four_gaussians_returns_two_fits(client):
    answer = client.predict(centers=[[-1, -1], [-1, 1], [1, -1], [1, 1]], api_name="/four_gaussians")
    assert answer["likelihood"] == answer["elbo"] and answer["elbo"]["gap"] == 0


def test_two_clients_with_one_seed_get_the_same_images(server, client):
    other = Client(server, verbose=False, analytics_enabled=False)
    for model in ("dcgan", "cgan", "vae"):
        given = {"model": model, "seed": 77, "api_name": "/sample"}
        assert client.predict(count=3, **given)["pixels"] == other.predict(count=3, **given)["pixels"]
        assert (images_of(other.predict(count=1, **given)) == images_of(client.predict(count=90, **given))[:1]).all()


@pytest.mark.parametrize("name, given, words", [
    ("sample", {"model": "biggan"}, f"There is no model called 'biggan'; there are: {', '.join(GENERATIVE)}"),
    ("sample", {"seed": -1}, "A seed is a whole number from 0 to 4294967295, not -1"),
    ("sample", {"count": 10**9}, "The number of pictures must be from 1 to 100"),
    ("decode", {"z": [1.0]}, "Z is a list of 2 numbers; that was 1"),
    ("traverse", {"latent": "c7"}, "The model infogan has no latent called 'c7'; it has: c1, c2, c3"),
    ("posterior", {"image": DIGIT_FILE, "model": "vae"}, "The model vae has no posterior that can be computed"),
    ("classify", {"image": DIGIT_FILE, "model": "gan"}, "The model gan does not classify"),
    ("caption", {"image": DIGIT_FILE, "model": "cnn"}, "The model cnn writes no captions; choose one of: ssvae"),
    ("four_gaussians", {"centers": [[0, 0]]}, "Centers are four points, each of two numbers from -10 to 10"),
    ("four_gaussians", {"std": 9}, "The width must be from 0.05 to 5, not '9'"),
    ("write", {"text": "12a"}, "Only the digits 0 to 9 can be written, not a"),
    ("describe", {"text": "a blue horse"}, "Nothing of this is understood: blue, horse"),
    ("describe", {"model": "cgan"}, "The model cgan reads no words; choose one of: stackgan"),
    ("reconstruct", {"image": "garbage!"}, "Send the content of a picture file as base64"),
    ("reconstruct", {"image": DIGIT_FILE, "model": "dcgan"},
     f"The model dcgan cannot reconstruct; choose one of: {', '.join(RECONSTRUCTING)}"),
])
def test_bad_input_gives_a_clear_message(client, name, given, words):
    with pytest.raises(AppError) as raised:
        client.predict(**given, api_name=f"/{name}")
    assert str(raised.value).startswith(words)


def test_a_sent_image_is_not_written_to_a_file(client, temporary):
    file = io.BytesIO()
    Image.fromarray(np.pad(np.full((200, 40), 255, np.uint8), 60)).save(file, "png")
    for model in ("vae", "vae2d", "cvae"):
        sent = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
        assert client.predict(image=sent, model=model, api_name="/reconstruct")["mse"] >= 0
    assert [path for path in temporary.rglob("*") if path.is_file()] == []


def call(server: str, kind: str, name: str, body: object) -> dict:
    """The JSON with which an endpoint refuses a POST of ``body``: at once, or as the event that it names."""
    status, text = request(f"{server}gradio_api/{kind}/{name}", body)
    if status == 200:
        with urlopen(f"{server}gradio_api/call/{name}/{json.loads(text)['event_id']}", timeout=30) as answer:
            event, _, text = answer.read().decode().partition("data: ")
        assert event == "event: error\n"
    else:
        assert status in (404, 422, 500)
    return json.loads(text)


@pytest.mark.parametrize("kind, body", [
    *((kind, body) for kind in ("call", "run") for body in (
        {}, {"data": "x"}, ["dcgan"], "x", {"data": []}, {"data": ["dcgan"]}, {"data": ["dcgan", 1, 0, 1, -1, 7]})),
    ("run", {"data": ["dcgan", 1, 0, 1, -1], "fn_index": 99_999}),
    ("call/v2", {"modle": "dcgan"}), ("call/v2", ["dcgan"]),
], ids=repr)
def test_a_call_that_does_not_fit_is_answered_with_the_signature(server, kind, body):
    answer = call(server, kind, "sample", body)
    assert answer["error"].endswith(
        "sample(model: str = 'dcgan', count: int = 36, seed: int = 0, truncation: float = 1.0, category: int = -1)")


@pytest.mark.parametrize("name, given, words", [
    ("sample", {"count": "abc"}, "The number of pictures must be from 1 to 100, not 'abc'. The endpoint is sample("),
    ("decode", {"z": {"a": 1}}, "Z is a list of 2 numbers. The endpoint is decode("),
    ("write", {"text": 12.5}, ". The endpoint is write("),
], ids=str)
def test_a_value_of_another_type_is_answered_with_the_signature_too(client, name, given, words):
    with pytest.raises(AppError) as raised:
        client.predict(**given, api_name=f"/{name}")
    assert words in str(raised.value)


@pytest.mark.parametrize("kind", ["call", "run", "call/v2"])
def test_a_call_to_an_unknown_endpoint_is_answered_with_those_that_there_are(server, kind):
    assert call(server, kind, "smaple", {"data": []})["error"] == (
        f"There is no endpoint called smaple; there are: {', '.join(METHODS)}")


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_values_of_another_type_get_a_message(api, name):
    """One at a time, beside the defaults: an endpoint takes them or says what is wrong, but never fails."""
    endpoint, wrong = getattr(api, name), (None, [], {}, [["x"]], "x", "9" * 9_000)
    usual = {"image": DIGIT_FILE} if "image" in inspect.signature(endpoint).parameters else {}
    for parameter, value in itertools.product(inspect.signature(endpoint).parameters, wrong):
        with contextlib.suppress(ScreenError):
            endpoint(**usual | {parameter: value})


@pytest.mark.parametrize("data", [
    None, {}, {"model": "vae"}, {"model": "vae", "seed": -1}, {"model": 3, "seed": "x"},
], ids=repr)
def test_the_latent_explorer_answers_hostile_requests_with_a_message(server, data):
    config = json.loads(request(f"{server}config")[1])
    explorer = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "gm-latent-explorer")
    body = {"data": data, "component_id": explorer, "fn_name": "sample_latents", "session_hash": "somebody"}
    status, text = request(f"{server}gradio_api/component_server", body)
    answer = json.loads(text)
    assert status == 200 and list(answer) == ["error", "words"] and len(answer["error"]) > 20


def test_the_page_refers_to_no_other_host(server):
    page = request(server)[1]
    assert str(Text("page.title")) in page
    assert "fonts.googleapis.com" not in page and "huggingface" not in page.split("<body")[0]
