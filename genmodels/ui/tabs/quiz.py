"""Quiz: the visitor is the discriminator."""

from __future__ import annotations

from genmodels.ui.api.quiz import QuizEndpoints
from genmodels.ui.components import QuizBoard
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import about, intro, launch_tab, note, reader
from genmodels.ui.text import Text


def build(store: ModelStore):
    """Lay out the tab."""
    endpoints = QuizEndpoints(store)
    intro("quiz.intro")
    QuizBoard(reader(lambda number: endpoints.quiz(number)))
    about(note(Text("quiz.about", models=[store.title(name) for name in endpoints.players()])))


if __name__ == "__main__":
    launch_tab(build)
