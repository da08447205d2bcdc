"""The page is the same however it is served: launched, mounted, again and again, reloaded; with a login or without."""

from __future__ import annotations

import importlib
import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from types import SimpleNamespace

import gradio as gr
import httpx
import numpy as np
import pytest
from conftest import free_port
from fastapi import FastAPI
from gradio.routes import App
from gradio.utils import BaseReloader
from PIL import Image
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from genmodels import checkpoint
from genmodels.images import make_grid, upscale
from genmodels.ui.page import build_demo
from genmodels.ui.serving import QUEUE_POLL_SECONDS, Page
from genmodels.ui.text import Text

Served = Callable[..., object]
CALL = {"model": "vae2d", "count": 1, "seed": 3, "truncation": 1, "category": -1}
LOGIN = {"username": "anna", "password": "s3cret"}


@contextmanager
def launched(page: Page, **options: object) -> Iterator[httpx.Client]:
    _, address, _ = page.launch(server_name="127.0.0.1", server_port=free_port(), prevent_thread_lock=True, quiet=True,
                                **options)
    try:
        with httpx.Client(base_url=address) as client:
            yield client
    finally:
        page.close(verbose=False)


@contextmanager
def mounted(page: Page, **options: object) -> Iterator[TestClient]:
    app = gr.mount_gradio_app(FastAPI(), page, path="/demo", **options)
    with TestClient(app, base_url="http://testserver/demo/") as client:
        yield client


@contextmanager
def reloaded(page: Page) -> Iterator[TestClient]:
    """As after a change of the source under ``gradio app.py``, which imports all of it anew."""
    app, before = FastAPI(), build_demo(page.store.root / "before")
    gr.mount_gradio_app(app, before, path="/demo")
    before.server = None  # launch would set it, and the reloader copies it
    reloader = type("Reloader", (BaseReloader,), {"running_app": app.routes[-1].app})()
    with imported_anew():
        new = importlib.import_module("genmodels.ui.page").build_demo(page.store.root)
        reloader.swap_blocks(new)
        new.config = new.get_config_file()
        with TestClient(app, base_url="http://testserver/demo/") as client:
            yield client


@contextmanager
def imported_anew() -> Iterator[None]:
    """Imports in the block get modules of their own of this project."""
    ours = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "genmodels"}
    for name in ours:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "genmodels"]:
            del sys.modules[name]
        sys.modules.update(ours)


ways = pytest.mark.parametrize("serve", [launched, mounted, reloaded], ids=lambda way: way.__name__)
either_way = pytest.mark.parametrize("serve", [launched, mounted], ids=lambda way: way.__name__)


def ask_for_everything(client: httpx.Client) -> dict[str, httpx.Response]:
    """The answers of the page's own routes."""
    plan = client.get("gm/plan/vae2d")
    weights = plan.json().get("weights", "weights/0/vae2d")
    return {"plan": plan, "weights": client.get(f"gm/{weights}"),
            "generate": client.post("gm/generate/sample", content=json.dumps([CALL]))}


def assert_whole(client: httpx.Client, page: Page) -> None:
    """The page has its look and its settings, and its routes answer."""
    config = client.get("config").json()
    files = {suffix: client.get(f"gm/file/{name}") for name, suffix in re.findall(
        r"root \+ 'file/(\w+(\.\w+))'", config["head"])}
    assert files[".css"].headers["content-type"].startswith("text/css") and "--gm-accent" in files[".css"].text
    assert "gm.engine = " in files[".js"].text and "immutable" in files[".js"].headers["cache-control"]
    assert config["theme"] == page.theme.name and "#4f46e5" in client.get("theme.css").text
    assert config["footer_links"] == ["api", "settings"] and config["run_history"] is False
    assert config["max_file_size"] == 10 * gr.FileSize.MB
    assert config["i18n_translations"]["es"]["gm_tab_sample"] == "Generar"
    assert page.ssr_mode is False and page._queue.sleep_when_free == QUEUE_POLL_SECONDS
    assert {name: answer.status_code for name, answer in ask_for_everything(client).items()} == {
        "plan": 200, "weights": 200, "generate": 200}
    unknown = client.post("gm/generate/sample", content=json.dumps([CALL | {"model": "nope"}])), client.get(
        "gm/plan/nope")
    assert [answer.status_code for answer in unknown] == [400, 404]
    assert all(answer.json()["error"].startswith("There is no") for answer in unknown)


@ways
def test_the_page_is_whole_however_it_is_served(root, serve: Served, monkeypatch):
    monkeypatch.setenv("GRADIO_SSR_MODE", "true")  # as a Space with Node sets it
    page = build_demo(root)
    with serve(page) as client:
        assert_whole(client, page)


