"""A button that offers what is on screen to be taken away: a link, PNG, GIF, and a bundle that can be replayed.

Components offer their pictures by ``gm.offer`` (``share.js``). A bundle is a ZIP file, written in the page, of
picture.png, link.txt and latent.json, from which ``python -m genmodels replay`` makes the same picture again.
"""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def Share() -> gr.HTML:
    """The button and its dialog."""
    return html_component(__file__, elem_id="gm-share")
