"""Attention on grids of tokens, and TransGAN, which is made of it alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from genmodels.model import Batch
from genmodels.models.transgan import Config, TransGAN
from genmodels.nn.attention import Attention, Block, grid_offsets
from genmodels.nn.losses import gradient_penalty

GRID = 2, 3
TINY = {"noise_dim": 8, "coarse_channels": 8, "coarse_blocks": 1, "fine_blocks": 1, "d_channels": 4, "d_blocks": 1}


def transgan(**fields: int) -> TransGAN:
    torch.manual_seed(0)
    return TransGAN(Config(**TINY | fields))


def test_each_pair_of_places_has_the_bias_of_its_offset():
    """Of places (0, 0) and (0, 1) to their right neighbors, and the same of no other pair of a first row."""
    offsets = grid_offsets(*GRID)
    assert offsets.shape == (6, 6) and offsets.max() < 3 * 5
    assert offsets[0, 1] == offsets[1, 2] == offsets[3, 4]
    assert len({int(offsets[a, b]) for a, b in [(0, 0), (0, 1), (1, 0), (0, 3), (3, 0), (0, 4), (1, 3)]}) == 7
    assert (offsets.diagonal() == offsets[0, 0]).all()
    with_judge = grid_offsets(*GRID, extra=1)
    assert torch.equal(with_judge[1:, 1:], offsets) and (with_judge[0] == 15).all() and (with_judge[:, 0] == 15).all()


def test_attention_is_softmax_of_scaled_products_and_biases():
    """Against torch's own, with the bias of each offset as its mask."""
    torch.manual_seed(0)
    layer, h = Attention(8, 2, GRID), torch.randn(3, 6, 8)
    nn.init.normal_(layer.bias)
    update, weights = layer(h)
    q, k, v = layer.split(h)
    mask = layer.bias[:, grid_offsets(*GRID)]
    expected = nn.functional.scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).flatten(2)
    torch.testing.assert_close(update, layer.out(expected))
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 2, 6))


def test_heads_must_divide_the_features():
    with pytest.raises(ValueError, match="3 heads do not divide 8 features"):
        Attention(8, 3, GRID)


def test_a_block_can_be_differentiated_twice():
    """The gradient penalties need it, which fused attention does not offer."""
    torch.manual_seed(0)
    block, h = Block(8, 2, GRID).double(), torch.randn(1, 6, 8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda h: block(h)[0].square().sum(), h, atol=1e-4)


def test_transgan_has_no_convolution():
    kinds = {type(module) for module in transgan().modules() if not list(module.children())}
    assert kinds == {nn.Linear}


def test_transgan_is_made_of_tokens_that_draw_and_judge():
    model = transgan().eval()
    z = model.latent.sample(0, range(5)).z
    with torch.inference_mode():
        x, blocks = model.decode(z), model.attention(z)
        logits = model.score(x)
    assert x.shape == (5, 1, 28, 28) and logits.shape == (5,) and x.abs().max() <= 1
    assert [block.shape for block in blocks] == [(5, 4, 7, 7, 7, 7), (5, 2, 14, 14, 14, 14)]
    for block in blocks:
        torch.testing.assert_close(block.sum((-2, -1)), torch.ones(block.shape[:4]))
        assert len(torch.unique(block[:, 0, 0, 0], dim=0)) == 5  # each image has its own


def test_attention_is_the_one_that_decode_uses():
    """An image changes with the weights of a block's values exactly where the block's attention says so."""
    model = transgan(coarse_blocks=2).eval()
    z = model.latent.sample(0, [0]).z
    before = model.attention(z)[0]
    model.G.coarse[0].attention.bias.data[:, model.G.coarse[0].attention.offsets[0, 0]] += 50  # all look at themselves
    after = model.attention(z)[0]
    places = torch.arange(49)
    own = after.flatten(4).flatten(2, 3)[0, :, places, places]
    torch.testing.assert_close(own, torch.ones_like(own))
    assert not torch.allclose(before, after)


def test_a_patch_beyond_the_edge_is_background():
    """D's patches overlap; what they see outside the image is what is black in it."""
    model = transgan()
    wide = nn.functional.pad(torch.rand(2, 1, 28, 28) * 2 - 1, (2, 2, 2, 2), value=-1)
    inner = wide[:, :, 2:-2, 2:-2]
    patches = nn.functional.unfold(wide + 1, 8, stride=4).mT
    seen = []
    model.D.patch.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    model.D(inner)
    model.D.patch._forward_pre_hooks.clear()
    torch.testing.assert_close(seen[0], patches)


def test_every_weight_of_transgan_learns_also_on_moved_images(images):
    model = transgan(translation=2)
    optimizers, before = model.optimizers(), {k: v.clone() for k, v in model.named_parameters()}
    x = images.batch(torch.arange(20))[0]
    losses = model.train_step(Batch(x, None, 0), optimizers)
    assert set(losses) == {"loss_d", "r1", "r2", "loss_g"} and all(torch.isfinite(v) for v in losses.values())
    # What is added to all logits alike is nothing to the relativistic loss.
    assert [k for k, v in model.named_parameters() if torch.equal(v, before[k])] == ["D.head.bias"]
    penalty = gradient_penalty(model.D(x.requires_grad_()), x)
    assert penalty > 0
