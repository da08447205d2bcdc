"""What the tabs share: how an event is wired, the line about a model, the seed, images and values as HTML."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from html import escape

import gradio as gr
import numpy as np

from genmodels.images import png
from genmodels.ui.store import ModelStore

NEW_SEED = "() => String(Math.floor(Math.random() * 4294967296))"


def on_event(event: Callable, function: Callable, inputs, outputs) -> gr.events.Dependency:
    """Wire an event such as ``slider.input``: any number run at once, the last one wins, no overlay, no public API.

    Any number run at once, so that no visitor waits for another's long job. They still use the queue: gradio 6.31 shows
    no messages of events that bypass it. A ``gr.Error`` becomes a warning on screen, the outputs are kept and the event
    succeeds: after a failed event gradio would drop the next one in the queue, and with it the visitor's next choice.
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


def model_summary(store: ModelStore, name: str | None) -> str:
    """One line on a model with a link to its paper, as HTML."""
    if not name:
        return '<p class="gm-note">No model is available here; see above for the command that makes one.</p>'
    info = store.metadata(name)
    count = store.card(name).parameters
    parameters = f"{count / 1e6:.1f} million weights" if count >= 1e5 else f"{count:,} weights"
    return (f'<p class="gm-note">{escape(info["summary"])} {parameters}. <a href="{escape(info["url"], quote=True)}" '
            f'target="_blank" rel="noopener">{escape(info["paper"])} ({info["year"]})</a></p>')


def category_title(store: ModelStore, name: str | None) -> str:
    """What the categorical part of a model's latent is called on screen; empty where there is none."""
    part = store.spec(name).categorical if name else None
    if part is None:
        return ""
    return part.name.capitalize() if part.is_label else f"Code {part.name}"


def seed_row() -> tuple[gr.Textbox, gr.Button]:
    """A seed, and a button that chooses a new one in the page, without a request."""
    with gr.Row(equal_height=True, elem_classes=["gm-seed"]):
        seed = gr.Textbox("0", label="Seed", info="The same seed gives the same pictures to everyone.", scale=3,
                          min_width=120, max_lines=1)
        new = gr.Button("New seed", scale=1, min_width=110, elem_classes=["gm-new-seed"])
    return seed, new


def pixelated_img(image: np.ndarray, alt: str, caption: str = "", width: int = 140) -> str:
    """An image, uint8 [H, W] or [H, W, 3], as HTML with sharp pixels, ``width`` CSS pixels wide, with its caption."""
    source = base64.b64encode(png(image)).decode()
    height = round(width * image.shape[0] / image.shape[1])
    tag = (f'<img class="gm-pixelated" width="{width}" height="{height}" alt="{escape(alt, quote=True)}" '
           f'src="data:image/png;base64,{source}">')
    return f"<figure>{tag}<figcaption>{escape(caption)}</figcaption></figure>" if caption else tag


def definition_list(rows: list[tuple[str, str]]) -> str:
    """Names and values as an HTML definition list."""
    return "<dl>" + "".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in rows) + "</dl>"


def launch_tab(build: Callable[[ModelStore], object]) -> None:
    """Serve one tab by itself."""
    from genmodels.ui import build_page

    build_page([("Tab", build)]).launch()
