"""The plan of a model for the page's engine: its layers, found by tracing, or none if an operation is unknown.

Whether the engine computes what torch computes is tested in a browser.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import (
    build,
    build_shipped,
    generative_models,
    models_with,
    save_checkpoint,
    shipped_with,
    tiny_config,
)
from torch import Tensor, nn

from genmodels.capabilities import PixelWeights, capabilities
from genmodels.latents import LatentSpec
from genmodels.models.cvae import CVAE
from genmodels.models.gan import GAN
from genmodels.ui.api.sample import SampleEndpoints
from genmodels.ui.engine.classifier_plan import classifier_plan
from genmodels.ui.engine.likeness_plan import trace_likeness
from genmodels.ui.engine.mesh_plan import trace_mesh
from genmodels.ui.engine.page_plan import page_plan
from genmodels.ui.engine.plan import trace_decoder, trace_encoder
from genmodels.ui.store import ModelStore

GENERATIVE = generative_models()
# Meshes have plans of their own, and where tokens attend to each other the server draws.
ELSEWHERE = {"mesh", "attention"}


def has_sliders(spec: LatentSpec) -> bool:
    return bool(spec.editable_columns) and spec.is_editable


def run_plan(plan: dict, weights: dict[str, Tensor], h: Tensor, y: Tensor | None = None) -> Tensor:
    """Images [N, C, H, W] of latents, or latents [N, d] of images, computed exactly as a plan says."""
    for layer in plan["layers"]:
        if layer["op"].endswith("_pool"):
            size = layer["height"], layer["width"]
            h = F.max_pool2d(h, 2) if layer["op"] == "max_pool" else F.adaptive_avg_pool2d(h, size)
            assert h.shape[2:] == size
            continue
        weight, bias = weights[layer["weight"]], layer["bias"] and weights[layer["bias"]]
        if layer["op"] == "linear":
            h = h.flatten(1)
            if "category" in layer:
                h = torch.cat([h, layer["category"] * F.one_hot(y, plan["categories"])], 1)
            h = F.linear(h, weight, bias)
            assert weight.shape == (layer["outputs"], layer["inputs"])
            h = h.unflatten(1, (layer["channels"], layer["height"], layer["width"])) if "height" in layer else h
        elif layer["op"] == "conv_transpose":
            h = F.conv_transpose2d(h, weight, bias, stride=2, padding=1)
        else:
            h = F.conv2d(h, weight, bias, stride={"conv": 1, "conv_down": 2}[layer["op"]], padding=1)
        if norm := layer.get("norm"):
            mean, variance, gain, shift = (weights[norm[key]] for key in ("mean", "variance", "weight", "bias"))
            h = F.batch_norm(h, mean, variance, gain, shift, eps=norm["eps"])
        h = F.leaky_relu(h, layer["slope"])
        h = getattr(torch, layer["activation"])(h) if "activation" in layer else h
    for name, *numbers in plan.get("output", []):
        h = getattr(torch, name)(h, *numbers)
    return h.reshape(-1, plan.get("channels", 1), plan["height"], plan["width"]) if "output" in plan else h


@pytest.mark.parametrize("name", GENERATIVE)
def test_plan_computes_what_the_model_does(name):
    model = build(name, **tiny_config(name)).eval()
    plan, latents = trace_decoder(model), model.latent.sample(1, range(6))
    if plan is None:
        assert not has_sliders(model.latent) or ELSEWHERE & set(capabilities(model)), (
            "only the server can decode for this model, which has sliders")
        return
    with torch.no_grad():
        images = run_plan(plan, model.state_dict(), latents.z, latents.y)
    assert torch.allclose(images, model.generate(latents), atol=1e-5)


@pytest.mark.parametrize("name", ["dcgan", "vae"])
def test_plan_of_a_model_in_color(name, tmp_path):
    """The page draws its images; visitors' pictures, which are gray, it does not encode."""
    model = build(name, **tiny_config(name, channels=3)).eval()
    folder = tmp_path / name
    plan = page_plan(model, save_checkpoint(model, name, folder), folder)
    latents = model.latent.sample(1, range(6))
    with torch.no_grad():
        images = run_plan(plan, model.state_dict(), latents.z)
    assert images.shape[1] == plan["channels"] == 3 and "encoder" not in plan
    assert torch.allclose(images, model.generate(latents), atol=1e-5)


