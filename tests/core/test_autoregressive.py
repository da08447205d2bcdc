"""Models that draw pixel by pixel: who sees whom, exact likelihood, and sampling that computes nothing twice."""

from __future__ import annotations

import itertools

import pytest
import torch
import torch.nn.functional as F
from conftest import build, models_with
from torch import Tensor

from genmodels import registry
from genmodels.autoregressive import AutoregressiveModel
from genmodels.images import from_unit
from genmodels.nn.causal import CausalConv2d, CausalConvSteps
from genmodels.nn.row_lstm import RowLSTM, cell, neighbors

NAMES = [name for name in models_with("log_prob") if issubclass(registry.model_class(name), AutoregressiveModel)]
VARIANTS = [*((name, {}) for name in NAMES), ("pixelcnn", {"dilation_cycle": 1}), ("pixelcnn", {"gated": True})]
every_variant = pytest.mark.parametrize(("name", "fields"), VARIANTS, ids=str)


def tiny(name: str, height: int, width: int, **fields: object) -> AutoregressiveModel:
    """A random model, with as much ink at the edges as in the middle."""
    model = build(name, height=height, width=width, hidden=6, **fields).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
        model.network.ink.zero_()
    return model


def random_images(n: int, *shape: int) -> Tensor:
    return from_unit(torch.bernoulli(torch.full((n, *shape), 0.5), generator=torch.Generator().manual_seed(0)))


# ---- Who sees whom


@every_variant
@pytest.mark.parametrize("channels", [1, 3])
def test_no_logit_depends_on_its_own_pixel_or_a_later_one(name, fields, channels):
    model = tiny(name, 7, 6, channels=channels, **fields).double()
    x = random_images(1, channels, 7, 6).double()
    depends = torch.autograd.functional.jacobian(lambda v: model.probabilities(v)[0], x)[:, :, :, 0]
    depends = depends.abs().sum((0, 3)).flatten(2).flatten(0, 1)  # [pixel of the logit, pixel of the image]
    assert not depends.triu().any()
    assert depends[1, 0] > 0 and depends[-1, :-1].count_nonzero() > 30  # the last pixel sees most of the 41 before it
    assert depends.tril(-1).count_nonzero() > 400


@pytest.mark.parametrize(("rows", "reach", "dilation"), [(1, 1, 1), (2, 2, 1), (0, 1, 1), (1, 1, 2), (2, 2, 2)])
@pytest.mark.parametrize("sees_itself", [False, True])
def test_causal_convolution_is_a_masked_one_at_once_and_in_steps(rows, reach, dilation, sees_itself):
    conv = CausalConv2d(3, 4, rows, reach, sees_itself, dilation)
    torch.nn.init.normal_(conv.bias)
    h = torch.randn(2, 6, 7, 3)
    masked = torch.zeros(4, 3, 2 * rows + 1, 2 * reach + 1)  # a whole kernel, zero where the paper's mask is
    if rows:
        masked[:, :, :rows] = conv.above
    masked[:, :, rows, : reach + sees_itself] = conv.left[:, :, 0]
    padding = (dilation * rows, dilation * reach)
    expected = F.conv2d(h.permute(0, 3, 1, 2), masked, conv.bias, padding=padding, dilation=dilation)
    torch.testing.assert_close(conv(h), expected.permute(0, 2, 3, 1))

    steps, found = CausalConvSteps(conv, 2, 7), torch.empty(2, 6, 7, 4)
    with torch.no_grad():
        for row in range(6):
            steps.next_row()
            for column in range(7):
                if sees_itself:
                    found[:, row, column] = steps.step(column, h[:, row, column])
                else:
                    found[:, row, column] = steps.get(column)
                    steps.put(column, h[:, row, column])
    torch.testing.assert_close(found, conv(h))


def test_row_lstm_is_its_loop_and_has_its_gradient():
    inputs, weight = torch.randn(4, 2, 5, 12).double(), torch.randn(12, 9).double()

    def loop(inputs: Tensor, weight: Tensor) -> Tensor:
        h = c = torch.zeros(2, 5, 3).double()
        states = []
        for row in inputs:
            h, c = cell(row + F.linear(neighbors(h), weight), c)
            states.append(h)
        return torch.stack(states)

    results = []
    for scan in (RowLSTM.apply, loop):
        arguments = inputs.clone().requires_grad_(), weight.clone().requires_grad_()
        states = scan(*arguments)
        states.square().sum().backward()
        results.append((states, *(argument.grad for argument in arguments)))
    torch.testing.assert_close(*results)


# ---- Likelihood


