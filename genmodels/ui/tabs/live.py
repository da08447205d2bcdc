"""Live training: small GANs and VAEs of points in the plane, trained in the page, two abreast."""

from __future__ import annotations

from genmodels.ui.components import LiveTraining
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import about, intro, launch_tab, note
from genmodels.ui.text import Text


def build(store: ModelStore):
    """Lay out the tab. It uses no checkpoint, and asks nothing of the server but its script."""
    intro("live.intro")
    LiveTraining()
    about(note(Text("live.about")))


if __name__ == "__main__":
    launch_tab(build)
