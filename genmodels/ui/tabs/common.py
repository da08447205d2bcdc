"""What the tabs share: how an event is wired, the lines about a model, the seed, images and values as HTML."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import gradio as gr
import numpy as np

from genmodels.images import png
from genmodels.ui.api.base import ScreenError, as_gradio_error, error_answer, plain
from genmodels.ui.api.validation import check_int, parse_seed
from genmodels.ui.components import NumberSlider, TextField, select_value
from genmodels.ui.store import ModelStore, class_text
from genmodels.ui.text import Text, element, model_text
from genmodels.ui.translation import visitor_language


def on_event(events: Sequence[Callable], function: Callable, inputs, outputs, **options: Any) -> gr.events.Dependency:
    """Wire events such as ``slider.input``: the last one wins, no overlay, no public API.

    ``options`` are gradio's, in the place of these. Events that change the same outputs are wired together: of several
    at once, such as a link brings, each that is wired by itself might be answered last.

    Any number run at once, so that no visitor waits for another's long job. They still use the queue: gradio 6.31 shows
    no messages of events that bypass it. A ``ScreenError`` becomes a warning on screen, in the visitor's language; the
    outputs are kept and the event succeeds: after a failed event gradio would drop the next one in the queue, and with
    it the visitor's next choice.
    """

    @functools.wraps(function)
    def answer(*args: object):
        try:
            return function(*args)
        except ScreenError as error:
            language = visitor_language()
            gr.Warning(plain(error.text.word(language)), title=Text("error.title").word(language))
            return gr.skip()

    defaults = {"concurrency_limit": None, "trigger_mode": "always_last", "show_progress": "hidden",
                "api_visibility": "private"}
    return gr.on(events, answer, inputs, outputs, **(defaults | options))


def note(text: Text) -> str:
    """A remark in small type, as HTML."""
    return element("p", text, class_="gm-note")


def intro(key: str) -> gr.HTML:
    """The sentence at the top of a tab, whose key is the tab's name and ``.intro``; before it a heading, unseen.

    The heading is for screen readers, which move from heading to heading: it repeats the tab's own title.
    """
    heading = element("h2", Text(f"tab.{key.removesuffix('.intro')}"), class_="gm-visually-hidden")
    return gr.HTML(heading + element("p", Text(key)), elem_classes=["gm-intro"], apply_default_css=False)


def about(summary: str) -> gr.HTML:
    """The line on a model, which on a phone stands below all else."""
    return gr.HTML(summary, elem_classes=["gm-about"], apply_default_css=False)


def model_summary(store: ModelStore, name: str | None) -> str:
    """What a model is, what it teaches, its size, and a link to its paper, as HTML."""
    if not name:
        return note(Text("models.none"))
    info, count = store.metadata(name), store.card(name).parameters
    summary, lesson = (model_text(word, name, store.model_name(name)) for word in ("summary", "lesson"))
    size = (Text("models.weights_millions", count=count / 1e6) if count >= 1e5
            else Text("models.weights", count=count))
    paper = element("a", f"{escape(info['paper'])} ({info['year']})", href=info["url"], target="_blank", rel="noopener")
    sentences = [element("span", text) for text in (summary, lesson, size)]
    return element("p", " ".join([*sentences, paper]), class_="gm-note")


def category_title(store: ModelStore, name: str | None) -> Text | str:
    """What the categorical part of a model's latent is called on screen; empty where there is none."""
    part = store.spec(name).categorical if name else None
    if part is None:
        return ""
    if not part.is_label:
        return Text("category.code", name=part.name)
    return Text.first_of(f"category.{part.name}") or part.name


def kept_category(store: ModelStore, name: str | None, value: int) -> int:
    """``value``, as chosen with another model, if this one has it too; else -1."""
    return value if value in range(len((store.category_names(name) if name else None) or [])) else -1


def category_choice(store: ModelStore, name: str | None, value: int = -1) -> dict:
    """The choice of a label or code, as a Select takes it; empty for a model that has none."""
    names = (store.category_names(name) if name else None) or []
    order = sorted(range(len(names)), key=names.__getitem__)
    options = [(Text("category.each_in_turn"), -1), *((class_text(names[k]), k) for k in order)] if names else []
    return select_value(category_title(store, name), options, kept_category(store, name, value))


def reader(parse: Callable[..., object]) -> Callable[[dict], dict]:
    """What a field that is typed in asks the server: ``parse`` of its request, or why that is refused."""

    def read_typed(request: dict) -> dict:
        try:
            return {"value": as_gradio_error(parse)(**request)}
        except ScreenError as error:
            return error_answer(error.text)
        except (KeyError, TypeError):
            return error_answer(Text("error.bad_request"))

    return read_typed


def seed_field(name: str) -> gr.HTML:
    """A seed, with a button that chooses a new one; ``text`` in its value is a valid seed."""
    read = reader(lambda text, context: str(parse_seed(text)))
    return TextField(name, "seed.label", Text("seed.info"), {"text": "0", "context": None}, read, seeds=True,
                     state="seed")


def count_slider(name: str, label: str, quantity: str, minimum: int, maximum: int, value: int,
                 step: int = 1, state: str | None = None) -> gr.HTML:
    """A NumberSlider of a quantity of which ``quantity.QUANTITY`` of the catalogs speaks; ``state`` as there."""
    read = reader(lambda text: check_int(quantity, text, minimum, maximum))
    return NumberSlider(name, label, minimum, maximum, value, read, step, state)


def pixelated_img(image: np.ndarray, alt: Text, caption: Text | None = None, width: int = 140) -> str:
    """An image, uint8 [H, W] or [H, W, 3], as HTML with sharp pixels, ``width`` CSS pixels wide, with its caption."""
    source = base64.b64encode(png(image)).decode()
    height = round(width * image.shape[0] / image.shape[1])
    kind = "gm-pixelated gm-colored" if image.ndim == 3 else "gm-pixelated"
    tag = element("img", class_=kind, width=width, height=height, alt=alt, src=f"data:image/png;base64,{source}")
    return element("figure", tag + element("figcaption", caption)) if caption else tag


def definition_list(rows: list[tuple[Text | None, Text | str]]) -> str:
    """Names and values as an HTML definition list; a row without a name goes on with the one above."""
    return element("dl", "".join(
        element("dt", name or "") + element("dd", value if isinstance(value, Text) else escape(value))
        for name, value in rows))


def launch_tab(build: Callable[[ModelStore], object]) -> None:
    """Serve one tab by itself."""
    from genmodels.ui.page import build_page

    build_page([("alone", [("alone", build)])]).launch()
