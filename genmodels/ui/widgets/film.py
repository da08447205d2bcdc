"""An animation that loops: play, pause, scrub, download as GIF."""

from __future__ import annotations

from genmodels.ui.widgets.base import Widget


class Film(Widget):
    """The value is what ``walk`` returns: shape, pixels (frame after frame), gif."""

    template = (
        '<div class="gm-film"><canvas role="img" aria-label="A walk through latent space" width="28" height="28"></canvas>'
        '<div class="gm-bar"><button type="button" class="gm-button gm-play">Pause</button>'
        '<input type="range" class="gm-range" min="0" max="0" value="0" aria-label="Frame">'
        '<button type="button" class="gm-button gm-save">Download GIF</button></div></div>'
    )

    def __init__(self) -> None:
        super().__init__(None, elem_id="gm-film")
