"""What all components share: a gr.HTML whose template, script and style lie in the files beside its Python file.

Scripts and styles of all components reach the page as one file each, and so do large first values: files of the page,
whose names hold the hash of their content, so that browsers keep them for good (``PageFiles``).

Templates hold no words but refer to the catalogs by ``data-t`` attributes (``ui/text``).
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from pathlib import Path
from string import Template

import gradio as gr
from gradio.context import Context

from genmodels.ui.text import CATALOGS

MAX_INLINE_BYTES = 2_000  # of a first value that is part of the page itself
PARAMETERS = "element,props,trigger,server,watch"  # what gradio gives a component's script
# Scripts beside this file, in their order.
SHARED = "base", "navigation", "address", "state", "offers", "hand", "pace", "ink", "heat", "story"
ENGINE_PARTS = ("weights", "runtime", "layers", "networks", "classifiers", "captions", "mesh", "graph", "flow", "gpu",
                "workers", "engine", "cells", "pixels", "boards", "flow_run")
HERE = Path(__file__).parent
ENGINE, TEXT = HERE.parent / "engine", HERE.parent / "text"


class PageFiles(dict[str, bytes]):
    """Contents by name; a name is the hash of the content, and a suffix that says of what type it is."""

    def add(self, content: str | bytes, suffix: str) -> str:
        """Keep a file; returns its name."""
        content = content.encode() if isinstance(content, str) else content
        name = hashlib.sha256(content).hexdigest()[:16] + suffix
        self[name] = content
        return name


def html_component(source: str, value: object = None, fields: dict[str, object] | None = None,
                   **options: object) -> gr.HTML:
    """A gr.HTML from the ``.html`` file beside a Python file; its ``.css`` and ``.js`` are part of ``page_files``.

    The template is static, so a new value never rebuilds the page's elements (no flicker): the script watches the
    value and repaints. The page runs templates through a template engine: no backtick, ``${`` or double brace in them.

    Components are functions, but named like classes, since they are used like Gradio's. They are no subclasses because
    gradio writes a stub file (.pyi) next to every imported subclass of a component.

    Args:
        source: the component's ``__file__``.
        value: the initial value, any JSON; the page fetches a large one as a file.
        fields: the text that replaces each ``$name`` in the template, already escaped.
        options: keyword arguments of gr.HTML; unknown ones become ``props`` of the script.
    """
    path = Path(source)
    template = Template(path.with_suffix(".html").read_text().strip()).substitute(fields or {})
    script = f"gm.mount('{path.stem}', {PARAMETERS})"
    return gr.HTML(_as_file(value), html_template=template, js_on_load=script, apply_default_css=False, **options)


def page_file(content: str | bytes, suffix: str) -> str | None:
    """Make a file of the page that is being built, which its scripts find at gm.root + "file/"; returns its name.

    None where no page is being built.
    """
    files = getattr(Context.root_block, "files", None)
    return None if files is None else files.add(content, suffix)


def hidden_unless(usable: object) -> dict[str, str]:
    """The field ``$hidden`` of a template whose parts are only of use with a model."""
    return {"hidden": "" if usable else "hidden"}


def _as_file(value: object) -> object:
    """Instead of a large value, the name of a file of the page that is being built; any other as it is."""
    content = json.dumps(value)
    name = page_file(content, ".json") if len(content) > MAX_INLINE_BYTES else None
    return value if name is None else {"$file": name}


def escape_template(html: str) -> str:
    """HTML inside a template, in whose texts the page's template engine finds no syntax of its own."""
    return html.replace("`", "&#96;").replace("$", "&#36;").replace("{", "&#123;").replace("\\", "&#92;")


@functools.cache
def page_files(style: str) -> tuple[PageFiles, str]:
    """The script and the style that all components share, and the tag for the head that fetches them.

    ``style``: the page's own, which comes first.
    """
    files = PageFiles()
    names = {"script": files.add(_script(), ".js"), "style": files.add(style + _stylesheet(), ".css")}
    return files, f"<script>{Template((HERE / 'loader.js').read_text()).safe_substitute(names)}</script>"


def _stylesheet() -> str:
    """The shared styles, then those of each component."""
    return "\n".join(path.read_text() for path in [HERE / "base.css", *sorted(HERE.glob("*/*.css"))])


def _script() -> str:
    """The catalogs, the functions that all scripts share, the page's engine, and the components' scripts."""
    builds = "kernel_relaxed.wasm", "kernel.wasm"  # browsers take the first that they can run
    kernels = [base64.b64encode((ENGINE / name).read_bytes()).decode() for name in builds]
    shaders = {name: (ENGINE / f"{name}.wgsl").read_text() for name in ("product", "pixels")}
    values = {"catalogs": CATALOGS, "kernels": kernels, "shaders": shaders}
    shared = [TEXT / "text.js", *(HERE / f"{name}.js" for name in SHARED),
              *(ENGINE / f"{name}.js" for name in ENGINE_PARTS)]
    components = (f"gm.components.{path.stem} = ({PARAMETERS}) => {{\n{path.read_text()}}};"
                  for path in sorted(HERE.glob("*/*.js")))
    return "\n".join([f"Object.assign(gm, {json.dumps(values, ensure_ascii=False)});",
                      *(path.read_text() for path in shared), *components])
