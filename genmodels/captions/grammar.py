"""Captions as sentences: written in two word orders in each language, and read back, as visitors type them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from genmodels.captions.words import LANGUAGES, PROPERTIES, UNSAID, VOCABULARY, synonyms

ORDERS = 2
DIGIT, THICKNESS, SLANT, WIDTH = range(len(PROPERTIES))
ARTICLE_WORDS = {"en": "a", "es": "un"}
NOUN = {"en": "digit", "es": "d\u00edgito"}
# How a word for a slant stands in a sentence; others are adjectives.
DIRECTIONS = {
    "left": "slanted to the left", "right": "slanted to the right", "izquierda": "inclinado a la izquierda",
    "derecha": "inclinado a la derecha", "atr\u00e1s": "inclinado hacia atr\u00e1s",
    "adelante": "inclinado hacia adelante", "leftward": "leaning leftward", "rightward": "leaning rightward",
    "backward": "leaning backward", "forward": "leaning forward",
}
# Words of sentences that say nothing of the digit by themselves.
_FILLERS = """
    a an the and to towards toward with of it its is in that which but leaning leans lean slanted slanting slants slant
    tilted tilting tilts tilt sloping slopes stroke strokes line lines thickness digit digits number numbers numeral
    numerals figure handwritten written hand by draw show write me please
    un una unos unas el la los las y e o al hacia con de del en que es pero trazo trazos linea lineas grosor digito
    digitos cifra cifras numero numeros escrito escrita mano dibuja dibujame muestra muestrame escribe por favor
    inclinado inclinada inclinados inclinadas ladeado ladeada tumbado tumbada caido caida
"""
FILLERS = frozenset(_FILLERS.split())
PHRASES = {  # of several words that mean something else together
    r"(medium|normal|average|regular) width": "balanced",
    r"(anchura|ancho) (media|medio|normal|regular)": "proporcionado",
}


@dataclass(frozen=True)
class Parsed:
    """What a caption says.

    ``words``: for each property the number of its word in ``VOCABULARY``, from 1 on, or 0; ``unknown``: words that mean
    nothing here; ``overruled``: words on whose property a later one says something else, as they were typed.
    """

    words: tuple[int, ...]
    unknown: tuple[str, ...] = ()
    overruled: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[int, ...]:
        """For each property the value that was asked for, or ``UNSAID``."""
        return tuple(VOCABULARY[number - 1].value if number else UNSAID for number in self.words)

    @property
    def language(self) -> str:
        """A language that has all the words; the first one where several have, or none."""
        spoken = [set(VOCABULARY[number - 1].languages) for number in self.words if number]
        return next((language for language in LANGUAGES if all(language in some for some in spoken)), LANGUAGES[0])


def parse(text: str) -> Parsed:
    """Read a caption: English, Spanish or both, in any order, with or without accents, in any gender and number."""
    words, typed, unknown, overruled = [0] * len(PROPERTIES), [""] * len(PROPERTIES), [], []
    for token in _tokens(text):
        plain = _plain(token)
        if number := _forms().get(plain):
            index, before = VOCABULARY[number - 1].property, words[VOCABULARY[number - 1].property]
            if before and VOCABULARY[before - 1].value != VOCABULARY[number - 1].value:
                overruled.append(typed[index])
            words[index], typed[index] = number, token
        elif plain not in FILLERS:
            unknown.append(token)
    return Parsed(tuple(words), tuple(dict.fromkeys(unknown)), tuple(dict.fromkeys(overruled)))


def described(values: np.ndarray, captions: str) -> np.ndarray:
    """Which rows of values int64 [N, 4] one of some captions, parted by semicolons, fits: bool [N].

    ValueError names a word that is unknown.
    """
    found = np.zeros(len(values), bool)
    for caption in filter(None, map(str.strip, captions.split(";"))):
        parsed = parse(caption)
        if parsed.unknown:
            raise ValueError(f"captions have no word {parsed.unknown[0]!r}")
        wanted = np.array(parsed.values)
        found |= ((values == wanted) | (wanted == UNSAID)).all(1)
    return found


def rewrite(text: str, index: int, value: int, language: str) -> str:
    """A caption in one language, after property ``index`` got another value, or was left open (``UNSAID``)."""
    words = list(parse(text).words)
    words[index] = 0 if value == UNSAID else synonyms(language, index, value)[0]
    for k, number in enumerate(words):
        if number and language not in (word := VOCABULARY[number - 1]).languages:
            words[k] = synonyms(language, k, word.value)[0]
    return write(words, language)


def write(words: Sequence[int], language: str, order: int = 0) -> str:
    """A sentence with the words of ``Parsed.words``; ``order``: 0 or 1."""
    if language not in LANGUAGES or not 0 <= order < ORDERS:
        raise ValueError(f"captions are written in {' or '.join(LANGUAGES)}, in order 0 or 1")
    texts = [VOCABULARY[number - 1].text if number else "" for number in words]
    noun = texts[DIGIT] or NOUN[language]
    direction = DIRECTIONS.get(texts[SLANT], "")
    adjectives = [text for text in (texts[THICKNESS], texts[WIDTH], "" if direction else texts[SLANT]) if text]
    article = ARTICLE_WORDS[language]
    if order == 1:
        details = ", ".join([*adjectives, *([direction] if direction else [])])
        named = f"{_article(article, noun)} {noun}"
        if not details:
            return named
        return f"{named}: {details}" if language == "en" else f"{details}: {named}"
    tail = f", {direction}" if direction else ""
    if language == "en":
        phrase = " ".join([", ".join(adjectives), noun]) if adjectives else noun
        return f"{_article(article, phrase)} {phrase}{tail}"
    return f"{article} {noun}{' ' if adjectives else ''}{' y '.join(adjectives)}{tail}"


def _article(article: str, phrase: str) -> str:
    return "an" if article == "a" and (phrase[0] in "aeiu8" and not phrase.startswith("one")) else article


def _tokens(text: str) -> list[str]:
    text = re.sub(r"[-\u2010-\u2015]", " ", unicodedata.normalize("NFC", text)).lower()
    for phrase, meaning in PHRASES.items():
        text = re.sub(rf"\b{phrase}\b", meaning, text)
    return re.findall(r"[^\W_]+(?:['\u2019][^\W_]+)?", text)


def _plain(token: str) -> str:
    """Without accents, and with the digits of any script as 0 to 9."""
    letters = (c for c in unicodedata.normalize("NFD", token) if not unicodedata.combining(c))
    return "".join(str(unicodedata.decimal(c, c)) for c in letters)


@cache
def _forms() -> dict[str, int]:
    """The number of the word behind each of its forms: gender, number, and comparison in English."""
    forms: dict[str, int] = {}
    for number, word in enumerate(VOCABULARY, 1):
        plain = _plain(word.text)
        endings = [plain, plain + "s", plain + "es"]
        if plain.endswith("o"):
            endings += [plain[:-1] + ending for ending in ("a", "os", "as")]
        if word.languages == ("en",) and word.property in (THICKNESS, WIDTH):
            stem = plain.removesuffix("e")
            doubled = stem + stem[-1]
            endings += [base + ending for base in (stem, doubled) for ending in ("er", "est")]
        if plain.endswith("ward"):
            endings.append(plain + "s")
        for form in endings:
            if form not in FILLERS:  # "una" is an article before it is a form of "uno"
                forms.setdefault(form, number)
    for number, word in enumerate(VOCABULARY, 1):  # a word is itself before it is a form of another
        forms[_plain(word.text)] = number
    return forms
