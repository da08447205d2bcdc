"""Pixel by pixel: what the page draws against torch, and the activity as a visitor uses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from conftest import build, models_with, save_checkpoint, tiny_config
from safetensors.torch import save

from browser.helpers import SCREENS, by_role, expect, outside, points_in, tap, visit
from browser.servers import serve
from genmodels import checkpoint
from genmodels.ui.engine.pixel_plan import pixel_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
NAMES = models_with("probabilities")
PIXELS, BOARD, TOTAL = "#a=pixels", ".gm-pixel-board", ".gm-pixel-total"
DRAW = """async ([name, forced, dice]) => {
    const network = await gm.pixels.load(name), run = network.begin(), logits = [], white = [];
    for (let i = 0; i < network.pixels; i++) {
        logits.push(run.logit());
        white.push(Number(forced ? forced[i] : gm.pixels.isWhite(dice[i], logits[i])));
        run.put(white[i]);
    }
    return { logits, white };
}"""


@pytest.fixture(scope="module")
def small_server(browser, tmp_path_factory) -> Iterator[str]:
    """The app on small models that draw pixel by pixel."""
    root = tmp_path_factory.mktemp("pixels")
    for name in NAMES:
        save_checkpoint(build(name, **tiny_config(name, hidden=6)).eval(), name, root / name)
    with serve(root, tmp_path_factory.mktemp("log")) as address:
        yield address


@pytest.fixture(scope="module")
def engine_page(browser, small_server) -> Iterator[Page]:
    with visit(browser, small_server, path=PIXELS) as page:
        page.wait_for_function("window.gm && gm.pixels")
        yield page


def offer(page: Page, model, name: str) -> None:
    """Serve a model's plan and weights to the page under a name."""
    weights = save({key: value.contiguous() for key, value in model.state_dict().items()})
    plan = json.dumps({"pixels": pixel_plan(model), "weights": f"weights/hash/{name}",
                       "tensors": checkpoint.tensor_places(weights)})
    page.route(f"**/gm/plan/{name}", lambda route: route.fulfill(body=plan, content_type="application/json"))
    page.route(f"**/gm/weights/hash/{name}", lambda route: route.fulfill(body=weights))


@pytest.mark.parametrize(("name", "fields"), [*((name, {}) for name in NAMES),
                                              ("pixelcnn", {"gated": True, "blocks": 4})], ids=str)
def test_page_computes_what_torch_does(engine_page, name, fields):
    """The probabilities of a given image, and the image that dice make; but for dice that decide by a hair."""
    gated = bool(fields)
    model = build(name, **tiny_config(name, hidden=6, **fields)).eval()
    offer(engine_page, model, f"{name}-{gated}")
    z = model.latent.sample(3, [0]).z
    with torch.no_grad():
        expected = model.decode(z)
        given = engine_page.evaluate(DRAW, [f"{name}-{gated}", (expected[0, 0].flatten() > 0).tolist(), None])
        found = torch.sigmoid(torch.tensor(given["logits"])).view(1, 1, 28, 28)
        assert torch.allclose(found, model.probabilities(expected), atol=1e-3)
        drawn = engine_page.evaluate(DRAW, [f"{name}-{gated}", None, z[0].tolist()])
    difference = np.flatnonzero(np.array(drawn["white"]) != (expected.flatten() > 0).int().numpy())
    if len(difference):  # the first; what comes after it follows from it
        first = difference[0]
        assert abs(torch.sigmoid(torch.tensor(drawn["logits"][first])) - (z[0, first] + 1) / 2) < 1e-3


def test_surprises_add_up_to_the_log_likelihood(engine_page):
    model = build("pixelcnn", **tiny_config("pixelcnn", hidden=6)).eval()
    offer(engine_page, model, "surprised")
    x = torch.randn(1, 1, 28, 28).sign()
    given = engine_page.evaluate(DRAW, ["surprised", (x.flatten() > 0).tolist(), None])
    nats = engine_page.evaluate("({ logits, white }) => logits.reduce((sum, logit, i) => "
                                "sum + gm.pixels.surprise(logit, white[i]), 0)", given)
    with torch.no_grad():
        assert nats == pytest.approx(-float(model.log_prob(x)), rel=1e-4)


