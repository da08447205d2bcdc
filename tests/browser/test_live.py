"""Live training: gradients against torch, panels that go on together, links that repeat a run, drawn points."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import leaky_relu, softplus

from browser.helpers import (
    TIMEOUT,
    by_role,
    drag,
    expect,
    expect_fits,
    points_in,
    read_pixels,
    tap,
    visit,
)
from genmodels.ui import live

pytestmark = pytest.mark.browser

# One run: how many parts it covers, and the share of points near the data.
RUN = """async ([code, data, seed, steps]) => {
    const setups = gm.components.live_setup(), kernel = gm.decodeBase64(gm.kernels[gm.kernels.length - 1]);
    const trainer = window.trainer = window.trainer || new gm.live.Trainer(await gm.live.createRuntime([kernel]));
    trainer.reset(setups.settings(setups.read(code)), data, seed);
    while (trainer.step < steps) trainer.advance();
    const { covered, near } = trainer.show();
    return [covered, near];
}"""
REST, PLANES, COUNT, HELD = ".gm-live[data-rest]", ".gm-live-plane canvas", ".gm-live-count", ".gm-live-held"
# A trainer's networks after some steps, a batch, its losses and gradients; weights as [out][in].
GRADIENTS = """async ([settings, data]) => {
    const kernel = gm.decodeBase64(gm.kernels[gm.kernels.length - 1]);
    const trainer = window.trainer = window.trainer || new gm.live.Trainer(await gm.live.createRuntime([kernel]));
    const range = (n, make) => Array.from({ length: n }, (_, i) => make(i));
    const layers = (net, values) => net.fans.map((fan, l) => ({
        weight: range(fan[1], (o) => range(fan[0], (i) => values[net.layers[l].weight + net.place(fan, i, o)])),
        bias: range(fan[1], (o) => values[net.layers[l].bias + o]) }));
    const rows = (values) => range(128, (i) => [values[4 * i], values[4 * i + 1]]);
    trainer.reset(settings, data, '7', []);
    for (let i = 0; i < 20; i++) trainer.advance();
    const { nets, passes } = trainer, found = { nets: {}, gradients: {} };
    const [first, second] = settings.model === 'vae' ? ['encoder', 'generator'] : ['critic', 'generator'];
    for (const name of [first, second]) found.nets[name] = layers(nets[name], nets[name].values);
    found.x = rows(passes[first].h[0].values);
    if (settings.model === 'vae') {
        found.noise = rows(trainer.noise);
        found.losses = trainer.vaeGradients(trainer.noise);
        found.gradients.encoder = layers(nets.encoder, nets.encoder.gradient);
    } else {
        trainer.generate();
        found.z = rows(passes.generator.h[0].values);
        found.losses = [trainer.criticGradients()];
        found.gradients.critic = layers(nets.critic, nets.critic.gradient);
        found.losses.push(trainer.generatorGradients());
    }
    found.gradients.generator = layers(nets.generator, nets.generator.gradient);
    return found;
}"""
GAN = {"model": "gan", "slower": 1, "beta1": 0.5, "r1": False, "r2": False, "gamma": 2}
PENALIZED = GAN | {"r1": True, "r2": True}


class Layers:
    """A network of the page in torch, in double precision."""

    def __init__(self, layers: list[dict]) -> None:
        self.weights = [torch.tensor(layer[name], dtype=torch.float64, requires_grad=True)
                        for layer in layers for name in ("weight", "bias")]

    def __call__(self, x: Tensor) -> Tensor:
        for weight, bias in zip(self.weights[:4:2], self.weights[1:4:2], strict=True):
            x = leaky_relu(x @ weight.T + bias, 0.2)
        return x @ self.weights[4].T + self.weights[5]

    def check(self, loss: Tensor, found: list[dict]) -> None:
        """The page's gradients of a loss are torch's."""
        expected = torch.autograd.grad(loss, self.weights, retain_graph=True)
        for one, other in zip(expected, Layers(found).weights, strict=True):
            torch.testing.assert_close(one, other.detach(), atol=2e-5, rtol=1e-4)


def points(rows: list) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64, requires_grad=True)


def penalty(critic: Layers, x: Tensor) -> Tensor:
    """The mean squared norm of the critic's gradient by its inputs."""
    gradient, = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    return gradient.square().sum(1).mean()


@pytest.fixture(scope="module")
def page(browser, server):
    """The activity at rest, with a set-up of a link."""
    with visit(browser, server, path="#a=live&nets=original,original-r1-r2") as page:
        page.wait_for_selector(REST)
        yield page


@pytest.mark.parametrize("settings", [
    GAN | {"loss": "original"}, PENALIZED | {"loss": "relativistic"}, GAN | {"loss": "nonsaturating", "r2": True}],
    ids=lambda settings: settings["loss"])
def test_players_have_the_gradients_of_torch(page, settings):
    found = page.evaluate(GRADIENTS, [settings, "ring"])
    critic, generator = (Layers(found["nets"][name]) for name in ("critic", "generator"))
    real, fake = points(found["x"]), generator(points(found["z"]))
    a, b = critic(real), critic(fake)
    relativistic = settings["loss"] == "relativistic"
    loss = softplus(b - a).mean() if relativistic else (softplus(-a) + softplus(b)).mean()
    made = points(fake.tolist())
    penalties = settings["r1"] * penalty(critic, real) + settings["r2"] * penalty(critic, made)
    critic.check(loss + settings["gamma"] / 2 * penalties, found["gradients"]["critic"])
    other = {"original": -softplus(b), "nonsaturating": softplus(-b), "relativistic": softplus(a - b)}
    generator.check(other[settings["loss"]].mean(), found["gradients"]["generator"])
    assert found["losses"] == pytest.approx([loss.item(), other[settings["loss"]].mean().item()], abs=1e-5)


