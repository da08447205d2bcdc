"""The served app as a program meets it: the public endpoints, their errors, hostile requests, and app.py itself."""

from __future__ import annotations

import base64
import inspect
import io
import json
import shutil
import socket
import tempfile
from functools import partial
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import gradio as gr
import numpy as np
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image
from test_actions import GOOD, damage, small_checkpoints, unpack

import app
from genmodels import checkpoint, registry, ui
from genmodels.ui.actions import Actions

PUBLIC = {"sample", "inspect", "walk", "describe_latents", "decode", "latent_grid", "traverse", "write", "style_grid",
          "reconstruct"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(address: str, body: object = None) -> tuple[int, str]:
    """Status and text of an answer; with a body, to a POST of it as JSON."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(address, data, {"Content-Type": "application/json"}), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return small_checkpoints(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture(scope="module")
def temporary(tmp_path_factory):
    """Where the server would leave files."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "gradio"))
        patch.setenv("GENMODELS_DATA", str(folder / "no-data"))
        patch.setattr(tempfile, "tempdir", None)
        yield folder


@pytest.fixture(scope="module")
def server(root, temporary):
    """The address of the app on small checkpoints."""
    demo = ui.build_demo(root)
    _, address, _ = demo.launch(server_name="127.0.0.1", server_port=free_port(), prevent_thread_lock=True, quiet=True)
    yield address
    demo.close(verbose=False)


@pytest.fixture(scope="module")
def client(server):
    return Client(server, verbose=False, analytics_enabled=False)


@pytest.fixture(autouse=True)
def lives_on(server):
    """Whatever was asked, the page is there afterwards."""
    yield
    assert ask(server)[0] == 200


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_public_endpoints_are_the_actions_with_their_names_types_and_defaults(client):
    api = client.view_api(return_format="dict", print_info=False)
    assert api["unnamed_endpoints"] == {}
    assert {name.removeprefix("/") for name in api["named_endpoints"]} == PUBLIC == set(ui.ENDPOINTS)
    for name, endpoint in api["named_endpoints"].items():
        action = getattr(Actions, name.removeprefix("/"))
        wanted = [(p.name, p.default) for p in inspect.signature(action).parameters.values() if p.name != "self"]
        none = inspect.Parameter.empty
        given = [(p["parameter_name"], p["parameter_default"] if p["parameter_has_default"] else none)
                 for p in endpoint["parameters"]]
        assert given == wanted
        assert all(p["type"] and p["python_type"]["type"] != "Any" for p in endpoint["parameters"]), name
        assert endpoint["description"] == inspect.getdoc(action).split("\n\n")[0].replace("\n", " ")


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
    ("reconstruct", {"picture": GOOD, "num_samples": 2}, [5, 28, 28]),
])
def test_every_endpoint_answers_as_its_action_does(client, root, name, given, shape):
    answer = client.predict(**given, api_name=f"/{name}")
    assert answer["shape"] == shape
    direct = getattr(Actions(ui.Studio(root)), name)(**given)
    assert answer == json.loads(json.dumps(direct))


def test_latent_endpoint_describes_a_model(client):
    answer = client.predict(model="infogan", seed=2, api_name="/describe_latents")
    assert [s["name"] for s in answer["sliders"][:2]] == ["c2", "c3"] and len(answer["categories"]) == 10


def test_two_clients_with_one_seed_get_one_picture(server, client):
    other = Client(server, verbose=False, analytics_enabled=False)
    for model in ("dcgan", "cgan", "vae"):
        given = {"model": model, "seed": 77, "api_name": "/sample"}
        assert client.predict(count=3, **given)["pixels"] == other.predict(count=3, **given)["pixels"]
        assert (unpack(other.predict(count=1, **given)) == unpack(client.predict(count=90, **given))[:1]).all()


@pytest.mark.parametrize("name, given, words", [
    ("sample", {"model": "biggan"}, "There is no model called 'biggan'; there are: gan, dcgan, cgan"),
    ("sample", {"seed": -1}, "A seed is a whole number from 0 to 4294967295, not -1"),
    ("sample", {"count": 10**9}, "The number of pictures must be from 1 to 100"),
    ("decode", {"z": [1.0]}, "Z is a list of 2 numbers; that was 1"),
    ("traverse", {"latent": "c7"}, "Infogan has no latent called 'c7'; it has: c1, c2, c3"),
    ("write", {"text": "12a"}, "Only the digits 0 to 9 can be written, not a"),
    ("reconstruct", {"picture": "garbage!"}, "That file is not a picture that can be read"),
    ("reconstruct", {"picture": GOOD, "model": "dcgan"}, "Dcgan has no encoder; choose one of: vae, vae2d, cvae"),
])
def test_bad_input_comes_back_as_our_message(client, name, given, words):
    with pytest.raises(AppError) as raised:
        client.predict(**given, api_name=f"/{name}")
    assert str(raised.value).startswith(words)