@every_variant
@pytest.mark.parametrize(("height", "width"), [(2, 2), (3, 3)])
def test_probabilities_of_all_images_sum_to_1(name, fields, height, width):
    model = tiny(name, height, width, **fields)
    every = from_unit(torch.tensor(list(itertools.product([0.0, 1.0], repeat=height * width))))
    log_probs = model.log_prob(every.view(-1, 1, height, width)).detach().double()
    assert log_probs.exp().sum().item() == pytest.approx(1, abs=1e-5)
    assert log_probs.std() > 0.1


@every_variant
def test_log_prob_adds_up_the_surprises(name, fields):
    model, x = tiny(name, 6, 5, **fields), random_images(9, 1, 6, 5)
    p = model.probabilities(x)
    surprises = -torch.where(x > 0, p, 1 - p).log()
    torch.testing.assert_close(-model.log_prob(x), surprises.flatten(1).sum(1), rtol=1e-4, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_gray_levels_have_no_probability(name):
    with pytest.raises(ValueError, match="black .* white"):
        tiny(name, 4, 4).log_prob(torch.zeros(2, 1, 4, 4))


# ---- Sampling


@every_variant
@pytest.mark.parametrize("channels", [1, 3])
def test_steps_have_the_probabilities_of_one_pass(name, fields, channels):
    model, x = tiny(name, 12, 9, channels=channels, **fields), random_images(5, channels, 12, 9)
    steps, found = model.network.steps(5), torch.empty_like(x)
    with torch.no_grad():
        for row in range(12):
            steps.next_row()
            for column in range(9):
                found[:, :, row, column] = torch.sigmoid(steps.logits(column))
                steps.put(column, x[:, :, row, column])
        torch.testing.assert_close(found, model.probabilities(x), rtol=0, atol=1e-5)


@every_variant
def test_a_pixel_is_white_where_its_die_falls_below_its_probability(name, fields):
    model = tiny(name, 12, 9, **fields)
    dice = model.latent.sample(0, range(50)).z
    x = model.decode(dice)
    p, die = model.probabilities(x).flatten(1), (dice + 1) / 2
    clear = (p - die).abs() > 1e-4  # not left to rounding
    assert clear.float().mean() > 0.99 and torch.equal((die < p)[clear], (x.flatten(1) > 0)[clear])


@pytest.mark.parametrize("name", NAMES)
def test_samples_are_as_frequent_as_they_are_probable(name):
    model = tiny(name, 2, 2)
    x = model.decode(model.latent.sample(0, range(4_000)).z)
    which = ((x > 0).flatten(1) * torch.tensor([8, 4, 2, 1])).sum(1)
    every = from_unit(torch.tensor(list(itertools.product([0.0, 1.0], repeat=4)))).view(-1, 1, 2, 2)
    expected = model.log_prob(every).exp()
    assert (which.bincount(minlength=16) / 4_000 - expected).abs().max() < 0.03


@pytest.mark.parametrize("name", NAMES)
def test_another_die_changes_nothing_before_its_pixel(name):
    model = tiny(name, 8, 8)
    dice = model.latent.sample(0, [0]).z.repeat(9, 1)
    dice[1:, 27] = torch.linspace(-1, 1, 8)
    x = model.decode(dice).flatten(1)
    assert (x[:, :27] == x[0, :27]).all() and len(x[:, 27].unique()) == 2 and len(x[:, 28:].unique(dim=0)) > 1


@pytest.mark.parametrize("name", NAMES)
def test_images_grow_row_by_row_to_what_is_generated(name):
    model = tiny(name, 8, 6)
    latents = model.latent.sample(0, range(19))  # more than a batch
    *grown, last = model.generate_steps(latents)
    assert torch.equal(last, model.generate(latents)) and len(grown) == 7
    for rows, x in enumerate(grown, 1):
        assert torch.equal(x[:, :, :rows], last[:, :, :rows]) and (x[:, :, rows:] == -1).all()


@pytest.mark.parametrize("name", NAMES)
def test_completion_keeps_the_given_rows_and_draws_the_others_from_them(name):
    model = tiny(name, 8, 6)
    dice, top = model.latent.sample(0, range(8)).z, random_images(1, 1, 3, 6).expand(8, -1, -1, -1)
    x = model.complete(dice, top)
    assert torch.equal(x[:, :, :3], top) and len(x.unique(dim=0)) == 8  # eight endings
    assert torch.equal(x, model.complete(torch.cat([-dice[:, :18], dice[:, 18:]], 1), top))
    assert not torch.equal(x, model.complete(dice, -top))
    drawn = model.decode(dice)
    assert torch.equal(model.complete(dice, drawn[:, :, :5]), drawn)
    (*_, grown) = model.generate_steps(model.latent.sample(0, range(8)), top)
    assert torch.equal(grown, x)
