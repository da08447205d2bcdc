"""Sentences of the catalogs in gradio's own components, and the language of a visitor's request."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.context import LocalContext
from gradio.i18n import I18nData
from starlette.requests import Request

from genmodels.ui.text import CATALOGS, Text, supported_language

_labels: dict[str, Text] = {}  # those that gradio words, by its keys


def label(key: str, **values: Any) -> I18nData:
    """A sentence as a label, info, choice or button of one of gradio's components, which words it in the page."""
    # gradio would take a dot for a path, and a key such as "label" for one of its own.
    name = "_".join(["gm", key.replace(".", "_"), *map(str, values.values())])
    _labels[name] = Text(key, **values)
    return I18nData(name)


def translations(added: gr.I18n | None = None) -> gr.I18n:
    """All that ``label`` has returned so far, for ``launch``, and what is ``added`` to it."""
    ours = {language: {name: text.word(language) for name, text in _labels.items()} for language in CATALOGS}
    theirs = added.translations_dict if added else {}
    return gr.I18n(**{tag: ours.get(tag, {}) | theirs.get(tag, {}) for tag in ours | theirs})


def visitor_language() -> str:
    """The language of the request that is being answered: of the page's address, else of the browser."""
    request = LocalContext.request.get(None)
    return supported_language() if request is None else request_language(request)


def request_language(request: Request | gr.Request) -> str:
    """The language that a request asks for."""
    accepted = request.headers.get("accept-language", "").split(",")
    return supported_language(request.query_params.get("lang"), *(part.split(";")[0].strip() for part in accepted))