def test_a_picture_that_is_sent_leaves_no_file(client, temporary):
    paper = io.BytesIO()
    Image.fromarray(np.pad(np.full((200, 40), 255, np.uint8), 60)).save(paper, "png")
    for model in ("vae", "vae2d", "cvae"):
        sent = "data:image/png;base64," + base64.b64encode(paper.getvalue()).decode()
        assert client.predict(picture=sent, model=model, api_name="/reconstruct")["error"] >= 0
    assert left(temporary) == []


@pytest.mark.parametrize("body", [{}, {"data": "x"}, {"data": []}, {"data": [{}, [], None, {}, {}]},
                                  {"data": [None] * 5}, {"data": [[["dcgan"]], 1, 0, 1, 0]}], ids=json.dumps)
def test_malformed_requests_are_refused(server, body):
    status, text = ask(f"{server}gradio_api/run/sample", body)
    assert status in (422, 500) and "Traceback" not in text


def test_an_idle_queue_looks_for_work_less_often_than_gradio_s():
    usual = gr.Blocks()._queue  # if it came to rest by itself, ours need not be told to
    assert usual.sleep_when_free < ui.PACE and usual.progress_update_sleep_when_free < 10 * ui.PACE


def draw(server: str, action: str, *given: dict) -> list[np.ndarray]:
    """Pictures by the way that the page's scripts go, for each of what is given."""
    with urlopen(Request(f"{server}gm/generate/{action}", json.dumps(given).encode()), timeout=30) as answer:
        assert answer.headers["Content-Encoding"] is None
        shapes = [tuple(map(int, shape.split(","))) for shape in answer.headers["X-Shape"].split(";")]
        parts = np.split(np.frombuffer(answer.read(), np.uint8), np.cumsum([np.prod(shape) for shape in shapes]))
    assert len(shapes) == len(given) and parts.pop().size == 0
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def test_pictures_travel_as_plain_bytes_to_the_page(server, client):
    asked = {"model": "vae", "count": 64, "seed": 3, "truncation": 0.5, "category": -1}
    assert (draw(server, "sample", asked)[0] == unpack(client.predict(**asked, api_name="/sample"))).all()
    asked = {"model": "cgan", "z": [0.5] * 8, "category": 3}
    assert (draw(server, "decode", asked)[0] == unpack(client.predict(**asked, api_name="/decode"))).all()
    asked = {"model": "vae2d", "side": 4, "extent": 2}
    assert (draw(server, "latent_grid", asked)[0] == unpack(client.predict(**asked, api_name="/latent_grid"))).all()


@pytest.mark.parametrize("action, given", [
    *(("decode", given) for given in (
        "x", 5, [], {}, {"model": {}}, {"model": "vae2d"}, {"model": [], "z": [], "category": 0},
        *({"model": "vae2d", "z": z, "category": 0} for z in ([0], ["a", "b"], [10**400, 0], {"a": 1}, [0] * 9_000)),
        {"model": "cgan", "z": [0] * 8, "category": 10**30}, {"model": "../x", "z": [0], "category": 0},
        {"model": "vae2d", "z": [0, 0], "category": 0, "self": 1})),
    *(("latent_grid", given) for given in ({}, {"model": "vae", "side": 4, "extent": 3},
                                   {"model": "vae2d", "side": 10**9, "extent": 3})),
    ("sample", {"model": "gan", "count": 10**9, "seed": 0, "truncation": 1, "category": -1}),
    ("walk", {"model": "gan"}), ("__init__", {}), ("sample_pictures", {}),
], ids=lambda value: repr(value)[:60])
def test_the_page_s_own_routes_answer_hostile_requests_with_a_message(server, action, given):
    status, text = ask(f"{server}gm/generate/{action}", [given])
    answer = json.loads(text)
    assert status in (400, 404) and list(answer) == ["error"] and len(answer["error"]) > 20


def test_two_requests_of_a_hand_share_a_connection(server):
    first, second = ({"model": "cgan", "z": [z] * 8, "category": 3} for z in (0.5, -0.5))
    both = draw(server, "decode", first, second)
    assert (both[0] == draw(server, "decode", first)[0]).all() and (both[1] == draw(server, "decode", second)[0]).all()


