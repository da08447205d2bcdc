"""The catalogs, and references to their sentences."""

from __future__ import annotations

import json
from pathlib import Path
from string import Formatter
from typing import Any

HERE = Path(__file__).parent
DEFAULT_LANGUAGE = "en"
CATALOGS: dict[str, dict[str, str]] = {  # by language, then by key
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(HERE.glob("*.json"))}
DECIMAL_COMMA = {"es"}  # languages that write 0,5


class Text:
    """A sentence of the catalogs: its ``key``, and ``values`` for its placeholders.

    A placeholder is written as for ``str.format``: ``{name}``, or ``{mse:.4f}`` for a number. Its value is a number, a
    string that is the same in every language, another Text, or a list of these. KeyError where there is no such key.
    """

    def __init__(self, key: str, **values: Any) -> None:
        if key not in CATALOGS[DEFAULT_LANGUAGE]:
            raise KeyError(key)
        self.key, self.values = key, values

    @classmethod
    def first_of(cls, *keys: str) -> Text | None:
        """The sentence of the first of these keys that exists; None where none does."""
        return next((cls(key) for key in keys if key in CATALOGS[DEFAULT_LANGUAGE]), None)

    def word(self, language: str = DEFAULT_LANGUAGE) -> str:
        """The sentence in a language of ``CATALOGS``."""
        parts = Formatter().parse(CATALOGS[language][self.key])
        return "".join(literal + ("" if name is None else _word_value(self.values[name], spec or "", language))
                       for literal, name, spec, _ in parts)

    def to_json(self) -> dict[str, Any]:
        """``{"key", "values"}``, as the page's scripts take it."""
        return {"key": self.key, "values": to_json(self.values)}

    def __str__(self) -> str:
        return self.word()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.key)


def latent_text(name: str) -> Text | str:
    """The name of a part of a latent in words where it is one, as ``digit``; else itself, as ``c1``."""
    return Text.first_of(f"part.{name}") or name


def model_text(word: str, checkpoint: str, model: str) -> Text:
    """A word on a checkpoint (title, summary or lesson): its own, else that of its model."""
    return Text.first_of(f"models.{checkpoint}.{word}") or Text(f"models.{model}.{word}")


class Refusal(ValueError):
    """What was asked for cannot be done: ``text`` is the sentence for the screen, ``error.CODE`` in the catalogs."""

    def __init__(self, code: str, **values: Any) -> None:
        self.text = Text(f"error.{code}", **values)
        super().__init__(str(self.text))


def supported_language(*tags: str | None) -> str:
    """The first of these language tags (such as es-BO) whose language has a catalog; else English."""
    for tag in tags:
        language = (tag or "").lower().split("-")[0]
        if language in CATALOGS:
            return language
    return DEFAULT_LANGUAGE


def _word_value(value: Any, spec: str, language: str) -> str:
    if isinstance(value, Text):
        return value.word(language)
    if isinstance(value, list | tuple):
        return ", ".join(_word_value(item, spec, language) for item in value)
    worded = format(value, spec)
    if spec and language in DECIMAL_COMMA:
        return worded.translate(str.maketrans(",.", ".,"))
    return worded


def to_json(value: Any) -> Any:
    """Texts in lists and dicts, or alone, as ``Text.to_json``; all else as it is."""
    if isinstance(value, Text):
        return value.to_json()
    if isinstance(value, dict):
        return {name: to_json(item) for name, item in value.items()}
    return [to_json(item) for item in value] if isinstance(value, list | tuple) else value
