"""Digits as people write, copy and paste them."""

from __future__ import annotations

import unicodedata
from collections.abc import Container

# Characters that show nothing: by their category (control, format, the separators), or by themselves: fillers, the
# blank of Braille, variation selectors, Mongolian ones too, and the frame that makes a digit an emoji.
UNSEEN_CATEGORIES = {"Cc", "Cf", "Zs", "Zl", "Zp"}
UNSEEN = {*"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u20e3\u2800\u3164\uffa0",
          *map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))}


def plain_digits(text: str, kept: Container[str] = ()) -> str:
    """``text`` with each decimal digit of any script as 0 to 9, and without what cannot be seen, spaces included.

    Arabic, Devanagari, full width, mathematical and other digits count, but no superscripts: 10\u00b2 is not 102. The
    characters in ``kept`` stay as they are.
    """
    seen = (c for c in unicodedata.normalize("NFC", text)
            if c in kept or not (c in UNSEEN or unicodedata.category(c) in UNSEEN_CATEGORIES))
    return "".join(c if c in kept else str(unicodedata.decimal(c, c)) for c in seen)
