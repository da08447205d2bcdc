"""The model store: broken checkpoints are explained, the others work, and threads do not disturb each other."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace

import pytest
import torch
from conftest import change_card
from torch import Tensor

from genmodels import checkpoint, registry
from genmodels.latents import Latents
from genmodels.model import GenerativeModel
from genmodels.ui.fair_lock import FairLock
from genmodels.ui.store import LoadedModel, ModelStore
from ui.helpers import (
    CONDITIONAL,
    DIGIT_FILE,
    GENERATIVE,
    RECONSTRUCTING,
    assert_refused,
    damage,
    endpoints_on,
    image_shape,
    images_of,
)


def test_options_by_capability_list_broken_checkpoints_too(copy):
    shutil.rmtree(copy / "cvae")
    damage(copy, "vae")
    store = endpoints_on(copy).store
    assert [option.name for option in store.options(store.is_conditional)] == CONDITIONAL
    reconstructing = store.options(lambda name: store.can(name, "reconstruct"))
    assert [option.name for option in reconstructing] == RECONSTRUCTING
    assert [option.name for option in reconstructing if option.error] == ["vae", "cvae"]
    assert store.option_names(store.is_conditional) == ", ".join(CONDITIONAL)


def test_broken_checkpoints_are_listed_with_their_remedy_and_the_others_work(copy):
    damage(copy, "dcgan")
    shutil.rmtree(copy / "vae2d")
    (copy / "infogan" / checkpoint.CARD).write_text('{"name": "infogan"')
    (copy / "cvae" / checkpoint.WEIGHTS).unlink()
    api = endpoints_on(copy)
    errors = {option.name: option.error for option in api.store.options()}
    remedy = {"dcgan": "train.py dcgan", "infogan": "train.py infogan", "cvae": "train.py cvae",
              "vae2d": registry.training_command("vae2d").removeprefix("python ")}
    assert list(errors) == GENERATIVE
    for name in GENERATIVE:
        if name in remedy:
            assert f"make it with: python {remedy[name]}" in str(errors[name])
            assert_refused(api.sample, re.escape(remedy[name]), model=name)
            assert_refused(api.describe_latents, re.escape(remedy[name]), model=name)
        else:
            assert errors[name] is None and api.sample(name, 1)["shape"] == [1, *image_shape(name)]
    assert_refused(api.write, "train.py cvae", model="cvae")
    assert_refused(api.reconstruct, "train.py vae2d", model="vae2d", image=DIGIT_FILE)
    assert_refused(api.latent_grid, "train.py vae2d")


def test_a_checkpoint_damaged_while_served_gives_the_message(copy):
    api = endpoints_on(copy)
    damage(copy, "gan")
    shutil.rmtree(copy / "vae")
    assert_refused(api.sample, "'gan' is damaged .* make it with: python train.py gan --force$", model="gan")
    assert_refused(api.reconstruct, "'vae' is missing; make it with: python train.py vae$", image=DIGIT_FILE)
    assert {option.name for option in api.store.options() if option.error} == {"gan", "vae"}
    assert api.sample("cgan", 1)["shape"] == [1, 28, 28]


def test_no_checkpoints_at_all(tmp_path):
    api = endpoints_on(tmp_path / "nowhere")
    assert [option.name for option in api.store.options()] == GENERATIVE
    assert_refused(api.sample, "'dcgan' is missing; make it with: python train.py dcgan$")


def test_a_checkpoint_that_is_not_shipped_is_an_option_too(copy):
    shutil.copytree(copy / "vae", copy / "mine")
    api = endpoints_on(copy)
    assert api.store.options()[-1].name == "mine" and "mine" in str(api.store.options()[-1].title)
    assert images_of(api.sample("mine", 4)).tolist() == images_of(api.sample("vae", 4)).tolist()


def test_a_model_is_preloaded_once_for_all_visitors(root, monkeypatch):
    store, begun = ModelStore(root), []
    monkeypatch.setattr(threading.Thread, "start", lambda thread: begun.append(thread))
    for _ in range(3):
        store.preload("dcgan")
    assert len(begun) == 1
    begun[0].run()
    assert store.get("dcgan").name in store._loaded


def test_eight_threads_get_the_same_answers_as_one(api, root):
    def call_all(api: SimpleNamespace, seed: int) -> list[str]:
        return [*(json.dumps(api.sample(model, 20, seed)) for model in ("dcgan", "cgan", "vae2d")),
                json.dumps(api.inspect("dcgan", seed, 3)), json.dumps(api.write("2014", "cgan", False, seed)),
                json.dumps(api.reconstruct(DIGIT_FILE, "vae", seed=seed))]

    fresh = endpoints_on(root)  # so that the models are loaded concurrently, too
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(partial(call_all, fresh), range(8)))
    alone = [call_all(api, seed) for seed in range(8)]
    same = [[a == b for a, b in zip(*rows, strict=True)] for rows in zip(together, alone, strict=True)]
    assert same == [[True] * 6] * 8  # not the texts: pytest takes a minute to print their difference


class Growing:
    """A model whose images grow from the top in steps of a few rows."""

    ROWS = (7, 14, 21, 28)

    def __init__(self, model: GenerativeModel) -> None:
        self.model, self.render = model, model.render
        self.before_step = lambda rows: None

    def generate_steps(self, latents: Latents) -> Iterator[Tensor]:
        images = self.model.generate(latents)
        for rows in self.ROWS:
            self.before_step(rows)
            yield torch.cat([images[:, :, :rows], torch.full_like(images[:, :, rows:], -1)], 2)


@pytest.fixture
def growing(copy) -> tuple[ModelStore, LoadedModel]:
    change_card(copy / "gan", info={"capabilities": ["decode", "generate_steps"]})
    store = endpoints_on(copy).store
    loaded = store.get("gan")
    return store, dataclasses.replace(loaded, model=Growing(loaded.model))


def test_images_of_a_model_with_steps_are_those_of_its_last_step(growing, api):
    store, loaded = growing
    latents = loaded.spec.sample(0, range(4))
    steps = list(store.generate_steps(loaded, latents))
    for rows, images in zip(Growing.ROWS, steps, strict=True):
        assert images[:, rows - 1].any() and not images[:, rows:].any()
    expected = images_of(api.sample("gan", 4, 0))
    assert (steps[-1] == expected).all() and (store.generate(loaded, latents) == expected).all()
    (alone,) = api.store.generate_steps(api.store.get("gan"), latents)
    assert (alone == expected).all()


def test_others_may_generate_between_two_steps(growing, api):
    store, loaded = growing
    steps = store.generate_steps(loaded, loaded.spec.sample(0, range(4)))
    next(steps)
    other = store.get("vae")
    with ThreadPoolExecutor(1) as pool:
        images = pool.submit(store.generate, other, other.spec.sample(0, [0])).result(30)
    assert (images == images_of(api.sample("vae", 1, 0))).all()
    assert len(list(steps)) == len(Growing.ROWS) - 1
    next(store.generate_steps(loaded, loaded.spec.sample(0, [0])))  # a visitor who leaves after a step
    assert store.generate(other, other.spec.sample(0, [0])).any()


def test_whoever_waits_gets_the_turn_after_the_step_in_progress(growing):
    """However little time there is between two steps."""
    store, loaded = growing
    done, other, render = [], store.get("vae"), store.get("vae").model.render
    other.model.render = lambda x: (done.append("other"), render(x))[1]

    def before_step(rows: int) -> None:
        done.append(rows)
        if rows == Growing.ROWS[0]:
            visitors.append(pool.submit(store.generate, other, other.spec.sample(0, [0])))
            while not store.inference_lock.waiting:
                time.sleep(0.001)

    loaded.model.before_step, visitors = before_step, []
    with ThreadPoolExecutor(1) as pool:
        store.generate(loaded, loaded.spec.sample(0, [0]))
    assert visitors[0].result().any()
    assert done == [7, "other", 14, 21, 28]


def test_a_fair_lock_is_handed_over_in_the_order_of_asking():
    lock, order, threads = FairLock(), [], []

    def take(number: int) -> None:
        with lock:
            order.append(number)

    with lock:
        for number in range(20):
            threads.append(threading.Thread(target=take, args=(number,)))
            threads[-1].start()
            while lock.waiting <= number:
                time.sleep(0.001)
        assert order == []
    for thread in threads:
        thread.join(30)
    assert order == list(range(20)) and lock.waiting == 0
    with lock:
        pass
