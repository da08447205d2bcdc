"""InfoGAN: what its codes are led to by deformed copies."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from conftest import build, tiny, tiny_config
from torch import Tensor, nn

from genmodels.capabilities import Codes
from genmodels.data import ImageSplit
from genmodels.images import to_uint8
from genmodels.model import Batch
from genmodels.morphology import slant, thickness


def measure(x: Tensor) -> Tensor:
    """Slant and thickness: float32 [N, 2]."""
    gray = to_uint8(x)
    return torch.from_numpy(np.stack([slant(gray), thickness(gray)], 1)).float()


class MeasuringQ(nn.Module):
    """Reads the slant in the place of c2 and the thickness in that of c3."""

    def forward(self, x: Tensor, backprop_to_backbone: bool = False) -> tuple[None, Codes]:
        return None, Codes(torch.zeros(len(x), 10), measure(x))


def test_copies_are_read_where_a_term_asks_for_it(images: ImageSplit):
    def trained(**fields: float) -> tuple[Tensor, dict[str, Tensor]]:
        model = build("infogan", **tiny_config("infogan", **fields)).train()
        torch.manual_seed(1)
        losses = model.train_step(Batch(*images.batch(torch.arange(20)), 0), model.optimizers())
        return torch.cat([p.detach().flatten() for p in model.parameters()]), losses

    weights = itertools.product((1.0, 0.0), repeat=2)
    found = [trained(iic_weight=iic, equivariance_weight=moved) for iic, moved in weights]
    assert ["loss_copies" in losses for _, losses in found] == [True, True, True, False]
    assert not any(torch.equal(a, b) for (a, _), (b, _) in itertools.combinations(found, 2))


def test_a_copy_differs_in_c2_by_its_slant_and_in_c3_by_its_strokes(images: ImageSplit):
    model, x = build("infogan", **tiny_config("infogan")), images.batch(torch.arange(20))[0].repeat(10, 1, 1, 1)
    model.D = MeasuringQ()
    torch.manual_seed(0)
    inferred, moved = model.deformed_codes(x)
    changed = inferred.continuous - measure(x)
    related = np.corrcoef(torch.cat([changed, moved], 1).numpy().T)[:2, 2:]  # row: what is seen; column: what was done
    assert related[0, 0] > 0.9 and related[1, 1] > 0.5  # the copies are scaled too
    assert abs(related[0, 1]) < 0.25 and abs(related[1, 0]) < 0.25


def test_copies_cost_nothing_where_the_codes_move_as_they_were_deformed():
    model = tiny("infogan")
    z, c = torch.rand(6, model.latent.dim), torch.arange(6)
    moved = torch.rand(6, 2)
    exact = Codes(100 * torch.eye(10)[c], z[:, :2] + moved)
    assert model.copy_nll(exact, moved, z, c) == pytest.approx(0, abs=1e-5)
    assert model.copy_nll(exact, -moved, z, c) == pytest.approx(
        float(model.config.equivariance_weight * 2 * moved.square().sum(1).mean()), rel=1e-4)  # off by 2 moved
