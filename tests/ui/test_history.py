"""The Time machine: what the page gets of each checkpoint's history, and news of a run that is watched."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from genmodels import checkpoint
from genmodels.images import save_png
from genmodels.ui.histories import WatchedRun
from genmodels.ui.page import build_page
from genmodels.ui.routes import routes
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs import history
from genmodels.ui.text import CATALOGS
from ui.helpers import damage

SIZE = 4  # of images


def write_run(folder: Path, step: int, rows: int, **run: object) -> None:
    """A run of 100 steps that goes on, by now with so many rows of images."""
    about = {"begun": 1.5, "model": "gan", "step": step, "steps": 100, "seconds": 2.0 * step, "size": [SIZE, SIZE]}
    losses = {"loss_d": [0.5] * step, "own": [None] * step}
    save_png(np.zeros((SIZE * rows, 10 * SIZE), np.uint8), folder / checkpoint.RUNNING_IMAGES)
    (folder / checkpoint.RUNNING).write_text(json.dumps(
        {"steps": list(range(step)), "losses": losses, "image_steps": list(range(1, rows + 1)), "run": about | run}))


def facts_of(store: ModelStore) -> dict[str, dict]:
    return {option.name: history._facts(store, option) for option in store.options(lambda _: True)}


def test_runs_have_files_and_those_without_a_history_say_so(copy):
    counts = [[1] * drawn + [0] * (1000 - drawn) for drawn in (2, 3)]
    for name, modes in [("gan", None), ("stacked_gan", counts), ("stacked_r3gan", counts[::-1])]:
        found = {"steps": [0, 5], "losses": {"loss_g": [1.0, None]}, "image_steps": [1, 6]}
        if modes:
            found["modes"] = {"images": 9, "steps": [1, 6], "counts": modes}
        (copy / name / checkpoint.HISTORY).write_text(json.dumps(found))
        save_png(np.zeros((56, 280), np.uint8), copy / name / checkpoint.HISTORY_IMAGES)
    damage(copy, "vae")
    runs = {}
    page = build_page([("alone", [("alone", lambda store: runs.update(facts_of(store)))])], copy)
    assert runs["vae"]["error"].key.startswith("checkpoint.") and runs["dcgan"]["error"].key == "history.none"
    shown = json.loads(page.files[runs["stacked_gan"]["file"]])
    assert shown["steps"] == [1, 6] and shown["imageSteps"] == [1, 6] and shown["size"] == [28, 28]
    assert shown["losses"] == {"loss_g": [1.0, None]} and shown["words"]["loss_g"]["key"] == "history.loss.loss_g"
    assert shown["covered"] == [[1, 2], [6, 3]] and shown["modeImages"] == 9 and runs["gan"]["covers"] is None
    assert page.files[runs["gan"]["sheet"]].startswith(b"\x89PNG")
    assert history._pair(list(runs.values())) == ["stacked_r3gan", "stacked_gan"]  # collapsed, healthy
    assert history._pair([runs["stacked_gan"]]) == []


@pytest.mark.parametrize("name", [path.parent.name for path in checkpoint.ROOT.glob(f"*/{checkpoint.HISTORY}")])
def test_every_loss_that_a_checkpoint_has_is_explained(name):
    losses = json.loads((checkpoint.ROOT / name / checkpoint.HISTORY).read_text())["losses"]
    assert {f"history.loss.{loss}" for loss in losses} <= CATALOGS["en"].keys()


def test_news_are_what_has_been_added(tmp_path):
    run = WatchedRun(tmp_path)
    assert run.news("", 0, 0)["state"] == "empty" and run.sheet() is None
    write_run(tmp_path, 3, 1)
    news = run.news("", 0, 0)
    assert (news["state"], news["isNew"], news["step"], news["last"]) == ("running", True, 3, 100)
    assert news["steps"] == [1, 2, 3] and news["imageSteps"] == [1] and news["seconds"] == 6.0
    assert news["words"].keys() == {"loss_d"}  # a name that the catalogs do not know has no words
    write_run(tmp_path, 5, 2)
    news = run.news(news["identity"], 3, 1)
    assert not news["isNew"] and news["steps"] == [4, 5] and news["imageSteps"] == [2]
    assert news["losses"] == {"loss_d": [0.5, 0.5], "own": [None, None]}
    write_run(tmp_path, 1, 1, begun=9.0)  # another run in the same folder
    assert run.news(news["identity"], 5, 2)["isNew"] and run.news(news["identity"], 5, 2)["steps"] == [1]
    os.utime(tmp_path / checkpoint.RUNNING, (time.time() - 90,) * 2)
    assert 89 < run.news("", 0, 0)["age"] < 120
    (tmp_path / checkpoint.RUNNING).write_text('{"steps": [')  # on its way from another machine
    assert run.news("", 0, 0) == {"state": "unreadable"}


def test_the_watched_run_has_routes(tmp_path):
    store = ModelStore(tmp_path / "none")
    with TestClient(Starlette(routes=routes(store, {}).routes)) as client:
        client.app.auth = client.app.auth_dependency = None
        assert client.get("/gm/watch").status_code == 404 and client.get("/gm/watch/sheet").status_code == 404
        store.watched = WatchedRun(tmp_path)
        answer = client.get("/gm/watch")
        assert answer.json()["state"] == "empty" and answer.headers["cache-control"] == "no-store"
        assert client.get("/gm/watch/sheet").status_code == 404
        write_run(tmp_path, 2, 1)
        assert client.get("/gm/watch?identity=1.5&points=1&images=0").json()["steps"] == [2]
        assert client.get("/gm/watch?points=-9&images=-9").json()["steps"] == [1, 2]
        assert client.get("/gm/watch?points=x").status_code == 400
        assert client.get("/gm/watch/sheet").content.startswith(b"\x89PNG")


def test_a_page_that_watches_opens_on_the_run(tmp_path):
    page = build_page([("live", [("live", history.build), ("history", history.build)])], tmp_path, tmp_path)
    assert '"opensOn": "history"' in page.head and page.store.watched.name == tmp_path.name