@either_way
def test_files_of_gradio_are_read_and_packed_once(root, serve: Served, monkeypatch):
    with serve(build_demo(root)) as client:
        html = client.get("", headers={"Accept-Encoding": "gzip, br"})
        assert html.headers["content-encoding"] == "gzip" and "window.gradio_config" in html.text
        plain = client.get("", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers and len(plain.text) == len(html.text)
        script = re.search(r"assets/index-[\w-]+\.js", html.text)[0]
        answers = [client.get(script, headers={"Accept-Encoding": coding}) for coding in ("identity", "br, gzip")]
        assert client.get("assets/no.js").status_code == 404
        monkeypatch.setattr("gradio.routes.file_response", None)  # it would fail
        answers += [client.get(script, headers={"Accept-Encoding": coding}) for coding in ("identity", "gzip")]
        assert [answer.headers.get("content-encoding") for answer in answers] == [None, "gzip"] * 2
        assert {answer.headers["cache-control"] for answer in answers} == {"public, max-age=31536000, immutable"}
        assert len({answer.content for answer in answers}) == 1 and len(answers[0].content) > 100_000


def test_no_more_files_are_stored_than_have_room(root, monkeypatch):
    monkeypatch.setattr("genmodels.ui.delivery.MAX_STORED", 1_000)
    with mounted(build_demo(root)) as client:
        script = re.search(r"assets/index-[\w-]+\.js", client.get("").text)[0]
        first = client.get(script)
        monkeypatch.setattr("gradio.routes.file_response", lambda *_: PlainTextResponse("anew"))
        assert client.get(script).text == "anew" != first.text


def test_the_page_may_be_served_again_and_beside_another(root):
    page, other = build_demo(root), build_demo(root)
    with launched(page) as client:
        assert_whole(client, page)
    with launched(page) as client, launched(other) as other_client:
        assert_whole(client, page)
        assert_whole(other_client, other)


def test_behind_a_proxy_the_page_is_below_the_proxy_s_path(root):
    proxied = {"X-Forwarded-Host": "host.org", "X-Forwarded-Proto": "https"}
    with launched(build_demo(root), root_path="/demo") as client:
        assert client.get("config", headers=proxied).json()["root"] == "https://host.org/demo"
        for prefix in ("", "demo/"):  # the proxy strips it or does not
            assert client.get(f"{prefix}gm/plan/vae2d", headers=proxied).status_code == 200


@ways
def test_a_link_s_preview_is_the_page_s_own(copy, serve: Served):
    samples = make_grid(np.full((64, 28, 28), 99, np.uint8), 8)
    Image.fromarray(upscale(samples, 2)).save(copy / "dcgan" / checkpoint.SAMPLES)
    with serve(build_demo(copy)) as client:
        answer = client.get("")
        found = preview_of(answer.text)
        root = client.get("config").json()["root"]
        assert "Gradio" not in answer.text.partition("<script")[0]
        assert found["og:title"] == str(Text("page.title")) and found["og:url"] == f"{root}/"
        assert found["og:description"] == found["description"] == str(Text("page.tagline"))
        spanish = preview_of(client.get("?lang=es").text)
        assert (spanish["og:title"], spanish["og:url"]) == (Text("page.title").word("es"), f"{root}/?lang=es")
        assert found["twitter:card"] == "summary_large_image" and found["og:image"].startswith(f"{root}/gm/file/")
        picture = client.get(found["og:image"].replace(f"{root}/", ""))
        assert picture.headers["content-type"] == "image/png"
        assert Image.open(io.BytesIO(picture.content)).size == (1200, 630)
        assert client.head("").status_code == 200


def preview_of(html: str) -> dict[str, str]:
    """The tags by which a page introduces itself, each of which it has once."""
    tags = re.findall(r'<meta (?:name|property)="(description|(?:og|twitter):[^"]*)" content="([^"]*)" />', html)
    assert len(tags) == len(dict(tags)) and html.count("og:") == sum(name.startswith("og:") for name, _ in tags)
    return {name: unescape(content) for name, content in tags}


def test_without_stored_samples_a_link_s_preview_has_no_picture(root):
    with mounted(build_demo(root)) as client:
        found = preview_of(client.get("").text)
    assert "og:image" not in found and found["twitter:card"] == "summary"


def test_behind_a_proxy_a_link_s_preview_names_the_proxy_s_address(root):
    proxied = {"X-Forwarded-Host": "host.org", "X-Forwarded-Proto": "https"}
    with launched(build_demo(root), root_path="/demo") as client:
        assert preview_of(client.get("", headers=proxied).text)["og:url"] == "https://host.org/demo/"


@either_way
def test_what_the_host_asks_for_is_kept(root, serve: Served):
    page = build_demo(root)
    with serve(page, head="<meta name='mine'>", footer_links=[], max_file_size="1mb", theme="soft",
               i18n=gr.I18n(en={"hello": "Hi"}, fr={"hello": "Salut"})) as client:
        config = client.get("config").json()
    words = config["i18n_translations"]
    assert (words["en"]["hello"], words["en"]["gm_tab_sample"], words["fr"]) == ("Hi", "Sample", {"hello": "Salut"})
    assert config["head"].endswith("<meta name='mine'>") and "window.gm = " in config["head"]
    assert (config["footer_links"], config["max_file_size"], config["theme"]) == ([], gr.FileSize.MB, "soft")


@either_way
def test_the_page_s_routes_ask_for_the_login_that_gradio_asks_for(root, serve: Served):
    with serve(build_demo(root), auth=tuple(LOGIN.values()), auth_message="Ask Anna") as client:
        refused = client.get("gradio_api/queue/status")
        assert refused.status_code == 401 and refused.json()["detail"]["auth_message"] == "Ask Anna"
        assert_refused(ask_for_everything(client))
        assert client.post("login", data=LOGIN).status_code == 200
        assert {answer.status_code for answer in ask_for_everything(client).values()} == {200}
        client.get("logout")
        assert_refused(ask_for_everything(client))


def assert_refused(answers: dict[str, httpx.Response]) -> None:
    """All say that there is no login, in words for the screen."""
    assert {answer.status_code for answer in answers.values()} == {401}
    assert {answer.json()["words"]["key"] for answer in answers.values()} == {"error.login"}


@either_way
def test_the_page_s_routes_ask_a_host_s_own_login(root, serve: Served):
    """It is asked about the very request: who may read need not be allowed to write, nor to see everything."""
    async def user_of(request) -> str | None:
        allowed = request.headers.get("x-user", "").split()
        return "anna" if request.method in allowed and not request.url.path.endswith("/hidden") else None

    with serve(build_demo(root), auth_dependency=user_of) as client:
        assert_refused(ask_for_everything(client))
        client.headers["x-user"] = "GET"
        answers = ask_for_everything(client)
        assert_refused({"generate": answers.pop("generate"), "hidden": client.get("gm/plan/hidden")})
        assert {answer.status_code for answer in answers.values()} == {200}
        client.headers["x-user"] = "GET POST"
        assert {answer.status_code for answer in ask_for_everything(client).values()} == {200}


def test_a_fault_of_a_host_s_own_login_is_no_fault_of_the_call(root):
    def user_of(request) -> str:
        return {}["user"]

    with mounted(build_demo(root), auth_dependency=user_of) as client:
        for path in ("run/sample", "call/sample", "call/v2/sample"):
            with pytest.raises(KeyError, match="user"):
                client.post(f"gradio_api/{path}", json={"data": ["vae2d", 1, 3, 1, -1]})


def test_a_page_of_another_origin_may_read_the_answers(root):
    with mounted(build_demo(root)) as client:
        client.headers["Origin"] = "https://host.org"
        answers = ask_for_everything(client)
    assert {answer.headers["access-control-allow-origin"] for answer in answers.values()} == {"https://host.org"}
    assert answers["generate"].headers["access-control-expose-headers"] == "X-Shape, Server-Timing, X-Waiting"


def test_weights_are_cached_for_one_visitor_and_one_origin(root):
    """Not for others, who may have no login; and browsers would give a page of another origin what it may not read."""
    with mounted(build_demo(root)) as client:
        headers = ask_for_everything(client)["weights"].headers
    assert "private" in headers["cache-control"] and "Origin" in headers["vary"]


def test_routes_and_an_mcp_server_come_together(root):
    introduced = []
    page = build_demo(root)
    page.mcp_server_obj = SimpleNamespace(launch_mcp_on_sse=lambda app, *_: introduced.append(app))
    app = App.create_app(page)
    assert introduced == [app] and [route for route in app.routes if getattr(route, "path", "").startswith("/gm/")]


def test_an_idle_queue_polls_less_often_than_gradio_s():
    usual = gr.Blocks()._queue  # if gradio's defaults were longer, the setting could go
    assert usual.sleep_when_free < QUEUE_POLL_SECONDS
    assert usual.progress_update_sleep_when_free < 10 * QUEUE_POLL_SECONDS
