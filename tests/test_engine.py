"""What the page is told of a model: its layers, found by tracing, and nothing where the engine lacks an operation.

That the engine draws what torch draws is tested in the browser, where it runs.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import build, narrow, shelve
from torch import Tensor

from genmodels import registry
from genmodels.models.cvae import CVAE
from genmodels.models.gan import GAN
from genmodels.ui.api.sample import SampleEndpoints
from genmodels.ui.engine.plan import plan
from genmodels.ui.store import ModelStore

DRAWING = [name for name in registry.MODELS if name != "cnn"]


def run(found: dict, weights: dict[str, Tensor], z: Tensor, c: Tensor | None) -> Tensor:
    """Pictures by the letter of a plan."""
    if found["categories"]:
        z = torch.cat([z, found["scale"] * F.one_hot(c, found["categories"])], 1)
    h = z
    for layer in found["layers"]:
        weight, bias = weights[layer["weight"]], weights[layer["bias"]]
        if layer["op"] == "linear":
            h = F.linear(h, weight, bias)
            assert weight.shape == (layer["outputs"], layer["inputs"])
            h = h.unflatten(1, (layer["channels"], layer["side"], layer["side"])) if "side" in layer else h
        elif layer["op"] == "conv":
            h = F.conv2d(h, weight, bias, padding=1)
        else:
            assert layer["op"] == "up"
            h = F.conv_transpose2d(h, weight, bias, stride=2, padding=1)
        h = F.leaky_relu(h, layer["slope"])
    for name, *numbers in found["output"]:
        h = getattr(torch, name)(h, *numbers)
    return h.reshape(-1, 1, 28, 28)


@pytest.mark.parametrize("name", DRAWING)
def test_a_plan_says_what_sample_does(name):
    model = build(name, **narrow(name)).eval()
    found, drawn = plan(model), model.latent.draw(1, range(6))
    assert found is not None, "this model is drawn by the server alone"
    with torch.no_grad():
        pictures = run(found, model.state_dict(), drawn.z, drawn.c)
    assert torch.allclose(pictures, model.generate(drawn), atol=1e-5)


def test_a_label_that_enters_large_is_in_the_plan():
    assert plan(build("cvae", **narrow("cvae", label_scale=3.0)))["scale"] == 3.0


class Softmax(GAN):
    def sample(self, z, c=None):
        return self.G(z.softmax(1))


class Branch(GAN):
    def sample(self, z, c=None):
        return self.G(z) + self.G(z)


class Twice(GAN):
    def sample(self, z, c=None):
        return torch.tanh(self.G(z)).flip(2)


class Decides(GAN):
    def sample(self, z, c=None):
        return self.G(z if z.sum() > 0 else -z)


class Named(GAN):
    def sample(self, z, c=None):
        return self.G(z).clamp(min=-0.5, max=0.5)


class HalfOpen(GAN):
    def sample(self, z, c=None):
        return self.G(z).clamp(-0.5)


class Modules(GAN):
    def sample(self, z, c=None):
        return self.relu(self.G(z))

    relu = torch.nn.ReLU()


class Mixed(CVAE):
    def sample(self, z, c=None):
        return self.decode(z * 2.0, c)


@pytest.mark.parametrize("cls", [Softmax, Branch, Twice, Decides, Named, HalfOpen, Modules, Mixed])
def test_what_the_engine_lacks_has_no_plan(cls):
    name = "cvae" if cls is Mixed else "gan"
    model = build(name, **narrow(name))
    model.__class__ = cls
    assert plan(model) is None


def test_a_plan_may_be_asked_for_while_others_draw(tmp_path):
    """Tracing patches the networks' calls in the whole process: nobody else's pictures may be caught in it."""
    for name in DRAWING:
        shelve(build(name, **narrow(name)), name, tmp_path / name)
    store = ModelStore(tmp_path)
    endpoints = SampleEndpoints(store)
    with ThreadPoolExecutor(4) as pool:
        drawn = [pool.submit(endpoints.sample_array, "gan", 16, seed, 1.0, -1) for seed in range(200)]
        plans = [pool.submit(store.plan, name) for name in DRAWING]
        assert all(isinstance(pictures.result(), np.ndarray) for pictures in drawn)
        assert all(found.result()["layers"] for found in plans)
