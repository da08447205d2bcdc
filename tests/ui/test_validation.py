"""What is typed: digits as people write, copy and paste them."""

from __future__ import annotations

import unicodedata

import pytest

from genmodels.digits import plain_digits
from genmodels.latents import MAX_SEED
from genmodels.ui.api.validation import parse_seed
from genmodels.ui.api.write import WriteEndpoints
from genmodels.ui.tabs.common import reader
from genmodels.ui.text import Text
from ui.helpers import assert_refused

SCRIPTS = {"ascii": "2014", "Arabic-Indic": "\u0662\u0660\u0661\u0664", "Persian": "\u06f2\u06f0\u06f1\u06f4",
           "Devanagari": "\u0968\u0966\u0967\u096a", "Bengali": "\u09e8\u09e6\u09e7\u09ea",
           "full width": "\uff12\uff10\uff11\uff14", "bold": "\U0001d7d0\U0001d7ce\U0001d7cf\U0001d7d2"}
PASTED = {"zero width": "20\u200b14", "byte order mark": "\ufeff2014", "soft hyphen": "20\u00ad14",
          "no-break space": "2\u00a0014", "narrow space": "2\u202f014", "marks of direction": "\u200f2014\u200e\u2069",
          "newlines": "20\n14\r\n", "tab": "\t2014", "keycaps": "2\ufe0f\u20e30\ufe0f\u20e31\ufe0f\u20e34\ufe0f\u20e3",
          "joiner": "20\u200d14\u2060", "filler": "20\u316414", "Mongolian selector": "20\u180f14",
          "null": "2014\0"}


@pytest.mark.parametrize("text", [*SCRIPTS.values(), *PASTED.values()], ids=[*SCRIPTS, *PASTED])
def test_digits_are_read_wherever_they_are_asked_for(api, text):
    assert plain_digits(text) == "2014" and parse_seed(text) == 2014
    assert api.write(text)["pixels"] == api.write("2014")["pixels"]
    assert api.sample("gan", 2, text) == api.sample("gan", 2, 2014)


def test_digits_are_read_in_numbers_and_categories(api):
    three = "\u0663\u200b"
    assert api.sample("cgan", three, 0, "\uff10.\uff15", three) == api.sample("cgan", 3, 0, 0.5, 3)
    assert api.decode("vae2d", [three, "0"]) == api.decode("vae2d", [3, 0])


def test_all_decimal_digits_of_unicode_are_read():
    for c in map(chr, range(0x110000)):
        if unicodedata.category(c) == "Nd":
            assert plain_digits(c) == str(int(c))


@pytest.mark.parametrize("text", ["\u00b2", "\u2460", "\u00bd", "\u4e09", "x", "+1", "1,0", "1e1"])
def test_other_characters_are_kept_and_refused(api, text):
    """Superscripts, circled digits, fractions and numerals are no digits of a number in writing."""
    assert plain_digits(text) == text
    assert_refused(api.sample, "A seed is a whole number", seed=text)


def test_what_the_classes_themselves_hold_is_kept():
    assert plain_digits("\u0663 3", ["\u0663"]) == "\u06633"


# ---- What a field asks the server


def test_a_field_gets_what_is_read_or_the_message(api):
    seed = reader(lambda text, context: str(parse_seed(text)))
    assert seed({"text": " \uff17\u200b", "context": None}) == {"value": "7"}
    assert seed({"text": "-1", "context": None})["words"] == Text("error.seed", max=MAX_SEED, given="'-1'").to_json()
    number = reader(lambda text, context: WriteEndpoints(api.store).parse_text(context, text))
    assert number({"text": "\u0662\u0660 14", "context": "cgan"}) == {"value": "2014"}
    assert number({"text": "+49 170", "context": "cgan"})["error"] == "Only the digits 0 to 9 can be written, not +"
    assert "not conditioned on a label" in number({"text": "1", "context": "vae"})["error"]
    assert "No model is available" in number({"text": "1", "context": None})["error"]


@pytest.mark.parametrize("given", [None, [], "1", {}, {"text": "1"}, {"text": "1", "context": "cgan", "more": 1}])
def test_a_request_of_another_form_is_answered_in_one_sentence(given):
    answer = reader(lambda text, context: str(parse_seed(text)))(given)
    assert answer["words"]["key"] == "error.bad_request"
