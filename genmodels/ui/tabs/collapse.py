"""Collapse: models of stacked digits, and which of the thousand combinations each one draws as it learns."""

from __future__ import annotations

import json
from typing import Any

from genmodels import checkpoint, data
from genmodels.registry import CHECKPOINTS
from genmodels.ui.components import ModeCubes
from genmodels.ui.components.base import page_file
from genmodels.ui.model_option import ModelOption
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import intro, launch_tab, on_event, seed_field
from genmodels.ui.text import Text, model_text, to_json

Facts = dict[str, Any]


def build(store: ModelStore):
    """Lay out the tab. What follows the slider is in the page: a seed's latents and weights are all that is asked."""
    intro("collapse.intro")
    models = cube_models(store)
    cubes = ModeCubes(to_json({"seed": "0", "models": models, "floor": _floor(store, models)}))
    seed = seed_field("collapse-seed")
    on_event([seed.input], lambda seed: {"seed": seed["text"]}, seed, cubes)


def cube_models(store: ModelStore) -> list[Facts]:
    """Every checkpoint of stacked digits, as ModeCubes takes it."""
    return [_facts(store, option) for option in store.options(lambda name: _is_stacked(store, name))]


def _is_stacked(store: ModelStore, name: str) -> bool:
    if name not in store.errors:
        return bool(store.card(name).dataset.get("stack_of"))
    return name in CHECKPOINTS and bool(data.find(CHECKPOINTS[name].dataset).stack_of)


def _facts(store: ModelStore, option: ModelOption) -> Facts:
    facts = {"name": option.name, "title": option.title, "error": option.error,
             "lesson": model_text("lesson", option.name, store.model_name(option.name))}
    if option.error:
        return facts
    folder, card = store.root / option.name, store.card(option.name)
    try:
        history = json.loads((folder / checkpoint.HISTORY).read_text())
        modes, sheet = history["modes"], (folder / checkpoint.HISTORY_IMAGES).read_bytes()
    except (OSError, ValueError, KeyError):
        return facts | {"error": Text("collapse.no_history", name=option.name)}
    before = modes["first_step"]  # in which something else learned
    rows = [history["image_steps"].index(step) for step in modes["steps"]]
    height, width = card.dataset["height"], card.dataset["width"]
    return facts | {"steps": [step - before for step in modes["steps"]], "rows": rows, "counts": modes["counts"],
                    "images": modes["images"], "shape": [height, width], "sheet": page_file(sheet, ".png"),
                    "measured": _measured(card.metrics, modes["steps"][-1] - before)}


def _measured(metrics: Facts, steps: int) -> list[Text]:
    """What was measured of a model at the end, after so many steps, in words."""
    if not {"modes", "modes_kl"} <= metrics.keys():
        return []
    modes, kl = metrics["modes"], metrics["modes_kl"]
    return [Text("collapse.measured", steps=steps, modes=modes["value"], n=modes["n"], kl=kl["value"])]


def _floor(store: ModelStore, models: list[Facts]) -> Text | str:
    """What was measured of real images in the same way; empty where nothing was measured."""
    for model in models:
        metrics = {} if model["error"] else store.card(model["name"]).metrics
        if "floor" in metrics.get("modes_kl", {}) and "reader_error" in metrics["modes_kl"]:
            floor = metrics["modes_kl"]
            return Text("collapse.floor", n=floor["n"], kl=floor["floor"], error=floor["reader_error"])
    return ""


if __name__ == "__main__":
    launch_tab(build)
