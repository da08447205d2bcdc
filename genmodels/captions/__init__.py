"""Captions of handwritten digits: their words, in English and Spanish, and what of an image each word stands for."""

from genmodels.captions.grammar import Parsed, described, parse, rewrite, write
from genmodels.captions.limits import fit_limits, measure, values_of
from genmodels.captions.words import LANGUAGES, PROPERTIES, UNSAID, VOCABULARY, Word, synonyms, value_name

__all__ = ["LANGUAGES", "PROPERTIES", "UNSAID", "VOCABULARY", "Parsed", "Word", "described", "fit_limits", "measure",
           "parse", "rewrite", "synonyms", "value_name", "values_of", "write"]
