"""Models that follow a field from noise to images: the path, Euler's steps, guidance, and what training learns."""

from __future__ import annotations

import math

import pytest
import torch
from conftest import build, models_with, tiny_config
from torch import Tensor

from genmodels.model import Batch, GenerativeModel
from genmodels.models.flow import Flow, preconditioning
from genmodels.nn.unet import UNet, time_features

NAMES = models_with("integrate")
every_model = pytest.mark.parametrize("name", NAMES)


def tiny(name: str) -> GenerativeModel:
    return build(name, **tiny_config(name)).eval()


@every_model
@pytest.mark.parametrize("start", [0.0, 0.6])
def test_states_lead_from_the_given_one_to_time_1(name, start):
    model = tiny(name)
    latents = model.latent.sample(0, range(3))
    with torch.inference_mode():
        states = list(model.integrate(latents.z, latents.y, steps=4, start=start))
        *_, default = model.integrate(latents.z, latents.y)
    torch.testing.assert_close(torch.tensor([s.time for s in states]), torch.linspace(start, 1, 5))
    assert torch.equal(states[0].x.flatten(1), latents.z) and torch.equal(states[-1].x, states[-1].end)
    for now, then in zip(states, states[1:], strict=False):  # straight towards the end that is expected
        share = (then.time - now.time) / (1 - now.time)
        torch.testing.assert_close(then.x, torch.lerp(now.x, now.end, share))
        assert now.end.abs().max() <= 1
    with torch.inference_mode():
        assert torch.equal(default.x, model.decode(latents.z, latents.y))


class Straight(Flow):
    """A field of its own: E[x_1 | x_t] = x_t / 2."""

    def predict_end(self, x: Tensor, t: Tensor, label: Tensor) -> Tensor:
        return x / 2


@pytest.mark.parametrize(("steps", "expected"), [(1, 0.5), (2, 0.75 * 0.5), (1_000, (1_000 * math.pi) ** -0.5)])
def test_euler_follows_a_known_field(steps, expected):
    """dx/dt = -x / (2 (1 - t)); n steps multiply x by the product of 1 - 1 / 2k for k from 1 to n (Wallis)."""
    model = Straight(Flow.Config(**tiny_config("flow"))).eval()
    z = torch.full((1, 784), 0.8)
    *_, last = model.integrate(z, torch.zeros(1, dtype=torch.int64), steps, guidance=1.0)
    assert last.x.mean().item() == pytest.approx(0.8 * expected, rel=0.02)


@every_model
def test_guidance_0_ignores_the_label_and_1_is_the_conditional_field(name):
    model = tiny(name)
    latents = model.latent.sample(0, range(4))
    other = (latents.y + 1) % 10

    def end(y: Tensor, guidance: float) -> Tensor:
        *_, last = model.integrate(latents.z, y, steps=2, guidance=guidance)
        return last.x

    with torch.inference_mode():
        assert torch.equal(end(latents.y, 0.0), end(other, 0.0))
        assert not torch.equal(end(latents.y, 1.0), end(other, 1.0))
        torch.testing.assert_close(end(latents.y, 1.0), end(latents.y, 1 + 1e-9))  # by one pass, and by two


@every_model
def test_an_image_depends_on_its_row_alone_at_any_guidance(name):
    model = tiny(name)
    latents = model.latent.sample(0, range(5))
    with torch.inference_mode():
        *_, all_rows = model.integrate(latents.z, latents.y, steps=2, guidance=3.0)
        *_, one = model.integrate(latents.z[3:4], latents.y[3:4], steps=2, guidance=3.0)
    torch.testing.assert_close(one.x[0], all_rows.x[3], rtol=0, atol=1e-4)


def test_preconditioning_gives_noise_no_share_and_an_image_all():
    keep, scale = preconditioning(torch.tensor([0.0, 0.5, 1.0]), 0.4)
    torch.testing.assert_close(keep, torch.tensor([0.0, 0.5 * 0.4 / 0.35, 1.0]))
    torch.testing.assert_close(scale, torch.tensor([0.4**0.5, 0.5 * (0.4 / 0.35) ** 0.5, 0.0]))
    # The best linear estimate of x_1, and the scale of its error over 1 - t is that of the output.
    x1, x0, t = 0.4**0.5 * torch.randn(400_000), torch.randn(400_000), torch.tensor(0.7)
    x_t, (keep, scale) = (1 - t) * x0 + t * x1, preconditioning(t, 0.4)
    assert keep.item() == pytest.approx(((x_t * x1).mean() / x_t.square().mean()).item(), rel=0.02)
    assert scale.item() == pytest.approx((x1 - keep * x_t).std().item(), rel=0.02)


@every_model
def test_loss_is_the_error_of_the_velocity_on_straight_lines_from_noise(name, images, monkeypatch):
    """Equation 23 of Lipman et al. 2023, with the ends of the lines at t = 0 and t = 1 by hand."""
    model = build(name, **tiny_config(name, label_dropout=0.0)).train()
    seen = []

    def predict_end(x: Tensor, t: Tensor, label: Tensor) -> Tensor:
        seen.append((x, t, label))
        return model.unet.out.bias * 0 + x.detach() * 0  # expects zeros everywhere

    monkeypatch.setattr(model, "predict_end", predict_end)
    x, y = images.batch(torch.arange(20))
    losses = model.train_step(Batch(x, y, 0), model.optimizers())
    (x_t, t, label), = seen
    at = t[:, None, None, None]
    x0 = (x_t - at * x) / (1 - at)
    assert 0.8 < x0.std() < 1.2 and abs(x0.mean()) < 0.1  # standard normal noise
    assert torch.equal(label.argmax(1), y) and (label.sum(1) == 1).all()
    velocity = (0 - x_t) / (1 - at)  # towards the zeros that were expected
    torch.testing.assert_close(losses["loss"], (velocity - (x - x0)).square().mean(), rtol=1e-3, atol=1e-4)


def test_labels_are_dropped_as_often_as_the_configuration_says(images, monkeypatch):
    model = build("flow", **tiny_config("flow", label_dropout=0.5)).train()
    labels = []
    monkeypatch.setattr(model, "predict_end", lambda x, t, label: labels.append(label) or model.unet.out.bias * x * 0)
    torch.manual_seed(0)
    for step in range(10):
        model.train_step(Batch(*images.batch(torch.arange(40)), step), model.optimizers())
    assert 0.4 < torch.cat(labels).sum(1).mean() < 0.6


def test_unet_tells_times_and_labels_apart():
    torch.manual_seed(0)
    unet = UNet((1, 8, 8), 3, base=4, mid=4, head=4, embedding_dim=8, mid_blocks=1, up_blocks=1)
    for weights in unet.parameters():
        if not weights.any():
            torch.nn.init.normal_(weights)
    x = torch.randn(1, 1, 8, 8).expand(4, -1, -1, -1)
    t = torch.tensor([0.2, 0.2, 0.2, 0.9])
    label = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 0], [1, 0, 0]])
    out = unet(x, t, label).flatten(1)
    assert (torch.cdist(out, out) + torch.eye(4) > 1e-3).all()
    assert time_features(torch.tensor([0.0]))[0].tolist() == [1.0] * 8 + [0.0] * 8