@pytest.mark.parametrize("given", [
    {"model": "vae2d", "z": [0, 0], "category": 0}, "x", 5, [], [{"model": "vae2d", "z": [0, 0], "category": 0}] * 3,
    [{"model": "vae2d", "z": [0, 0], "category": 0}, {"model": "vae2d", "z": [0], "category": 0}],
], ids=lambda value: repr(value)[:60])
def test_what_is_no_short_list_is_refused(server, given):
    status, text = ask(f"{server}gm/generate/decode", given)
    assert status == 400 and list(json.loads(text)) == ["error"]


def test_grids_of_two_sizes_may_share_it_too(server):
    """As when the hand drags on while the page gets other pictures."""
    asked = [{"model": "vae", "count": n, "seed": 3, "truncation": 0.5, "category": -1} for n in (1, 2)]
    assert [pictures.shape for pictures in draw(server, "sample", *asked)] == [(1, 28, 28), (2, 28, 28)]


def test_a_body_nested_without_end_is_refused(server):
    with pytest.raises(HTTPError) as raised:
        urlopen(Request(f"{server}gm/generate/sample", b"[" * 19_000), timeout=30)
    assert raised.value.code == 400 and "reload it" in raised.value.read().decode()


def test_weights_come_whole_or_in_part_and_may_be_kept(server, root):
    plan = json.loads(ask(f"{server}gm/plan/vae2d")[1])
    whole = (root / "vae2d" / checkpoint.WEIGHTS).read_bytes()
    with urlopen(f"{server}gm/{plan['weights']}", timeout=30) as answer:
        assert answer.read() == whole and "immutable" in answer.headers["Cache-Control"]
    with urlopen(Request(f"{server}gm/{plan['weights']}", headers={"Range": "bytes=8-99"}), timeout=30) as answer:
        assert answer.status == 206 and answer.read() == whole[8:100]


@pytest.mark.parametrize("path", ["plan/nope", "plan/..%2Fvae", "weights/0/vae", "weights/0/..%2F..%2FREADME.md"])
def test_what_there_is_not_is_not_served(server, path):
    status, text = ask(f"{server}gm/{path}")
    assert status == 404 and "safetensors" not in text


@pytest.mark.parametrize("function, data", [
    *(("draw", data) for data in (None, {}, {"model": "vae"}, {"model": "vae", "seed": -1}, {"model": 3, "seed": "x"})),
], ids=repr)
def test_the_latent_board_answers_hostile_requests_with_a_message(server, function, data):
    config = json.loads(ask(f"{server}config")[1])
    board = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "gm-board")
    body = {"data": data, "component_id": board, "fn_name": function, "session_hash": "somebody"}
    status, text = ask(f"{server}gradio_api/component_server", body)
    answer = json.loads(text)
    assert status == 200 and list(answer) == ["error"] and len(answer["error"]) > 20


def test_the_page_names_no_other_host(server):
    page = ask(server)[1]
    assert ui.TITLE in page and "fonts.googleapis.com" not in page and "huggingface" not in page.split("<body")[0]


# ---- app.py


@pytest.fixture
def copy(root, tmp_path, monkeypatch) -> Path:
    """Checkpoints to be damaged, in place of the shipped ones."""
    copy = Path(shutil.copytree(root, tmp_path / "checkpoints"))
    for name in ("names", "load"):
        monkeypatch.setattr(checkpoint, name, partial(getattr(checkpoint, name), root=copy))
    return copy


def test_selfcheck_finds_sound_checkpoints_sound(copy, capsys):
    assert app.main(["--selfcheck"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert [line.split() for line in said.out.splitlines()] == [["sound", name] for name in registry.CHECKPOINTS]


def test_selfcheck_names_what_is_broken_and_how_to_mend_it(copy, capsys):
    damage(copy, "cgan")
    shutil.rmtree(copy / "vae2d")
    (copy / "gan" / checkpoint.CARD).write_text("{")
    assert app.main(["--selfcheck"]) == 1
    said = capsys.readouterr()
    broken, sound = said.err.splitlines(), said.out.split()
    assert len(broken) == 3 and all(line.startswith("broken  ") for line in broken)
    for line, words in zip(broken, ("'gan' is damaged", "'cgan' is damaged", "'vae2d' is missing"), strict=True):
        assert words in line and "make it with: python train.py" in line
    assert "dcgan" in sound and "cgan" not in sound


def test_a_port_that_is_taken_is_one_line(root, monkeypatch, capsys):
    monkeypatch.setattr(ui, "build_demo", partial(ui.build_demo, root))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert app.main(["--host", "127.0.0.1", "--port", str(taken.getsockname()[1])]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and said[0].startswith("app.py: ") and "port" in said[0]


def test_nothing_was_written_by_the_way(temporary):
    assert left(temporary) == []
