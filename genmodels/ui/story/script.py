"""The story's script, style and scenes as one file, which the page fetches when they are first needed."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path

from genmodels.data import synthetic
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.store import ModelStore
from genmodels.ui.story.scenes import Scene, scenes_of
from genmodels.ui.text import CATALOGS, DEFAULT_LANGUAGE

HERE = Path(__file__).parent
PARTS = "recorder", "notes", "lesson", "presenter"  # in their order
FIGURE = re.compile(r"{(\w+)__(\w+)[:}]")  # of a speaker's notes: checkpoint and metric
UNKNOWN = "\u2013"  # in the place of what was not measured


def story_script(activities: Collection[str], store: ModelStore) -> str:
    """The script for a page of these activities; it defines ``gm.story``'s functions."""
    scenes = scenes_of(activities)
    values = {"scenes": [_to_json(scene, activities) for scene in scenes], "figures": figures(store),
              "style": "\n".join([(HERE / "story.css").read_text(), *map(_choice_of, scenes)])}
    parts = "\n".join((HERE / f"{name}.js").read_text() for name in PARTS)
    return f"(() => {{\nconst {{ scenes, figures, style }} = {json.dumps(values)};\n{parts}}})();"


def figures(store: ModelStore) -> dict[str, float | str]:
    """What the notes tell of checkpoints, by "CHECKPOINT__METRIC", as their cards have it now."""
    intact = {option.name for option in store.options(lambda name: True) if not option.error}
    notes = " ".join(words for key, words in CATALOGS[DEFAULT_LANGUAGE].items() if key.startswith("story."))
    return {f"{name}__{metric}": store.card(name).metrics.get(metric, {}).get("value", UNKNOWN) if name in intact
            else UNKNOWN for name, metric in FIGURE.findall(notes)}


def _choice_of(scene: Scene) -> str:
    """The style by which an activity offers the scene's models alone, and no choice of one in a talk.

    There its name stands at the foot.
    """
    if not scene.models:
        return ""
    at, chosen = f"html[data-story={scene.name}]", ", ".join(f"[value={model}]" for model in scene.models)
    alone = f"{at}[data-presenting] .gm-models {{ display: none; }}" if len(scene.models) == 1 else ""
    return f"{at} .gm-models .gm-option:not(:has(:is({chosen}))) {{ display: none; }} {alone}"


def _to_json(scene: Scene, activities: Collection[str]) -> dict[str, object]:
    picture = scene.drawing and encode_images(synthetic.draw_digit(*scene.drawing)[None])
    return {"name": scene.name, "state": {"activity": scene.activity, **scene.state}, "paper": scene.paper,
            "models": scene.models, "also": [name for name in scene.also if name in activities],
            "picture": picture and {"pixels": picture["pixels"], "shape": picture["shape"][1:]}}