def test_the_vae_has_the_gradients_of_torch(page):
    found = page.evaluate(GRADIENTS, [{"model": "vae", "width": 0.3}, "moons"])
    encoder, decoder = (Layers(found["nets"][name]) for name in ("encoder", "generator"))
    x, noise = points(found["x"]), points(found["noise"])
    mu, logvar = encoder(x).chunk(2, 1)
    error = (decoder(mu + noise * (logvar / 2).exp()) - x).square().sum(1).mean() / (2 * 0.3**2)
    kl = (mu.square() + logvar.exp() - 1 - logvar).sum(1).mean() / 2
    for network, name in ((encoder, "encoder"), (decoder, "generator")):
        parts = error + kl if name == "encoder" else error
        network.check(parts, found["gradients"][name])
    assert found["losses"] == pytest.approx([error.item(), kl.item()], abs=1e-4)


def test_panels_go_on_together_and_a_link_repeats_them(page):
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    expect(page.locator(COUNT)).to_have_text("step 0")
    start = read_pixels(page, PLANES)
    assert start[0] == start[1], "runs of one seed begin alike"
    page.locator(".gm-live-settings[data-panel=B] [data-setting=r2]").uncheck(force=True)
    page.wait_for_function("location.hash.includes('nets=original,original-r1')")
    expect(page.locator(".gm-live-difference")).to_have_text("A and B differ in one thing: the penalties.")
    for _ in range(3):
        by_role(page, "button", "One step").click()
    expect(page.locator(COUNT)).to_have_text("step 3")
    page.wait_for_selector(REST)
    assert read_pixels(page, PLANES) != start
    page.evaluate("location.hash = 'a=live&nets=original,original-r1-r2&s=5&j=60'")
    expect(page.locator(COUNT)).to_have_text("step 60")
    page.wait_for_selector(REST)
    expect(by_role(page, "button", "Play")).to_be_visible()
    shown, held = read_pixels(page, PLANES), page.locator(HELD).all_inner_texts()
    assert shown[0] != shown[1] and all("of 8 modes" in text for text in held)
    link = page.evaluate("gm.state.link()")
    assert link.endswith("a=live&s=5&j=60"), "what is the rule is left out"
    page.locator(".gm-live-settings[data-panel=A] [data-setting=kind]").select_option("vae")
    expect(page.locator(COUNT)).to_have_text("step 0")
    expect(page.locator(".gm-live-difference")).to_contain_text("the model")
    page.evaluate("(link) => { location.href = link; }", link)
    expect(page.locator(COUNT)).to_have_text("step 60")
    page.wait_for_selector(REST)
    assert read_pixels(page, PLANES) == shown and page.locator(HELD).all_inner_texts() == held
    spoken = f"Panel A: the data and what the network makes, at step 60: {held[0]}"
    expect(page.locator(PLANES).first).to_have_attribute("aria-label", spoken)
    seed = by_role(page, "textbox", "Seed")
    seed.fill("x")
    expect(page.locator("#gm-live-training [role=alert]")).to_contain_text("at most 20 digits")
    seed.fill("5")
    assert [url for url in requests if "heartbeat" not in url] == []


@pytest.mark.slow
def test_a_finger_draws_what_is_learned(browser, server):
    with visit(browser, server, "phone", "#a=live&o=drawn&nets=original-r1-r2") as page:
        expect(page.locator(".gm-live-lesson")).to_contain_text("Draw on either picture")
        expect_fits(page)
        plane = page.locator(".gm-live-plane").first
        drag(page, *points_in(plane, (0.2, 0.3), (0.5, 0.3), (0.8, 0.3)))
        page.wait_for_function("document.querySelector('.gm-live-count').textContent !== 'step 0'", timeout=TIMEOUT)
        tap(by_role(page, "button", "Pause"))
        page.wait_for_selector(REST)
        expect(page.locator(HELD).first).to_contain_text("of 8 parts")
        link = page.evaluate("gm.state.link()")
        assert "&own=" in link and "o=drawn" in link
        plane.press("ArrowUp")
        plane.press("Enter")
        assert page.evaluate("gm.state.get('drawing').slice(-2)") == [0, 0.25]
        tap(by_role(page, "button", "Clear"))
        expect(page.locator(".gm-live-lesson")).to_contain_text("Draw on either picture")
        assert "&own=" not in page.evaluate("gm.state.link()")


@pytest.mark.slow
@pytest.mark.parametrize("preset", live.presets(), ids=lambda preset: preset["name"])
def test_what_the_page_says_was_measured(page, preset):
    """A seed of those that were measured comes to what is said of all."""
    for code, (mean, low, high), near in zip(preset["panels"], preset["covered"], preset["near"], strict=True):
        found = page.evaluate(RUN, [code, preset["data"], "0", preset["steps"]])
        assert low <= found[0] <= high and low <= mean <= high <= preset["parts"] and 0 < near < 1
