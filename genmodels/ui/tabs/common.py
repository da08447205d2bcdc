"""What the tabs share: how a live event is wired, the line about the model, the seed, facts as HTML."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from html import escape

import gradio as gr
import numpy as np

from genmodels import images
from genmodels.ui.actions import Actions
from genmodels.ui.studio import Studio


def live(event: Callable, function: Callable, inputs, outputs) -> gr.events.Dependency:
    """Wire an event such as ``slider.input``: any number at once, the last one always wins, no overlay, no public API.

    Any number, since nobody is to wait for another's long job; the public API has the named actions instead. Through
    the queue all the same, since gradio 6.31's page shows no message that comes back past it. A refusal becomes a
    message, the outputs stay as they are, and the run ends well: after one that ends in an error that page forgets
    the event that waited for it, and with it the visitor's next choice.
    """

    @functools.wraps(function)
    def answer(*args: object):
        try:
            return function(*args)
        except gr.Error as error:
            gr.Warning(error.message, title="Please check")
            return gr.skip()

    return event(answer, inputs, outputs, concurrency_limit=None, trigger_mode="always_last", show_progress="hidden",
                 api_visibility="private")


def about(studio: Studio, name: str | None) -> str:
    """One line on a model and a link to its paper, as HTML."""
    if not name:
        return '<p class="gm-about">No model is available here; see above for the command that makes one.</p>'
    info = studio.about(name)
    parameters = f"{studio.card(name).parameters / 1e6:.1f} million weights"
    return (f'<p class="gm-about">{escape(info["summary"])} {parameters}. <a href="{escape(info["url"], quote=True)}" '
            f'target="_blank" rel="noopener">{escape(info["paper"])} ({info["year"]})</a></p>')


def seed_row() -> tuple[gr.Textbox, gr.Button]:
    """A seed and a button that draws a new one, in the page: no request is made for it."""
    with gr.Row(equal_height=True, elem_classes=["gm-seed"]):
        seed = gr.Textbox("0", label="Seed", info="The same seed gives the same pictures to everyone.", scale=3,
                          min_width=120, max_lines=1)
        new = gr.Button("New seed", scale=1, min_width=110, elem_classes=["gm-new-seed"])
    return seed, new


NEW_SEED = "() => String(Math.floor(Math.random() * 4294967296))"


def crisp(image: np.ndarray, alt: str, caption: str = "", side: int = 140) -> str:
    """A picture as HTML, every pixel sharp, ``side`` CSS pixels wide, with its caption."""
    source = base64.b64encode(images.png(image)).decode()
    image = (f'<img class="gm-crisp" width="{side}" height="{side}" alt="{escape(alt, quote=True)}" '
             f'src="data:image/png;base64,{source}">')
    return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>" if caption else image


def unpack(answer: dict) -> np.ndarray:
    """The pictures of an action's answer, uint8 [n, 28, 28]."""
    return np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(answer["shape"])


def facts(rows: list[tuple[str, str]]) -> str:
    """Names and values as a definition list."""
    return "<dl>" + "".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in rows) + "</dl>"


def run_alone(build: Callable[[Actions], object]) -> None:
    """Serve one tab by itself."""
    from genmodels.ui import page

    page([("Tab", build)]).launch()
