"""The choice of the page's language: one button for each catalog."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.components.base import html_component
from genmodels.ui.text import CATALOGS, element


def LanguageSwitch() -> gr.HTML:
    """Event: input, once the page has changed its language."""
    buttons = "".join(element("button", catalog["language.name"], type="button", class_="gm-language", lang=language)
                      for language, catalog in CATALOGS.items())
    return html_component(__file__, fields={"buttons": buttons}, elem_id="gm-languages")