@pytest.mark.parametrize("name", shipped_with("mesh"))
def test_mesh_plan_computes_what_the_model_does(name):
    """Its network gives the features; what makes vertices of them is the model's own, here as in ``mesh.js``."""
    model = build_shipped(name).eval()
    plan, z = trace_mesh(model), model.latent.sample(1, range(6)).z
    weights = model.state_dict()
    low, high = weights[plan["low"]], weights[plan["high"]]
    with torch.no_grad():
        shape = {"height": 1, "width": plan["features"] * len(plan["rest"]) // 3}
        scaled = run_plan(plan | shape, weights, z).flatten(1)
        features = (low + high) / 2 + scaled * (high - low).clamp_min(plan["min_width"]) / 2 / plan["range"]
        torch.testing.assert_close(model.vertices(features), model.decode_mesh(z), atol=1e-5, rtol=1e-5)
    assert np.allclose(plan["rest"], model.surface.rest.flatten(), atol=1e-6)
    assert plan["faces"] == model.faces.flatten().tolist() and max(plan["faces"]) == len(plan["rest"]) // 3 - 1
    json.dumps(plan)


@pytest.mark.parametrize("name", models_with("encode"))
def test_encoder_plan_computes_what_the_model_does(name):
    model = build(name, **tiny_config(name)).eval()
    plan, x = trace_encoder(model, 28, 28), torch.rand(6, 1, 28, 28) * 2 - 1
    y = torch.arange(6) if plan["categories"] else None
    with torch.no_grad():
        assert torch.allclose(run_plan(plan, model.state_dict(), x, y), model.encode(x, y).mean, atol=1e-5)
    assert trace_encoder(build("gan", **tiny_config("gan")), 28, 28) is None


@pytest.mark.parametrize("name", models_with("elbo"))
def test_plan_of_the_log_variance_computes_what_the_model_does(name):
    model = build(name, **tiny_config(name)).eval()
    plan, x = trace_encoder(model, 28, 28, logvar=True), torch.rand(6, 1, 28, 28) * 2 - 1
    if model.latent.categorical:
        assert plan is None
        return
    operations = plan.pop("output")
    with torch.no_grad():
        h = run_plan(plan, model.state_dict(), x)
        for operation, *numbers in operations:
            h = getattr(torch, operation)(h, *numbers)
        assert torch.allclose(h, model.encode(x).logvar, atol=1e-5)


@pytest.mark.parametrize("name", models_with("classify"))
def test_classifier_plan_computes_what_the_model_does(name):
    model = build(name, **tiny_config(name))
    x = torch.rand(40, 1, 28, 28) * 2 - 1
    with torch.no_grad():
        model.train().classify(x)  # so that running means and variances are not those that it began with
        expected = model.eval().classify(x)
        plan, weights = classifier_plan(model), model.state_dict()
        assert set(plan["tensors"]) <= set(weights) and (plan["height"], plan["width"], plan["dim"]) == (28, 28, 10)
        if found := plan.get("pixel_weights"):
            used = PixelWeights(weights[found["weight"]], weights[found["constant"]], found["bernoulli"])
            logits = used.evidence(x).sum(2) + used.constant
        else:
            logits = run_plan(plan, weights, x)
    assert torch.allclose(logits, expected, atol=1e-3)
    json.dumps(plan)
    assert classifier_plan(build(name, **tiny_config(name, channels=3))) is None


@pytest.mark.parametrize("name", models_with("likeness"))
def test_plan_of_the_features_that_judge_likeness_computes_what_the_model_does(name):
    model = build(name, **tiny_config(name)).eval()
    plan, x = trace_likeness(model, 28, 28), torch.rand(6, 1, 28, 28) * 2 - 1
    with torch.no_grad():
        expected = model.likeness_features(x)
        assert torch.allclose(run_plan(plan, model.state_dict(), x), expected, atol=1e-5)
    assert expected.shape[2:] == (plan["rows"], plan["columns"])


def test_onehot_scale_is_in_the_plan():
    assert trace_decoder(build("cvae", **tiny_config("cvae", onehot_scale=3.0)))["layers"][0]["category"] == 3.0


class Changed(GAN):
    """A GAN with another ``decode`` in each subclass; z has 8 numbers."""

    def __init__(self, config: GAN.Config) -> None:
        super().__init__(config)
        self.first, self.last = nn.Linear(8, 16), nn.Linear(16, 28 * 20)
        self.map, self.conv = nn.Linear(8, 4 * 6 * 5), nn.Conv2d(4, 1, 3, padding=1)
        self.tanh, self.relu = nn.Tanh(), nn.ReLU()


class TanhMLP(Changed):
    def decode(self, z, y=None):
        return torch.sigmoid(self.last(torch.tanh(self.first(z)))).unflatten(1, (1, 28, 20)) * 2 - 1


class TanhModule(Changed):
    def decode(self, z, y=None):
        return self.last(self.tanh(self.first(z))).tanh().unflatten(1, (1, 28, 20))


class TanhMap(Changed):
    def decode(self, z, y=None):
        return torch.tanh(self.conv(torch.tanh(self.map(z)).unflatten(1, (4, 6, 5))))


@pytest.mark.parametrize(("cls", "size"), [(TanhMLP, (28, 20)), (TanhModule, (28, 20)), (TanhMap, (6, 5))])
def test_plan_has_hidden_activations_and_other_sizes(cls, size):
    model = cls(build("gan", **tiny_config("gan")).config).eval()
    plan, latents = trace_decoder(model), model.latent.sample(0, range(6))
    assert plan["layers"][0]["activation"] == "tanh" and (plan["height"], plan["width"]) == size
    with torch.no_grad():
        images = run_plan(plan, model.state_dict(), latents.z)
        assert images.shape[2:] == size
        assert torch.allclose(images, model.decode(latents.z), atol=1e-5)


class Softmax(GAN):
    def decode(self, z, y=None):
        return self.G(z.softmax(1))


class Branch(GAN):
    def decode(self, z, y=None):
        return self.G(z) + self.G(z)


class Flipped(GAN):
    def decode(self, z, y=None):
        return torch.tanh(self.G(z)).flip(2)


class DataDependent(GAN):
    def decode(self, z, y=None):
        return self.G(z if z.sum() > 0 else -z)


class ClampByKeyword(GAN):
    def decode(self, z, y=None):
        return self.G(z).clamp(min=-0.5, max=0.5)


class OneSidedClamp(GAN):
    def decode(self, z, y=None):
        return self.G(z).clamp(-0.5)


class ReluModule(GAN):
    def decode(self, z, y=None):
        return self.relu(self.G(z))

    relu = torch.nn.ReLU()


class TanhOfLatent(GAN):
    def decode(self, z, y=None):
        return self.G(torch.tanh(z))


class ScaledHidden(Changed):
    def decode(self, z, y=None):
        return self.last(torch.tanh(self.first(z)) * 2).unflatten(1, (1, 28, 20))


class TwoActivations(Changed):
    def decode(self, z, y=None):
        return self.last(torch.tanh(F.relu(self.first(z)))).unflatten(1, (1, 28, 20))


class TwoChannels(Changed):
    def decode(self, z, y=None):
        return self.last(self.first(z)).unflatten(1, (2, 14, 20))


class ScaledLatent(CVAE):
    def decode(self, z, y=None):
        return super().decode(z * 2.0, y)


@pytest.mark.parametrize("cls", [Softmax, Branch, Flipped, DataDependent, ClampByKeyword, OneSidedClamp, ReluModule,
                                 TanhOfLatent, ScaledHidden, TwoActivations, TwoChannels, ScaledLatent])
def test_unsupported_operation_has_no_plan(cls):
    name = "cvae" if cls is ScaledLatent else "gan"
    model = build(name, **tiny_config(name))
    if issubclass(cls, Changed):
        model = cls(model.config)
    else:
        model.__class__ = cls
    assert trace_decoder(model) is None


def test_plans_can_be_traced_while_others_sample(tmp_path):
    """Tracing patches module calls in the whole process: images computed meanwhile must not be affected."""
    for name in GENERATIVE:
        save_checkpoint(build(name, **tiny_config(name)), name, tmp_path / name)
    store = ModelStore(tmp_path)
    endpoints = SampleEndpoints(store)
    with ThreadPoolExecutor(4) as pool:
        samples = [pool.submit(endpoints.sample_array, "gan", 16, seed, 1.0, -1) for seed in range(200)]
        plans = [pool.submit(store.plan, name) for name in GENERATIVE]
        assert all(isinstance(images.result(), np.ndarray) for images in samples)
        assert any(plan.result() for plan in plans)
        for name, plan in zip(GENERATIVE, plans, strict=True):
            found = plan.result()
            assert (found.get("layers") or ELSEWHERE & set(store.metadata(name)["capabilities"])
                    or not has_sliders(store.spec(name)))
