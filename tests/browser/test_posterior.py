"""The Posterior tab: what the page computes, beside what Python does; drawing, steps, four clouds."""

from __future__ import annotations

import base64
import math

import numpy as np
import pytest
import torch

from browser.helpers import drag, expect, on_phone, open_tab, points_in, read_pixels, tap, wait_changed
from genmodels import checkpoint
from genmodels.evaluation import factorized
from genmodels.metrics import posterior_gap

pytestmark = pytest.mark.browser

STUDY, MIXTURE = "#gm-posterior-map", "#gm-mixture-posterior"
PAD, CLOSE, PLANE = f"{STUDY} .gm-canvas", f"{STUDY} .gm-posterior-close", f"{MIXTURE} canvas"
EXAMPLES = f"{STUDY} .gm-study-examples button"
TWO_MODES = """async ([std]) => {
  const fit = gm.components.posterior_fit(), centers = [[-1, 0.5], [1.5, -1]];
  const joint = async (rows) => rows.map((z) => {
    const logs = centers.map((c) => -((z[0] - c[0]) ** 2 + (z[1] - c[1]) ** 2) / (2 * std * std));
    const most = Math.max(...logs), total = logs.reduce((sum, log) => sum + Math.exp(log - most), 0);
    return most + Math.log(total) - Math.log(4 * Math.PI * std * std);
  });
  const cells = await fit.posteriorCells(joint);
  const ends = await Promise.all(fit.startsOf(cells).map(async (start) => (await fit.climb(joint, start)).pop()));
  const bounds = await Promise.all(ends.map((q) => fit.elbo(joint, q)));
  return { logProb: cells.logProb, cells: cells.z.length, bounds };
}"""


def data(page, selector: str, name: str, before: dict | None = None) -> dict:
    """What a component says of its result, once it differs from the one before."""
    found = page.wait_for_function(
        """([selector, name, before]) => {
            const found = document.querySelector(selector + `[data-${name}], ` + selector + ` [data-${name}]`);
            const value = found && JSON.parse(found.dataset[name]);
            return value && JSON.stringify(value) !== JSON.stringify(before) && value;
        }""", arg=[selector, name, before])
    return found.json_value()


def two_modes(std: float) -> posterior_gap.LogJoint:
    """As TWO_MODES has it."""
    centers = torch.tensor([[-1, 0.5], [1.5, -1]]).double()

    def joint(z: torch.Tensor) -> torch.Tensor:
        distance = (z.double()[:, None] - centers).square().sum(2)
        return (-distance / (2 * std**2)).logsumexp(1) - math.log(4 * math.pi * std**2)

    return joint


def test_the_page_computes_what_python_does(visitor):
    page = visitor
    for centers, std in (([[0, -0.27], [-0.57, -0.84], [0.57, -0.84], [0, 0.87]], 0.5),
                         ([[-1, 0.2], [0.4, 1], [1.3, -1], [2, 0.5]], 0.7)):
        found = page.evaluate("([centers, std]) => gm.components.mixture_fit().compare(centers, std)", [centers, std])
        for model, expected in zip((found["likelihood"], found["elbo"]), factorized.compare(centers, std), strict=True):
            assert model["centers"] == pytest.approx(expected.centers, abs=1e-5)
            assert [model["std"], model["logLikelihood"], model["elbo"]] == pytest.approx(
                [expected.std, expected.log_likelihood, expected.elbo], abs=1e-6)
    for std in (0.3, 0.015):
        found, joint = page.evaluate(TWO_MODES, [std]), two_modes(std)
        z, mass = posterior_gap.posterior_cells(joint)
        bounds = [posterior_gap.gaussian_elbo(joint, posterior_gap.climb(joint, start))
                  for start in posterior_gap.starts_of(z, mass)]
        assert found["cells"] == len(z) and found["logProb"] == pytest.approx(float(mass.logsumexp(0)), abs=1e-9)
        assert max(found["bounds"]) == pytest.approx(max(bounds), abs=1e-3)


