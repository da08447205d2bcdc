"""The model store: broken checkpoints are explained, the others work, and threads do not disturb each other."""

from __future__ import annotations

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace

from genmodels import checkpoint, registry
from ui.helpers import (
    CONDITIONAL,
    DIGIT_FILE,
    GENERATIVE,
    RECONSTRUCTING,
    assert_refused,
    damage,
    endpoints_on,
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
    assert store.option_names(store.is_conditional) == "cgan, cvae"


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
            assert f"make it with: python {remedy[name]}" in errors[name]
            assert_refused(api.sample, re.escape(remedy[name]), model=name)
            assert_refused(api.describe_latents, re.escape(remedy[name]), model=name)
        else:
            assert errors[name] is None and api.sample(name, 1)["shape"] == [1, 28, 28]
    assert_refused(api.write, "train.py cvae", model="cvae")
    assert_refused(api.reconstruct, "train.py vae2d", model="vae2d", image=DIGIT_FILE)
    assert_refused(api.latent_grid, "train.py vae2d")


def test_a_checkpoint_damaged_while_served_gives_the_message(copy):
    api = endpoints_on(copy)
    damage(copy, "gan")
    shutil.rmtree(copy / "vae")
    assert_refused(api.sample, "'gan' is damaged .* make it with: python train.py gan$", model="gan")
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
    assert api.store.options()[-1].name == "mine" and "mine" in api.store.options()[-1].title
    assert images_of(api.sample("mine", 4)).tolist() == images_of(api.sample("vae", 4)).tolist()


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
