"""The talk and the lesson: a story in scenes, each of which is an activity of the page, set up to show one claim."""

from genmodels.ui.story.scenes import SCENES, Scene, scenes_of
from genmodels.ui.story.script import story_script

__all__ = ["SCENES", "Scene", "scenes_of", "story_script"]
