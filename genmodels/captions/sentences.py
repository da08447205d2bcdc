"""Captions as rows of tokens, as a recurrent network writes them: of the digit, its thickness and its slant.

The width is left out: which digits are wide is told within a class, so it would take a label of every image.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import numpy as np

from genmodels.captions.grammar import write
from genmodels.captions.words import LANGUAGES, PROPERTIES, synonyms

SAID = ("digit", "thickness", "slant")  # what these captions speak of, in the order of ``PROPERTIES``
SIZES = tuple(PROPERTIES[name] for name in SAID)
END = 0
_TOKEN = re.compile(r"[^\W_]+|,")


@cache
def tokens() -> tuple[str, ...]:
    """What a sentence is made of: the end, the start of each language, then words and commas."""
    found = dict.fromkeys(token for language in LANGUAGES for values in product(*map(range, SIZES))
                          for token in _TOKEN.findall(_sentence(values, language)))
    return ("", *(f"<{language}>" for language in LANGUAGES), *found)


def start_of(language: str) -> int:
    """The token that a sentence in a language starts with; ValueError for another language."""
    return tokens().index(f"<{language}>")


@cache
def sentence_table() -> np.ndarray:
    """Every sentence, int64 [languages, 10, 3, 3, length]: its start, its words, and the end up to the length."""
    number = {token: k for k, token in enumerate(tokens())}
    rows = [[start_of(language), *(number[token] for token in _TOKEN.findall(_sentence(values, language)))]
            for language in LANGUAGES for values in product(*map(range, SIZES))]
    length = max(map(len, rows)) + 1
    table = np.array([row + [END] * (length - len(row)) for row in rows])
    return table.reshape(len(LANGUAGES), *SIZES, length)


def join(row: np.ndarray) -> str:
    """The text of a row of tokens up to the end, without its start."""
    ended = np.flatnonzero(row == END)
    words = [tokens()[token] for token in row[: ended[0] if len(ended) else len(row)]]
    return " ".join(word for word in words if not word.startswith("<")).replace(" ,", ",")


def _sentence(values: tuple[int, ...], language: str) -> str:
    words = [synonyms(language, index, value)[0] for index, value in enumerate(values)]
    return write([*words, *[0] * (len(PROPERTIES) - len(words))], language)
