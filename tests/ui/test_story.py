"""The story's scenes: their words, and the file that the page fetches for them."""

from __future__ import annotations

import json

import pytest

from genmodels.ui.page import GROUPS
from genmodels.ui.story import SCENES, scenes_of, story_script
from genmodels.ui.text import CATALOGS

ACTIVITIES = {name for _, activities in GROUPS for name, _ in activities}
MOST_WORDS = 60  # that a hall reads while somebody speaks


@pytest.mark.parametrize("language", CATALOGS)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_scene_is_short_and_has_notes(scene, language):
    title, words, notes = (CATALOGS[language][f"story.{scene.name}.{part}"] for part in ("title", "words", "notes"))
    assert title and notes and 10 < len(words.split()) <= MOST_WORDS


def test_no_words_are_left_of_a_scene_that_is_gone():
    named = {key.split(".")[1] for key in CATALOGS["en"] if key.startswith("story.") and key.endswith(".words")}
    assert named == {scene.name for scene in SCENES}


def test_scenes_are_those_whose_activity_is_there():
    assert [scene.name for scene in scenes_of({"sample", "start"})] == ["opening", "autoencoder", "dcgan"]
    assert 12 <= len(scenes_of(ACTIVITIES)) <= 16


def test_the_script_holds_the_scenes_and_their_drawings():
    script = story_script({"classify", "noise"})
    values = json.loads(script.split("const { scenes, style } = ")[1].split(";\n")[0])
    questions, flow = values["scenes"]
    assert questions["state"] == {"activity": "classify"} and questions["picture"]["shape"] == [28, 28]
    assert flow["state"] == {"activity": "noise", "model": "flow", "seed": "3"} and flow["picture"] is None
    assert ".gm-scene" in values["style"]
