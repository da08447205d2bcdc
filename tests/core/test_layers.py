"""The blocks that models are built from."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from genmodels.nn import layers


def test_initial_networks_keep_the_scale_of_their_input():
    """He's initialization: activations neither vanish nor explode."""
    wide = layers.ConvGenerator(64, 96)(torch.randn(32, 64))
    assert 0.2 < wide.std() < 5
    assert 0.2 < layers.ConvEncoder(48, 128)(torch.randn(32, 1, 28, 28)).std() < 5


def test_generators_with_hidden_layers_keep_the_scale_of_their_input_too():
    deep = layers.ConvGenerator(2, 96, hidden=256)
    assert [tuple(layer.weight.shape) for layer in deep.mapping] == [(256, 2), (256, 256)]
    assert 0.2 < deep(torch.randn(32, 2)).std() < 5 and not layers.ConvGenerator(2, 96).mapping


def test_clipped_tanh_reaches_both_ends_and_passes_gradients_that_lead_back():
    h = torch.tensor([-9.0, -9.0, 0.0, 9.0, 9.0], requires_grad=True)
    x = layers.clipped_tanh(h)
    assert x.tolist() == [-1, -1, 0, 1, 1]
    (gradient,) = torch.autograd.grad(x, h, torch.tensor([-1.0, 1.0, 1.0, 1.0, -1.0]))
    inside = 1.05 * (1 - torch.tanh(torch.tensor(9.0)) ** 2)  # descent moves against the gradient
    torch.testing.assert_close(gradient, torch.tensor([-inside, 0, 1.05, inside, 0]))


def test_frozen_restores_gradients_even_after_an_error():
    module = nn.Linear(2, 1)
    with pytest.raises(RuntimeError), layers.frozen(module):
        assert not any(p.requires_grad for p in module.parameters())
        raise RuntimeError
    assert all(p.requires_grad for p in module.parameters())


def test_optimizer_step_clears_old_gradients_first():
    x = torch.tensor(3.0, requires_grad=True)
    x.grad = torch.tensor(100.0)  # left over from elsewhere
    layers.optimizer_step(torch.optim.SGD([x], lr=0.1), x.square())
    assert x.item() == pytest.approx(3 - 0.1 * 6)
