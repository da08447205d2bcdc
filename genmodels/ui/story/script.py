"""The story's script, style and scenes as one file, which the page fetches when they are first needed."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from genmodels.data import synthetic
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.story.scenes import Scene, scenes_of

HERE = Path(__file__).parent
PARTS = "recorder", "notes", "lesson", "presenter"  # in their order


def story_script(activities: Collection[str]) -> str:
    """The script for a page of these activities; it defines ``gm.story``'s functions."""
    values = {"scenes": [_to_json(scene) for scene in scenes_of(activities)], "style": (HERE / "story.css").read_text()}
    parts = "\n".join((HERE / f"{name}.js").read_text() for name in PARTS)
    return f"(() => {{\nconst {{ scenes, style }} = {json.dumps(values)};\n{parts}}})();"


def _to_json(scene: Scene) -> dict[str, object]:
    digit = scene.digit
    picture = None if digit is None else encode_images(synthetic.draw_digit(digit, 20 + digit)[None])
    return {"name": scene.name, "state": {"activity": scene.activity, **scene.state}, "paper": scene.paper,
            "picture": picture and {"pixels": picture["pixels"], "shape": picture["shape"][1:]}}
