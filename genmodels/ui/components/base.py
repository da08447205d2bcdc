"""What all components share: a gr.HTML whose template, script and style lie in the files beside its Python file.

Templates hold no words but refer to the catalogs by ``data-t`` attributes (``ui/text``).
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from string import Template

import gradio as gr

from genmodels.ui.text import CATALOGS

HERE = Path(__file__).parent
ENGINE, TEXT = HERE.parent / "engine", HERE.parent / "text"


def html_component(source: str, value: object = None, fields: dict[str, object] | None = None,
                   **options: object) -> gr.HTML:
    """A gr.HTML from the ``.html`` and ``.js`` files beside a Python file; its ``.css`` is part of ``stylesheet``.

    The template is static, so a new value never rebuilds the page's elements (no flicker): the script watches the
    value and repaints. The page runs templates through a template engine: no backtick, ``${`` or double brace in them.

    Components are functions, but named like classes, since they are used like Gradio's. They are no subclasses because
    gradio writes a stub file (.pyi) next to every imported subclass of a component.

    Args:
        source: the component's ``__file__``.
        value: the initial value, any JSON.
        fields: the text that replaces each ``$name`` in the template, already escaped.
        options: keyword arguments of gr.HTML; unknown ones become ``props`` of the script.
    """
    path = Path(source)
    template = Template(path.with_suffix(".html").read_text().strip()).substitute(fields or {})
    script = path.with_suffix(".js").read_text()
    return gr.HTML(value, html_template=template, js_on_load=script, apply_default_css=False, **options)


def escape_template(html: str) -> str:
    """HTML inside a template, in whose texts the page's template engine finds no syntax of its own."""
    return html.replace("`", "&#96;").replace("$", "&#36;").replace("{", "&#123;").replace("\\", "&#92;")


def stylesheet() -> str:
    """The shared styles, then those of each component."""
    return "\n".join(path.read_text() for path in [HERE / "base.css", *sorted(HERE.glob("*/*.css"))])


def page_script() -> str:
    """The catalogs, the functions that all scripts share, and the page's engine, as a tag for the head."""
    builds = "kernel_relaxed.wasm", "kernel.wasm"  # browsers take the first that they can run
    kernels = [base64.b64encode((ENGINE / name).read_bytes()).decode() for name in builds]
    engine = (ENGINE / f"{name}.js" for name in ("weights", "runtime", "layers", "networks", "gpu", "engine"))
    scripts = TEXT / "text.js", HERE / "base.js", *engine
    shaders = {name: (ENGINE / f"{name}.wgsl").read_text() for name in ("product", "pixels")}
    catalogs = json.dumps(CATALOGS, ensure_ascii=False).replace("</", "<\\/")
    return "\n".join([f"<script>window.gm = {{ catalogs: {catalogs}, kernels: {json.dumps(kernels)}, "
                      f"shaders: {json.dumps(shaders)} }};",
                      *(path.read_text() for path in scripts), "</script>"])
