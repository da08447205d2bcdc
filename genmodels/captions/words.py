"""The words of captions: each gives one property of a digit one of its values."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("en", "es")
# What captions speak of, and how many values it has; the digit itself comes first.
PROPERTIES = {"digit": 10, "thickness": 3, "slant": 3, "width": 3}
UNSAID = -1  # in the place of a value: the caption leaves it open

# By language and property, for each value the words that mean it. A word means one thing in all languages.
_LEXICON = {
    "en": {
        "digit": ("zero nought 0", "one 1", "two 2", "three 3", "four 4", "five 5", "six 6", "seven 7", "eight 8",
                  "nine 9"),
        "thickness": ("thin fine slender slim", "medium regular normal average", "thick bold heavy fat"),
        "slant": ("left leftward backward", "upright straight vertical", "right rightward forward"),
        "width": ("narrow condensed tight", "balanced proportioned even", "wide broad stretched"),
    },
    "es": {
        "digit": ("cero 0", "uno 1", "dos 2", "tres 3", "cuatro 4", "cinco 5", "seis 6", "siete 7", "ocho 8",
                  "nueve 9"),
        "thickness": ("fino delgado ligero sutil", "medio mediano regular normal", "grueso gordo pesado negrita"),
        "slant": ("izquierda atrás", "recto vertical erguido", "derecha adelante"),
        "width": ("estrecho angosto comprimido", "proporcionado equilibrado compensado", "ancho amplio extendido"),
    },
}


@dataclass(frozen=True)
class Word:
    """``property``: its place in ``PROPERTIES``; ``value``: from 0 on; ``languages``: those that have the word."""

    text: str
    property: int
    value: int
    languages: tuple[str, ...]


def _vocabulary() -> tuple[Word, ...]:
    found: dict[str, Word] = {}
    for language, properties in _LEXICON.items():
        for index, name in enumerate(PROPERTIES):
            for value, texts in enumerate(properties[name]):
                for text in texts.split():
                    known = found.get(text)
                    if known and (known.property, known.value) != (index, value):
                        raise ValueError(f"{text!r} would mean two things")
                    languages = (*known.languages, language) if known else (language,)
                    found[text] = Word(text, index, value, languages)
    return tuple(found.values())


# A model knows a word by its place here, counted from 1; 0 is no word.
VOCABULARY = _vocabulary()


_NUMBERS = {word.text: number for number, word in enumerate(VOCABULARY, 1)}


def synonyms(language: str, property: int, value: int) -> tuple[int, ...]:
    """The words of a language for a value, the usual one first, by their numbers, from 1 on."""
    return tuple(_NUMBERS[text] for text in _LEXICON[language][tuple(PROPERTIES)[property]][value].split())


def value_name(property: int, value: int) -> str:
    """What a value is called here, and in the keys of the catalogs: the first English word for it."""
    return VOCABULARY[synonyms("en", property, value)[0] - 1].text
