"""Captions as a batch of training images needs them, drawn anew at every step, from torch's global generator.

Values are int64 [N, properties] as in ``captions``, ``UNSAID`` where nothing is said; words likewise, 0 for none.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from genmodels.captions import LANGUAGES, PROPERTIES, UNSAID, synonyms

SIZES = tuple(PROPERTIES.values())
REPEATS = 12  # a multiple of all numbers of synonyms there are


def synonym_table() -> Tensor:
    """The words of each value, each as often as its synonyms: int64 [languages, properties, values, REPEATS]."""
    table = torch.zeros(len(LANGUAGES), len(SIZES), max(SIZES), REPEATS, dtype=torch.int64)
    for k, language in enumerate(LANGUAGES):
        for index, size in enumerate(SIZES):
            for value in range(size):
                words = synonyms(language, index, value)
                table[k, index, value] = torch.tensor(words).repeat(REPEATS // len(words))
    return table


def choose_said(values: Tensor, omitted: Sequence[float]) -> Tensor:
    """The values that a caption tells of an image's: each property is left out at its share, but never all of them."""
    kept = torch.rand(values.shape, device=values.device) >= torch.tensor(omitted, device=values.device)
    said = torch.where(kept, values, UNSAID)
    said[:, 0] = torch.where((said == UNSAID).all(1), values[:, 0], said[:, 0])
    return said


def contradict(said: Tensor, classes: int) -> Tensor:
    """The same with another value in the place of one that is said; ``classes``: of digits."""
    chance = torch.rand(said.shape, device=said.device) * (said != UNSAID)
    row, column = torch.arange(len(said), device=said.device), chance.argmax(1)
    sizes = torch.tensor((classes, *SIZES[1:]), device=said.device)[column]
    shift = 1 + (torch.rand(len(said), device=said.device) * (sizes - 1)).long()
    wrong = said.clone()
    wrong[row, column] = (said[row, column] + shift) % sizes
    return wrong


def choose_words(said: Tensor, table: Tensor) -> Tensor:
    """Random synonyms for what is said, all in one language per caption; ``table``: ``synonym_table()``."""
    language = torch.randint(len(LANGUAGES), (len(said), 1), device=said.device)
    choice = torch.randint(REPEATS, said.shape, device=said.device)
    column = torch.arange(len(SIZES), device=said.device)
    return table[language, column, said.clamp_min(0), choice] * (said != UNSAID)
