"""The story's scenes: their words, and the file that the page fetches for them."""

from __future__ import annotations

import json

import pytest

from genmodels.checkpoint import read_card
from genmodels.ui.page import GROUPS
from genmodels.ui.store import ModelStore
from genmodels.ui.story import SCENES, scenes_of, story_script
from genmodels.ui.story.script import UNKNOWN
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
    assert {name for scene in SCENES for name in scene.also} <= ACTIVITIES


def test_a_scene_begins_with_one_of_its_models():
    assert all(scene.state.get("model", scene.models[0]) in scene.models for scene in SCENES if scene.models)


def read_values(script: str) -> dict:
    return json.loads(script.split("const { scenes, figures, style } = ")[1].split(";\n")[0])


def test_the_script_holds_the_scenes_and_their_drawings():
    values = read_values(story_script({"classify", "live"}, ModelStore()))
    questions, game, collapse = values["scenes"]
    assert questions["state"] == {"activity": "classify"} and questions["picture"]["shape"] == [28, 28]
    assert game["state"]["setups"] == ["original-d1"] and game["picture"] is None
    assert collapse["also"] == []  # that activity is not there
    assert ".gm-scene" in values["style"]

def test_an_activity_offers_the_models_of_its_scene():
    style = read_values(story_script({"sample"}, ModelStore()))["style"]
    assert "html[data-story=dcgan] .gm-models .gm-option:not(:has(:is([value=gan], [value=dcgan])))" in style


def test_notes_tell_what_the_cards_say(tmp_path):
    found = read_values(story_script(ACTIVITIES, ModelStore()))["figures"]
    assert found["dcgan__frechet_distance"] == read_card("dcgan").metrics["frechet_distance"]["value"]
    assert UNKNOWN not in found.values()
    assert set(read_values(story_script(ACTIVITIES, ModelStore(tmp_path)))["figures"].values()) == {UNKNOWN}
