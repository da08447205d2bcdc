"""Noise to digit: what the page computes against torch, and the activity as a visitor uses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from conftest import build, models_with, save_checkpoint, tiny_config
from safetensors.torch import save

from browser.helpers import by_role, expect, points_in, tap, visit
from browser.servers import serve
from genmodels import checkpoint
from genmodels.ui.engine.flow_plan import flow_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
NAMES = models_with("integrate")
NOISE, READY = "#a=noise&f=0.00", ".gm-noise[data-ready]:not([data-busy])"
INTEGRATE = """async ([name, z, labels, steps, guidance, start]) => {
    const field = await gm.engine.loadField(name), run = gm.flow.begin(field, { z, labels, steps, guidance, start });
    while (!run.isDone()) await run.advance();
    return run.states.map(({ time, x, end }) => ({ time, x: [...x], end: [...end] }));
}"""


# Of the images in a row of tiles, their gray levels.
LEVELS = """(row) => [...document.querySelectorAll(`.gm-noise-${row} canvas`)].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return Array.from({ length: data.length / 4 }, (_, i) => data[4 * i]);
})"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory) -> Iterator[Page]:
    """The activity, at time 0, of an app on small models that go from noise to images."""
    root = tmp_path_factory.mktemp("noise")
    for name in NAMES:
        save_checkpoint(build(name, **tiny_config(name)).eval(), name, root / name)
    with serve(root, tmp_path_factory.mktemp("log")) as address, visit(browser, address, path=NOISE) as page:
        page.wait_for_selector(READY)
        yield page


def levels(page: Page, row: str) -> np.ndarray:
    return np.array(page.evaluate(LEVELS, row))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("guidance", "start"), [(1.0, 0.0), (2.5, 0.5)])
def test_page_follows_the_field_as_torch_does(page, name, guidance, start):
    model = build(name, **tiny_config(name)).eval()
    weights = save({key: value.contiguous() for key, value in model.state_dict().items()})
    plan = json.dumps({"flow": flow_plan(model), "weights": f"weights/hash/{name}",
                       "tensors": checkpoint.tensor_places(weights)})
    offered = f"{name}-{start}"
    page.route(f"**/gm/plan/{offered}", lambda route: route.fulfill(body=plan, content_type="application/json"))
    page.route(f"**/gm/weights/hash/{name}", lambda route: route.fulfill(body=weights))
    latents = model.latent.sample(3, range(5))
    call = [offered, latents.z.flatten().tolist(), latents.y.tolist(), 3, guidance, start]
    found = page.evaluate(INTEGRATE, call)
    with torch.inference_mode():
        expected = list(model.integrate(latents.z, latents.y, 3, guidance, start))
    assert len(found) == len(expected) == 4
    for one, other in zip(found, expected, strict=True):
        assert one["time"] == pytest.approx(other.time)
        np.testing.assert_allclose(one["x"], other.x.flatten(), atol=1e-4)
        np.testing.assert_allclose(one["end"], other.end.flatten(), atol=1e-4)


def test_noise_becomes_digits_under_a_slider_and_sends_no_request(page):
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    noise, time = levels(page, "now"), by_role(page, "slider", "Time")
    assert len(np.unique(noise, axis=0)) == 10 and np.abs(noise - 127.5).mean() > 50
    time.press("End")
    expect(time).to_have_attribute("aria-valuetext", "t = 1.00")
    page.wait_for_function(f"String(({LEVELS})('now')) === String(({LEVELS})('ends'))")
    end = levels(page, "now")
    assert not np.array_equal(end, noise)
    for name, key, words in (("Guidance", "End", "picture: 4, since guidance"), ("Guidance", "Home", "picture: 2."),
                             ("Steps", "Home", "Steps: 1.")):
        by_role(page, "slider", name).press(key)
        expect(page.locator(".gm-noise-count")).to_contain_text(words)
    page.wait_for_selector(READY)
    assert not np.array_equal(levels(page, "now"), end)
    tap(page.locator(".gm-noise-now button").nth(3))
    expect(page.locator(".gm-noise-now button").nth(3)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".gm-noise-now button").nth(3).locator(".gm-noise-mark")).to_have_count(4)
    page.wait_for_function("location.hash.includes('e=1&g=0.0') && !location.hash.includes('f=')")  # 1 is the rule
    assert requests == []


def test_a_drawing_is_noised_back_and_finished(page):
    tap(page.get_by_text("From your drawing"))
    expect(page.locator(".gm-noise-count")).to_contain_text("Draw a digit")
    start, end = points_in(page.locator(".gm-pixel-picture"), (0.3, 0.3), (0.7, 0.3))
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()
    expect(page.locator(".gm-noise-count")).to_contain_text("Steps: 1.")
    by_role(page, "slider", "Noised back to").press("End")
    by_role(page, "slider", "Time").press("Home")  # no earlier than that
    expect(by_role(page, "slider", "Time")).to_have_attribute("aria-valuetext", "t = 0.95")
    page.wait_for_selector(READY)
    now = levels(page, "now")
    drawn = np.array(page.evaluate("""() => {
        const { data } = document.querySelector('.gm-pixel-image').getContext('2d').getImageData(0, 0, 28, 28);
        return Array.from({ length: 784 }, (_, i) => data[4 * i]);
    }"""))
    assert 10 < (drawn == 255).sum() < 60 and np.abs(now - drawn).max() < 60 and not np.array_equal(now[0], now[1])
