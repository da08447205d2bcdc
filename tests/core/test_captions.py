"""The words of captions, their sentences, and what they mean in pixels."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from genmodels.captions import (
    LANGUAGES,
    PROPERTIES,
    UNSAID,
    VOCABULARY,
    described,
    fit_limits,
    parse,
    rewrite,
    synonyms,
    value_name,
    values_of,
    write,
)


def test_every_value_has_words_in_every_language_and_every_word_one_meaning():
    for language, (index, size) in itertools.product(LANGUAGES, enumerate(PROPERTIES.values())):
        for value in range(size):
            words = [VOCABULARY[number - 1] for number in synonyms(language, index, value)]
            assert 2 <= len(words) <= 4
            assert all((word.property, word.value) == (index, value) and language in word.languages for word in words)
    assert len({word.text for word in VOCABULARY}) == len(VOCABULARY)
    assert [value_name(1, value) for value in range(3)] == ["thin", "medium", "thick"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", [0, 1])
def test_what_is_written_is_read_back_word_by_word(language, order):
    rng = np.random.default_rng(order)
    for _ in range(300):
        words = tuple(int(rng.choice([0, *synonyms(language, index, rng.integers(size))]))
                      for index, size in enumerate(PROPERTIES.values()))
        found = parse(write(words, language, order))
        assert found.words == words and not found.unknown and not found.overruled, write(words, language, order)


@pytest.mark.parametrize(("text", "values"), [
    ("a thin seven, slanted to the right", (7, 0, 2, UNSAID)),
    ("un siete fino inclinado a la derecha", (7, 0, 2, UNSAID)),
    ("UNA CIFRA GRUESA, RECTA Y ANCHA: EL 4", (4, 2, 1, 2)),
    ("tres thick, leaning left", (3, 2, 0, UNSAID)),  # both languages at once
    ("sevens, thinner and backwards", (7, 0, 0, UNSAID)),
    ("unos doses delgados, inclinados hacia atras", (2, 0, 0, UNSAID)),
    ("un uno de anchura media", (1, UNSAID, UNSAID, 1)),
    ("a medium-width \uff17", (7, UNSAID, UNSAID, 1)),
    ("narrowest \u0667", (7, UNSAID, UNSAID, 0)),
    ("italicised", (UNSAID,) * 4), ("", (UNSAID,) * 4), ("12", (UNSAID,) * 4), ("\u00b2", (UNSAID,) * 4),
])
def test_captions_are_read_as_people_type_them(text, values):
    assert parse(text).values == values


def test_unknown_words_are_named_and_later_words_overrule_earlier_ones():
    found = parse("a Very thin, purple 7; no: a thick seven. PURPLE!")
    assert found.values == (7, 2, UNSAID, UNSAID)
    assert found.unknown == ("very", "purple", "no") and found.overruled == ("thin",)


@pytest.mark.parametrize(("text", "language"), [("un tres fino", "es"), ("a thin 3", "en"), ("tres thin", "en"),
                                                ("3 vertical", "en"), ("", "en")])
def test_a_caption_has_a_language(text, language):
    assert parse(text).language == language


def test_sentences_have_the_right_article():
    words = parse("8 even").words
    assert write(words, "en") == "an even 8" and write(words, "en", 1) == "an 8: even"
    assert write(parse("one").words, "en") == "a one" and write((0,) * 4, "es") == "un d\u00edgito"
    with pytest.raises(ValueError, match="en or es"):
        write(words, "fr")


def test_a_caption_is_rewritten_in_one_language():
    assert rewrite("tres grueso", 2, 0, "en") == "a thick three, slanted to the left"
    assert rewrite("a slender three, xyz", 1, UNSAID, "en") == "a three"
    assert rewrite("a slender three", 3, 2, "en") == "a slender, wide three"


def test_limits_part_properties_into_thirds_and_widths_within_each_digit():
    rng, labels = np.random.default_rng(0), np.arange(3_000) % 3
    measured = np.stack([rng.normal(2, 0.5, 3_000), rng.normal(0, 0.3, 3_000),
                         rng.integers(0, 9, 3_000) + 4 * labels], 1)
    limits = fit_limits(measured, labels, 4)
    assert limits.shape == (4, 3, 2) and (limits[:, :, 0] < limits[:, :, 1]).all()
    np.testing.assert_array_equal(limits[:3, 2], [[2.5, 5.5], [6.5, 9.5], [10.5, 13.5]])
    values = values_of(measured, labels, limits, dead_band=False)
    for index in (1, 2, 3):
        np.testing.assert_allclose(np.bincount(values[:, index]) / 3_000, 1 / 3, atol=0.03)
    np.testing.assert_array_equal(values[:, 0], labels)


def test_near_a_limit_no_word_fits():
    limits = np.array([[[2.0, 3.0]] * 3])
    measured = np.array([[1.9, 1.96, 2.04], [2.06, 2.5, 2.94], [2.96, 3.04, 3.06]])
    values = values_of(measured, np.zeros(3, int), limits)
    np.testing.assert_array_equal(values[:, 1:], [[0, UNSAID, UNSAID], [1, 1, 1], [UNSAID, UNSAID, 2]])


def test_captions_describe_all_rows_that_fit_what_they_say():
    values = np.array([[7, 0, 2, 1], [7, 0, 1, 1], [2, 2, 2, 0]])
    np.testing.assert_array_equal(described(values, "thin seven right; thick 2"), [True, False, True])
    assert not described(values, "").any() and described(values, "dos").tolist() == [False, False, True]
    with pytest.raises(ValueError, match="blue"):
        described(values, "blue two")
