"""What all widgets share: a gr.HTML whose page side lies in the files beside it."""

from __future__ import annotations

import base64
from pathlib import Path

import gradio as gr

HERE = Path(__file__).parent
ENGINE = HERE.parent / "engine"


def widget(name: str, template: str, value: object = None, **options: object) -> gr.HTML:
    """A component whose script is ``<name>.js`` and whose style is ``<name>.css``, in this folder.

    The template is static, so a new value never rebuilds the page's elements (no flicker): the script watches the
    value and paints. Templates go through a template engine of the page: no backtick, ``${`` or double brace in them.

    A function and not a subclass: gradio writes a stub file next to every subclass of a component that is imported.
    """
    script = (HERE / f"{name}.js").read_text()
    return gr.HTML(value, html_template=template, js_on_load=script, apply_default_css=False, **options)


def stylesheet() -> str:
    """All widgets' styles, for the page."""
    return "\n".join(path.read_text() for path in sorted(HERE.glob("*.css")))


def page_script() -> str:
    """The functions that the widgets' scripts share and the page's engine, as a tag for the page's head."""
    kernel = base64.b64encode((ENGINE / "kernel.wasm").read_bytes()).decode()
    base, engine = (HERE / "base.js").read_text(), (ENGINE / "engine.js").read_text()
    return f"<script>{base}gm.kernel = '{kernel}';\n{engine}</script>"
