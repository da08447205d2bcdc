"""The mesh explorer: models of meshes side by side under one hand, decoded and drawn by the page."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component


def MeshExplorer(value: dict) -> gr.HTML:
    """A walk between two stored bodies, a slider for each property, and bodies that a drag turns.

    The body is, in each model's latents: the place on the walk, and what the sliders have added. It is bound to
    ``body`` of the page's state: the numbers of both stored bodies, the place between them, what was added. The element
    has ``data-engine`` "page" once bodies are drawn.

    Args:
        value: models, each {name, title, note, error} (words; error where it cannot be used) and, where it can,
            ``readout`` [d + 1, k] from its latents to k properties, ``directions`` [k + 1, d] back, and ``shapes``
            [n, d], the stored bodies, the same for all models; properties: k words.
    """
    return html_component(__file__, value, elem_id="gm-mesh-explorer")
