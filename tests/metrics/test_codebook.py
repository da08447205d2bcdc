"""Use of a codebook and the bits of a prior, against counting by hand."""

from __future__ import annotations

import math

import pytest
import torch
from conftest import build, tiny_config

from genmodels.images import from_uint8
from genmodels.metrics.codebook import boards, codebook_use, prior_bits
from genmodels.models.vqvae2 import VQVAE2


def test_perplexity_of_known_shares():
    """Four of eight codes, equally often: perplexity 4. Shares of 1/2, 1/4, 1/4 have an entropy of 1.5 bits."""
    even = codebook_use(torch.arange(4).repeat(5).view(5, 2, 2), 8)
    assert (even.used, even.share) == (4, 0.5) and even.perplexity == pytest.approx(4)
    assert codebook_use(torch.tensor([[3, 3, 0, 7]]), 8).perplexity == pytest.approx(2**1.5)
    assert codebook_use(torch.full((3, 2, 2), 5), 8).perplexity == 1


@pytest.fixture(scope="module")
def model() -> VQVAE2:
    return build("vqvae2", **tiny_config("vqvae2")).eval()


def test_boards_are_the_codes_of_each_image(model, images):
    coarse, fine = boards(model, images.images)
    assert coarse.shape == (40, 7, 7) and fine.shape == (40, 14, 14)
    alone = model.codes(from_uint8(images.images[13:14]))
    assert torch.equal(coarse[13], alone[0][0]) and torch.equal(fine[13], alone[1][0])


def test_a_prior_that_knows_nothing_needs_the_bits_of_the_codes_numbers(model, images):
    """All logits equal: log2 8 for each of 49 and 196 codes."""
    blank = build("vqvae2", **tiny_config("vqvae2")).eval()
    for prior in (blank.priors.coarse, blank.priors.fine):
        for layer in prior.logits:
            torch.nn.init.zeros_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
    assert prior_bits(blank, images.images, images.labels) == pytest.approx([3 * 49, 3 * 196], rel=1e-5)
    x, y = images.batch(torch.arange(40))
    with torch.no_grad():
        expected = -model.code_log_prob(x, y).mean(0) / math.log(2)
    assert prior_bits(model, images.images, images.labels) == pytest.approx(expected.tolist(), rel=1e-4)