@on_phone
def test_posterior_of_an_example_and_of_a_drawing(page):
    open_tab(page, "Posterior")
    shown = data(page, STUDY, "studied")
    pixels = np.frombuffer(base64.b64decode(read_pixels(page, f"{EXAMPLES} canvas")[0]), np.uint8)
    binary = torch.from_numpy((pixels >= 128).astype(np.float32)).reshape(1, 1, 28, 28)
    model = page.locator(f"{STUDY} [data-shown-model], {STUDY}[data-shown-model]").get_attribute("data-shown-model")
    expected = posterior_gap.posterior_gaps(checkpoint.load(model)[0].eval(), binary)
    for name in ("log_prob", "best_elbo", "encoder_elbo"):
        assert shown[name] == pytest.approx(float(getattr(expected, name)[0]), abs=0.05), name
    assert shown["log_prob"] >= shown["best_elbo"] - 0.01 >= shown["encoder_elbo"] - 0.02
    expect(page.locator(f"{STUDY} [role=status]")).to_contain_text("misses the truth by")
    slider, before = page.locator(f"{STUDY} .gm-range"), read_pixels(page, CLOSE)
    slider.press("Home")
    below = shown["log_prob"] - shown["encoder_elbo"]
    expect(slider).to_have_attribute("aria-valuetext", f"step 0, {below:.1f} nats below")
    wait_changed(page, CLOSE, before)
    drag(page, *points_in(page.locator(PAD), (0.5, 0.2), (0.5, 0.5), (0.5, 0.8)))
    drawn = data(page, STUDY, "studied", shown)
    assert drawn["log_prob"] != shown["log_prob"]
    tap(page.locator(f"{STUDY} .gm-clear"))
    expect(page.locator(f"{STUDY} [role=status]")).to_contain_text("Draw a digit")


@pytest.mark.slow
def test_four_clouds_are_moved_by_hand_and_keys(visitor):
    page = visitor
    open_tab(page, "Posterior")
    triangle = data(page, MIXTURE, "fitted")
    assert triangle["likelihood"]["gap"] > 0.1
    status = page.locator(f"{MIXTURE} [role=status]")
    expect(status).to_contain_text("gives up 0.020 nats")
    tap(page.get_by_role("button", name="Rectangle"))
    rectangle = data(page, MIXTURE, "fitted", triangle)
    assert rectangle["likelihood"]["gap"] < 1e-6
    expect(status).to_contain_text("Both models agree")
    tap(page.get_by_role("button", name="Four in a row"))
    expect(status).to_contain_text("differ in one bit")
    row = data(page, MIXTURE, "fitted")
    first = page.locator(".gm-mixture-handle").first
    first.press("ArrowUp")
    moved = data(page, MIXTURE, "fitted", row)
    assert moved["centers"][0] == pytest.approx([-2.1, 0.1])
    link = page.evaluate("gm.state.link()")
    expect(first).to_have_attribute("aria-label", "Cloud 1, at -2.1, 0.1: arrow keys move it")
    start, end = points_in(page.locator(PLANE), (0.15, 0.483), (0.4, 0.2))
    drag(page, start, end)
    page.wait_for_function("""(selector) => {
        const found = document.querySelector(selector + '[data-fitted], ' + selector + ' [data-fitted]');
        const { centers } = JSON.parse(found.dataset.fitted);
        return Math.abs(centers[0][0] + 0.6) < 0.05 && Math.abs(centers[0][1] - 1.8) < 0.05;
    }""", arg=MIXTURE)
    before = read_pixels(page, PLANE)
    tap(page.locator(f"{MIXTURE} label", has_text="ELBO"))
    wait_changed(page, PLANE, before)
    page.evaluate("(link) => { location.href = link; }", link)
    page.wait_for_function("""(selector) => {
        const found = document.querySelector(selector + '[data-fitted], ' + selector + ' [data-fitted]');
        const { centers, std } = JSON.parse(found.dataset.fitted);
        return centers[0][0] === -2.1 && centers[0][1] === 0.1 && centers[3][0] === 2.1 && std === 0.5;
    }""", arg=MIXTURE)
