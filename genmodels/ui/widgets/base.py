"""What all widgets share: a gr.HTML whose page side lies in the files beside the class."""

from __future__ import annotations

import inspect
from pathlib import Path

import gradio as gr

HERE = Path(__file__).parent


class Widget(gr.HTML):
    """A component whose script is ``<module>.js`` and whose style is ``<module>.css``, next to the class.

    The template is static, so a new value never rebuilds the page's elements (no flicker): the script watches the
    value and paints. Templates go through a template engine of the page: no backtick, ``${`` or double brace in them.
    """

    template = ""

    def __init__(self, value: object = None, **kwargs: object) -> None:
        script = Path(inspect.getfile(type(self))).with_suffix(".js").read_text()
        super().__init__(value, html_template=kwargs.pop("template", self.template), js_on_load=script,
                         apply_default_css=False, **kwargs)

    def get_block_name(self) -> str:
        return "html"


def stylesheet() -> str:
    """All widgets' styles, for the page."""
    return "\n".join(path.read_text() for path in sorted(HERE.glob("*.css")))


def page_script() -> str:
    """The functions that the widgets' scripts share, as a tag for the page's head."""
    return f"<script>{(HERE / 'base.js').read_text()}</script>"
