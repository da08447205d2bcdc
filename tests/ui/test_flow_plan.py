"""The plan by which the page follows a model's field; that it computes what torch does is a browser test."""

from __future__ import annotations

import pytest
from conftest import build, models_with, save_checkpoint, tiny_config

from genmodels.ui.engine.flow_plan import flow_plan
from genmodels.ui.store import ModelStore

NAMES = models_with("integrate")


@pytest.mark.parametrize("name", NAMES)
def test_store_answers_with_the_plan_and_its_weights(name, tmp_path):
    """No decoder's plan, which the page would take for one that decodes quickly."""
    model = build(name, **tiny_config(name, guidance=2.0)).eval()
    save_checkpoint(model, name, tmp_path / name)
    plan = ModelStore(tmp_path).plan(name)
    assert "layers" not in plan and plan["flow"] == flow_plan(model)
    assert plan["flow"]["guidance"] == 2.0 and plan["flow"]["steps"] == model.config.sampler_steps

    def tensors(part: dict | list) -> set[str]:
        inner = part.values() if isinstance(part, dict) else part
        found = {part["weight"], part["bias"]} if isinstance(part, dict) and "weight" in part else set()
        return found.union(*(tensors(one) for one in inner if isinstance(one, dict | list)))

    assert tensors(plan["flow"]) == set(plan["tensors"]) == set(model.state_dict())


def test_only_what_follows_a_field_of_gray_images_has_such_a_plan():
    assert flow_plan(build("gan", **tiny_config("gan"))) is None
    assert flow_plan(build("flow", **tiny_config("flow", channels=3))) is None
