"""Vector quantization, and the boards of codes of VQ-VAE-2: each against its definition."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from conftest import build, tiny_config
from torch import Tensor

from genmodels.latents import Latents
from genmodels.models.vqvae2 import FINE, VQVAE2
from genmodels.nn.vector_quantizer import VectorQuantizer

# ---- The codebook


def test_each_vector_is_replaced_by_the_nearest_one():
    quantizer, z = VectorQuantizer(7, 3).eval(), torch.randn(4, 3, 5, 2)
    found = quantizer(z)
    distances = (z.movedim(1, -1)[..., None, :] - quantizer.vectors).square().sum(-1)  # [N, H, W, 7]
    assert torch.equal(found.codes, distances.argmin(-1)) and found.codes.shape == (4, 5, 2)
    torch.testing.assert_close(found.vectors, quantizer.lookup(found.codes))
    torch.testing.assert_close(found.commitment, distances.amin(-1).mean() / 3)


def test_gradients_pass_straight_through_and_the_commitment_pulls_towards_the_code():
    quantizer, z = VectorQuantizer(7, 3).eval(), torch.randn(2, 3, 2, 2, requires_grad=True)
    weights = torch.randn(2, 3, 2, 2)
    (gradient,) = torch.autograd.grad((quantizer(z).vectors * weights).sum(), z)
    torch.testing.assert_close(gradient, weights)
    found = quantizer(z)
    (gradient,) = torch.autograd.grad(found.commitment, z)
    torch.testing.assert_close(gradient, 2 * (z - quantizer.lookup(found.codes)).detach() / z.numel())


def test_codebook_follows_the_averages_of_the_paper():
    """Equations 6 to 8 of van den Oord et al. 2017, appendix A.1, with the sums kept; ours has them divided out."""
    quantizer = VectorQuantizer(3, 2, decay=0.9, min_share=0).train()
    quantizer.vectors.copy_(torch.tensor([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]]))
    quantizer.share.fill_(1 / 3)
    batches = [torch.randn(20, 2, 1, 1) * 3 for _ in range(4)]
    counts, vectors = torch.full((3,), 20 / 3), quantizer.vectors.clone()
    sums = vectors * counts[:, None]
    for z in batches:
        rows = z.flatten(1)
        nearest = torch.cdist(rows, vectors).argmin(1)
        for k in range(3):
            counts[k] = 0.9 * counts[k] + 0.1 * (nearest == k).sum()
            sums[k] = 0.9 * sums[k] + 0.1 * rows[nearest == k].sum(0)
        vectors = sums / counts[:, None]
        quantizer(z)
    torch.testing.assert_close(quantizer.vectors, vectors, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(quantizer.share, counts / 20, rtol=1e-4, atol=1e-5)


def test_the_first_batch_starts_the_codebook_and_idle_codes_move_to_where_the_error_is():
    z = torch.cat([torch.zeros(30), torch.full((30,), 4.0)]).view(60, 1, 1, 1) + 0.01 * torch.randn(60, 1, 1, 1)
    quantizer = VectorQuantizer(2, 1).train()
    assert quantizer(z).commitment < 0.01  # one code for each heap
    quantizer.vectors.copy_(torch.tensor([[0.0], [-90.0]]))
    quantizer.share.copy_(torch.tensor([1.0, 0.0]))
    quantizer(z)
    assert quantizer.vectors[1].item() == pytest.approx(4, abs=0.1) and quantizer.share[1] == 0.5


# ---- The boards


@pytest.fixture
def model() -> VQVAE2:
    """For images of 8x8: boards of 2x2 and of 4x4."""
    plain = {"temperature_coarse": 1.0, "temperature_fine": 1.0}
    return build("vqvae2", **tiny_config("vqvae2", height=8, width=8, codes=3, **plain)).eval()


def parallel(model: VQVAE2, coarse: Tensor, fine: Tensor, y: Tensor) -> Tensor:
    """log p of whole boards [N, levels], coarse cells [N, 4, 1] and fine ones [N, 4, 4]."""
    return torch.stack([p.flatten(1).sum(1) for p in model.priors.log_prob(coarse, fine, y)], 1)


@torch.inference_mode()
def test_probabilities_of_all_boards_sum_to_one(model):
    """All 81 coarse boards; and all 81 choices of the last cell of a fine one, given the cells before it."""
    every = torch.tensor(list(itertools.product(range(3), repeat=4)))
    y = torch.full((81,), 6)
    fine = torch.randint(3, (1, 4, FINE)).repeat(81, 1, 1)
    fine[:, 3] = every
    coarse_prior, fine_prior = model.priors.log_prob(every[..., None], fine, y)
    assert coarse_prior.flatten(1).sum(1).exp().sum().item() == pytest.approx(1, abs=1e-5)
    _, fine_prior = model.priors.log_prob(every[:1, :, None].expand(81, -1, -1), fine, y)
    assert fine_prior[:, 3].sum(1).exp().sum().item() == pytest.approx(1, abs=1e-5)


@torch.inference_mode()
def test_no_code_depends_on_itself_or_on_later_ones(model):
    """Changing a code of a cell changes the probability of no code before it."""
    y, coarse, fine = torch.tensor([4]), torch.randint(3, (1, 4, 1)), torch.randint(3, (1, 4, FINE))
    before = model.priors.log_prob(coarse, fine, y)[1].flatten()
    for k in range(4 * FINE):
        changed = fine.clone()
        changed.view(-1)[k] = (changed.view(-1)[k] + 1) % 3
        after = model.priors.log_prob(coarse, changed, y)[1].flatten()
        torch.testing.assert_close(after[:k], before[:k], rtol=0, atol=1e-6)
        assert k == 4 * FINE - 1 or not torch.allclose(after[k + 1 :], before[k + 1 :])


@torch.inference_mode()
def test_dice_choose_codes_by_the_probabilities_of_one_pass(model):
    """The drawn boards' own probabilities, computed in one pass, put each die into its code's interval."""
    latents = model.latent.sample(0, range(30))
    *_, (coarse, fine) = model.priors.draw(latents.z, latents.y)
    starts = model.priors.starts(latents.y)
    for prior, start, board, dice in (
        (model.priors.coarse, starts[0], coarse, latents.z[:, :4].reshape(30, 4, 1)),
        (model.priors.fine, starts[1] + model.priors.context(coarse), fine, latents.z[:, 4:].reshape(30, 4, FINE)),
    ):
        u = (dice + 1) / 2
        for cell, part in itertools.product(range(4), range(board.shape[2])):
            others = [board.clone() for _ in range(3)]
            for code, other in enumerate(others):
                other[:, cell, part] = code
            p = torch.stack([prior(other, start)[:, cell, part] for other in others], 1).exp().cumsum(1)
            p, code = torch.cat([torch.zeros(30, 1), p], 1), board[:, cell, part, None]
            assert (p.gather(1, code) <= u[:, cell, part, None] + 1e-5).all()
            assert (p.gather(1, code + 1) >= u[:, cell, part, None] - 1e-5).all()


@torch.inference_mode()
def test_a_temperature_is_the_exponent_of_the_probabilities(model):
    """The first code of many boards, by evenly spaced dice: shares proportional to p to the power of 1 / 0.5."""
    dice, y = torch.zeros(2_000, 20), torch.full((2_000,), 4)
    dice[:, 0] = torch.linspace(-1, 1, 2_000)
    every = torch.arange(3).view(3, 1, 1).expand(-1, 4, -1)
    p = model.priors.coarse(every, model.priors.starts(y[:3])[0])[:, 0, 0].exp()
    for temperature in (1.0, 0.5):
        model.priors.temperatures = temperature, 1.0
        *_, (coarse, _) = model.priors.draw(dice, y)
        shares = coarse[:, 0, 0].bincount(minlength=3) / 2_000
        torch.testing.assert_close(shares, p ** (1 / temperature) / (p ** (1 / temperature)).sum(), atol=2e-3, rtol=0)


def test_cells_and_tiles_are_inverse_and_a_cell_has_the_tiles_below_its_own(model):
    coarse, fine = torch.arange(4).view(1, 2, 2), torch.arange(16).view(1, 4, 4)
    cells = model._cells(coarse, fine)
    assert cells[1][0].tolist() == [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]
    again = model._tiles(*cells)
    assert torch.equal(again[0], coarse) and torch.equal(again[1], fine)


def test_boards_fill_row_by_row_the_coarse_one_first(model):
    latents = model.latent.sample(3, range(5))
    with torch.inference_mode():
        boards = list(model._boards(latents.z, latents.y))
    filled = [[int((board[0] >= 0).sum()) for board in both] for both in boards]
    assert filled == [[2, 0], [4, 0], [4, 8], [4, 16]]
    for (coarse, fine), (later_coarse, later_fine) in itertools.pairwise(boards):
        assert torch.equal(coarse[coarse >= 0], later_coarse[coarse >= 0])
        assert torch.equal(fine[fine >= 0], later_fine[fine >= 0])
    assert (boards[1][0][0, 0] >= 0).all() and (boards[2][1][0, :2] >= 0).all()


@pytest.mark.parametrize("n", [1, 16, 20])
def test_the_last_step_is_what_is_generated(model, n):
    latents = model.latent.sample(3, range(n))
    steps = list(model.generate_steps(latents))
    assert len(steps) == 4 and all(step.shape == (n, 1, 8, 8) for step in steps)
    assert torch.equal(steps[-1], model.generate(latents)) and not torch.equal(steps[0], steps[-1])


def test_another_die_changes_only_what_is_drawn_after_it(model):
    z, y = model.latent.sample(3, [0]).z, torch.tensor([3])
    changed = z.clone()
    changed[0, 4 + 2 * FINE] *= -1  # the first of the third cell
    with torch.inference_mode():
        *_, (coarse, fine) = model.priors.draw(z, y)
        *_, (same, other) = model.priors.draw(changed, y)
    assert torch.equal(coarse, same) and torch.equal(fine[:, :2], other[:, :2]) and not torch.equal(fine, other)


@torch.inference_mode()
def test_code_log_prob_is_that_of_the_images_codes(model):
    x, y = torch.rand(6, 1, 8, 8) * 2 - 1, torch.arange(6)
    coarse, fine = model.codes(x)
    assert coarse.shape == (6, 2, 2) and fine.shape == (6, 4, 4)
    torch.testing.assert_close(model.code_log_prob(x, y), parallel(model, *model._cells(coarse, fine), y))
    torch.testing.assert_close(model.decode_codes(coarse, fine), model.reconstruct(x))


def test_an_image_is_partly_hidden_only_in_the_share_that_is_asked_for(model):
    torch.manual_seed(0)
    coarse, fine = model._known(80, torch.device("cpu"))
    whole = (coarse.flatten(1) == 0).all(1) & (fine.flatten(1) == 0).all(1)
    assert whole[10:].all() and not whole[:10].any()  # an eighth is partial
    assert ((fine.flatten(1) < 0).any(1) | (coarse.flatten(1) == 0).all(1)).all()  # fine tiles need all coarse ones


def test_priors_learn_a_board_that_is_always_the_same(images):
    """They give it all probability; the coarse board alone would cost 4 log2 3 bits."""
    model = build("vqvae2", **tiny_config("vqvae2", height=8, width=8, codes=3))
    cells = torch.randint(3, (1, 4, 1)).expand(20, -1, -1), torch.randint(3, (1, 4, FINE)).expand(20, -1, -1)
    optimizer, y = torch.optim.Adam(model.priors.parameters(), 0.02), torch.arange(20) % 10
    for _ in range(60):
        loss = -parallel(model, *cells, y).sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss / math.log(2) < 1
    with torch.inference_mode():
        *_, drawn = model.priors.draw(Latents(torch.rand(20, 20) * 1.8 - 0.9).z, y)
    assert torch.equal(drawn[0], cells[0]) and torch.equal(drawn[1], cells[1])