# ---- The activity


def test_picture_draws_itself_without_a_request_or_a_visitor_begins_and_the_model_ends(browser, small_server):
    held = []

    def hold_weights(page) -> None:
        page.route("**/gm/weights/**", lambda route: held.append(route))

    with visit(browser, small_server, "desktop", PIXELS, prepare=hold_weights) as page:
        expect(page.locator(f"{BOARD}[inert]")).to_be_visible()  # in its place
        expect(page.locator(".gm-loading").locator("visible=true")).to_have_text("Loading the model…")
        page.unroute("**/gm/weights/**")  # goes on with what was held
        page.wait_for_selector(f"{BOARD}:not([inert])")
        expect(page.locator(".gm-loading").locator("visible=true")).to_have_count(0)
        for screen in ("projector", "desktop"):
            page.set_viewport_size(SCREENS[screen]["viewport"])
            assert outside(page, ".gm-pixel-picture", ".gm-pixel-tools button", ".gm-pixel-heat", TOTAL) == [], screen
        page.wait_for_function("location.hash.includes('&w=')")  # as the last thing that a visit brings about
        page.wait_for_load_state("networkidle")
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        tap(by_role(page, "button", "From the start"))
        by_role(page, "slider", "Speed").press("End")
        expect(page.locator(TOTAL)).to_contain_text("784 of 784")
        tap(by_role(page, "button", "One pixel"))
        tap(by_role(page, "button", "One pixel"))
        expect(page.locator(TOTAL)).to_contain_text(" 1 of 784")
        assert requests == []
        tap(page.get_by_text("You begin"))
        start, end = points_in(page.locator(".gm-pixel-picture"), (0.3, 0.3), (0.6, 0.3))
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move(*end, steps=4)
        page.locator(".gm-pixel-picture").evaluate("""(pad) => {  // a second finger
            const { left, bottom } = pad.getBoundingClientRect();
            const place = { clientX: left + 9, clientY: bottom - 9 };
            pad.dispatchEvent(new PointerEvent('pointermove', { pointerId: 99, ...place }));
        }""")
        page.mouse.up()
        assert page.evaluate("""() => {
            const context = document.querySelector('.gm-pixel-image').getContext('2d');
            return context.getImageData(0, 14, 28, 14).data.every((level, i) => i % 4 === 3 || !level);
        }""")
        expect(page.locator(TOTAL)).to_contain_text("Your whole drawing")
        endings = page.locator(".gm-pixel-endings canvas[aria-label]")
        expect(endings).to_have_count(8)
        given = page.evaluate("""() => {
            const rows = (canvas) => {
                const { data } = canvas.getContext('2d').getImageData(0, 0, 28, 14);
                return [...data].join();
            };
            const picture = rows(document.querySelector('.gm-pixel-image'));
            return [...document.querySelectorAll('.gm-pixel-endings canvas')].every((one) => rows(one) === picture);
        }""")
        assert given
        page.locator(".gm-pixel-picture").press("ArrowRight")
        expect(page.locator(".gm-pixel-status")).to_contain_text("Row")


@pytest.mark.slow
def test_without_such_a_model_the_activity_says_so(browser, tmp_path_factory):
    root = tmp_path_factory.mktemp("others")
    save_checkpoint(build("gan", **tiny_config("gan")).eval(), "gan", root / "gan")
    with serve(root, tmp_path_factory.mktemp("log")) as address, visit(browser, address, path=PIXELS) as page:
        expect(page.locator("#gm-tab-pixels .gm-note").locator("visible=true")).to_contain_text("No model is available")
        expect(page.locator(BOARD)).to_be_hidden()
