"""The Collapse tab: what the page gets of each model of stacked digits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from conftest import change_card

from genmodels import checkpoint
from genmodels.images import save_png
from genmodels.registry import CHECKPOINTS
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.collapse import cube_models
from ui.helpers import damage

STACKED = [name for name, entry in CHECKPOINTS.items() if entry.dataset == "stacked"]


def give_history(folder: Path, steps: list[int], first_step: int = 0) -> None:
    """A history whose images begin one row before the counts of its modes."""
    counts = [[len(steps)] + [0] * 999 for _ in steps]
    history = {"image_steps": [1, *steps], "modes": {"images": 5, "first_step": first_step, "steps": steps,
                                                              "counts": counts}}
    (folder / checkpoint.HISTORY).write_text(json.dumps(history))
    save_png(np.zeros((28, 28), np.uint8), folder / checkpoint.HISTORY_IMAGES)


def test_steps_are_counted_from_where_the_images_begin_to_be_learned(copy):
    for name in STACKED:
        before = 500 if name == "stacked_mggan" else 0
        give_history(copy / name, [before + 20, before + 100], before)
    change_card(copy / STACKED[0], metrics={"modes": {"value": 7, "n": 9}, "modes_kl": {"value": 2.5, "n": 9}})
    models = cube_models(ModelStore(copy))
    assert [model["name"] for model in models] == STACKED and not any(model["error"] for model in models)
    assert all(model["steps"] == [20, 100] and model["rows"] == [1, 2] for model in models)
    assert models[0]["images"] == 5 and models[0]["counts"][0][0] == 2 and models[0]["shape"] == [28, 28]
    assert [text.values for text in models[0]["measured"]] == [{"steps": 100, "modes": 7, "n": 9, "kl": 2.5}]
    assert models[1]["measured"] == []  # not measured yet


def test_what_is_broken_or_has_no_history_says_so_and_the_rest_is_there(copy):
    damage(copy, STACKED[0])
    give_history(copy / STACKED[1], [20, 100])
    broken, intact, without = cube_models(ModelStore(copy))
    assert broken["error"].key.startswith("checkpoint.") and without["error"].key == "collapse.no_history"
    assert intact["error"] is None and intact["steps"] == [20, 100]
