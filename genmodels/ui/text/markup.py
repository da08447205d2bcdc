"""Sentences of the catalogs in HTML: the English words, and a reference by which the page words them anew."""

from __future__ import annotations

import json
from html import escape

from genmodels.ui.text.catalog import Text


def element(tag: str, content: Text | str = "", **attributes: Text | str | int | None) -> str:
    """An HTML element.

    ``content``: a Text, or HTML, which is not escaped. ``attributes`` are escaped; an underscore in a name stands for a
    hyphen, ``class_`` for class, and those that are None are left out. Texts become words, as content or as the value
    of one of the attributes that ``text.js`` knows, with their reference in ``data-t`` or ``data-t-ATTRIBUTE``.
    """
    parts = [tag]
    for name, value in attributes.items():
        name = name.rstrip("_").replace("_", "-")
        if isinstance(value, Text):
            parts.append(_attribute(f"data-t-{name}", reference(value)))
        if value is not None:
            parts.append(_attribute(name, str(value)))
    if isinstance(content, Text):
        parts.append(_attribute("data-t", reference(content)))
        content = escape(str(content))
    opening = f"<{' '.join(parts)}>"
    return opening if tag in ("img", "input") else f"{opening}{content}</{tag}>"


def reference(text: Text) -> str:
    """What ``data-t`` holds: the key, or key and values as a JSON list."""
    found = text.to_json()
    return json.dumps([found["key"], found["values"]], ensure_ascii=False) if found["values"] else found["key"]


def _attribute(name: str, value: str) -> str:
    return f'{name}="{escape(value, quote=True)}"'
