"""Latent traversals, of a model whose codes are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genmodels.images import from_uint8, to_unit
from genmodels.latents import Categorical, LatentSpec, Normal, Uniform
from genmodels.metrics.traversal import traverse_latent
from genmodels.model import GenerativeModel
from genmodels.morphology import slant
from metrics.helpers import draw_bar


class BarModel(GenerativeModel):
    """c2 slants a bar to the left, c3 thickens it, the noise changes its height."""

    latent = LatentSpec((
        Categorical("c1", 10, "code"), Uniform("c2", 1, "code"), Uniform("c3", 1, "code"), Normal("noise", 2)))

    def __init__(self) -> None:
        torch.nn.Module.__init__(self)

    def decode(self, z: torch.Tensor, y: torch.Tensor | None = None) -> torch.Tensor:
        rows = [draw_bar(1.5 + 0.6 * c3, -0.2 * c2, 18 + round(noise)) for c2, c3, noise, _ in z.tolist()]
        return from_uint8(np.stack(rows))


class SlantClassifier:
    """Predicts 7 for everything that leans to the right, else 1."""

    def classify(self, x: torch.Tensor) -> torch.Tensor:
        leans = torch.from_numpy(slant((255 * to_unit(x)[:, 0]).byte().numpy())) > 0.15
        return torch.nn.functional.one_hot(torch.where(leans, 7, 1), 10).float()


def test_traversal_finds_the_property_that_each_code_changes():
    lean, weight = (traverse_latent(BarModel(), column, SlantClassifier(), seed=0, count=20) for column in (0, 1))
    assert (lean["property"], weight["property"]) == ("slant", "thickness")
    assert lean["spearman"] == pytest.approx(-1) and weight["spearman"] > 0.97
    assert lean["low"] == pytest.approx(0.2, abs=0.02) and lean["high"] == pytest.approx(-0.2, abs=0.02)
    assert weight["low"] < weight["high"] and lean["correlations"]["hole area"] == 0
    assert lean["class_consistency"] == 0 and weight["class_consistency"] == 1  # c2 alone leans it
