"""The Boards tab: the plan by which the page computes boards, and the endpoints that do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from conftest import build, shipped_with, tiny_config

from genmodels.ui.engine.board_plan import board_plan
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.boards import stroke_samples
from ui.helpers import DIGIT_FILE, assert_refused, images_of


def test_store_answers_with_the_plan_and_all_its_tensors(api):
    plan = api.store.plan("vqvae2")
    named = {value for value in strings_of(plan["boards"]) if "." in value}
    assert len(named) > 50 and named <= set(plan["tensors"]) and "layers" not in plan
    assert board_plan(build("gan", **tiny_config("gan"))) is None


def strings_of(value: object) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    return [value] if isinstance(value, str) else [
        text for one in value for text in strings_of(one)] if isinstance(value, list) else []


def test_an_image_becomes_boards_and_boards_an_image(api):
    answer = api.encode_boards(DIGIT_FILE)
    assert [np.shape(board) for board in answer["boards"]] == [(7, 7), (14, 14)] and answer["codes"] == [8, 8]
    model = api.store.get("vqvae2").model
    with torch.inference_mode():
        expected = model.decode_codes(*(torch.tensor(board)[None] for board in answer["boards"]))
    found = images_of(api.decode_boards(answer["boards"]))
    assert np.abs(found - (expected[:, 0].numpy() + 1) * 127.5).max() <= 0.5 + 1e-3
    answer["boards"][1][0][0] = -1
    assert (images_of(api.decode_boards(answer["boards"])) != found).any()


@pytest.mark.parametrize("given", [
    None, [], [[0]], [[[0] * 7] * 7, [[8] * 14] * 14], [[[0.5] * 7] * 7, [[0] * 14] * 14],
    [[["a"] * 7] * 7, [[0] * 14] * 14],
])
def test_what_is_no_pair_of_boards_is_refused(api, given):
    assert_refused(api.decode_boards, r"7 x 7 \(-1 to 7\), 14 x 14 \(-1 to 7\)", boards=given)


def test_a_model_without_codes_is_refused(api):
    assert_refused(api.encode_boards, "has no codes; choose one of: vqvae2", image=DIGIT_FILE, model="gan")


def test_strokes_are_learned_from_the_stored_samples_or_from_examples(api):
    assert stroke_samples(api.store, "vqvae2")["shape"][0] >= 10  # none are stored here
    for name in shipped_with("codes"):
        assert stroke_samples(ModelStore(), name)["shape"] == [64, 28, 28]
