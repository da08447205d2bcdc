"""Attributes as directions in latent space, of a model whose latents are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genmodels.images import from_uint8
from genmodels.latents import LatentSpec, Normal
from genmodels.metrics.attributes import REACHES, attribute_direction, measure_attribute
from genmodels.model import GenerativeModel
from genmodels.morphology import slant, thickness
from metrics.helpers import draw_bar
from metrics.test_traversal import SlantClassifier


class Bars(GenerativeModel):
    """z0 slants a bar to the right, z1 thickens it, z2 changes nothing."""

    latent = LatentSpec((Normal("z", 3, role="style"),))

    def __init__(self) -> None:
        torch.nn.Module.__init__(self)

    def decode(self, z: torch.Tensor, y: torch.Tensor | None = None) -> torch.Tensor:
        return from_uint8(np.stack([draw_bar(2.5 + 0.4 * thick, 0.1 * lean) for lean, thick, _ in z.tolist()]))


@pytest.fixture(scope="module")
def codes() -> torch.Tensor:
    return torch.randn(64, 3, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def bars(codes) -> np.ndarray:
    return Bars().render(Bars().decode(codes))


def test_a_direction_leads_to_more_of_its_property(codes, bars):
    for column, measure in enumerate((slant, thickness)):
        direction = attribute_direction(codes, measure(bars))
        assert direction.norm() == pytest.approx(1) and direction[column] > 0.9
    assert not attribute_direction(codes[:1], slant(bars[:1])).any()


def test_a_direction_does_not_lead_from_class_to_class():
    """Class 1 lies elsewhere, and has more of the property; within the classes another latent decides."""
    generator = torch.Generator().manual_seed(0)
    labels, within = torch.arange(200) % 2, torch.rand(200, generator=generator)
    z = torch.stack([10.0 * labels, within], 1)
    values = (5 * labels + within).numpy()
    assert attribute_direction(z, values)[0] > 0.99
    assert attribute_direction(z, values, labels) == pytest.approx([0, 1], abs=1e-6)


def test_what_a_direction_changes_is_measured_as_far_as_the_class_stays(codes):
    lean, thick = torch.eye(3)[:2]
    wide = measure_attribute(Bars(), codes[:12], None, thick, "thickness", 0.5, SlantClassifier())
    spread = float((codes[:12] @ thick).std())
    assert wide["reach"] == pytest.approx(REACHES[0] * spread, abs=1e-3) and wide["class_consistency"] == 1
    assert wide["low"] < wide["start"] < wide["high"] and wide["spearman"] > 0.95
    assert wide["effect"] == pytest.approx((wide["high"] - wide["low"]) / 0.5, abs=0.01)
    slanted = measure_attribute(Bars(), codes[:12], None, lean, "slant", 0.1, SlantClassifier())
    assert slanted["class_consistency"] < 1 and slanted["reach"] < REACHES[0] * float((codes[:12] @ lean).std())
    assert slanted["high"] - slanted["low"] == pytest.approx(0.2 * slanted["reach"], abs=0.02)
    none = measure_attribute(Bars(), codes[:12], None, torch.eye(3)[2], "thickness", 0.5, SlantClassifier())
    assert none["spearman"] == none["effect"] == 0
