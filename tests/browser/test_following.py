"""What follows the hand is computed in the page, without a request; by the server where the page cannot."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import genmodels
from browser.gray_levels import assert_close, from_base64
from browser.helpers import (
    EXPLORED,
    GRID,
    MAP,
    PAD,
    PREVIEW,
    SKETCHPAD,
    TRAVERSAL,
    choose_model,
    expect,
    open_tab,
    points_in,
    read_pixels,
    visit,
    wait_changed,
    wait_for_decoder,
    wait_painted,
    wait_result,
    wait_settled,
)
from genmodels import images
from genmodels.latents import Latents
from genmodels.ui.api.uploads import frame_digits

pytestmark = pytest.mark.browser


def test_dragging_in_the_explorer_sends_no_request(page):
    open_tab(page, "Latents")
    wait_painted(page, MAP, 1)
    wait_painted(page, TRAVERSAL, 50)
    wait_for_decoder(page)
    wait_settled(page, TRAVERSAL)
    urls, before = [], wait_painted(page, EXPLORED, 1)
    page.on("request", lambda request: urls.append(request.url))
    pad = page.locator(PAD)
    (x, y), (to_x, to_y) = points_in(pad, (0.2, 0.2), (0.8, 0.7))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=30)  # in less than the 300 ms at rest after which the traversal is requested
    assert [url for url in urls if "heartbeat" not in url] == []
    page.mouse.up()
    wait_changed(page, EXPLORED, before)


@pytest.mark.slow
def test_dragging_truncation_sends_no_request(page):
    """Nothing is fetched before the slider is touched; its images are the server's to one gray level."""
    urls = []
    page.on("request", lambda request: urls.append(request.url))
    before, slider = wait_painted(page, GRID, 36), page.get_by_role("slider", name="Truncation")
    assert not [url for url in urls if "/gm/weights/" in url]
    (x, y), (to_x, _) = points_in(slider, (0.98, 0.5), (0.4, 0.5))
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_selector("#gm-samples[data-engine=page], #gm-samples [data-engine=page]", state="attached")
    urls.clear()
    page.mouse.move(to_x, y, steps=20)
    wait_changed(page, GRID, before)
    found = wait_settled(page, GRID)
    assert [url for url in urls if "heartbeat" not in url] == []
    page.mouse.up()  # the picture in detail is the server's
    assert wait_settled(page, GRID) == found
    model = genmodels.load("dcgan")
    latents = model.latent.sample(0, range(36))
    z = model.latent.truncate(latents.z, float(slider.input_value()))
    assert_close(from_base64(found, 28, 28), images.to_uint8(model.generate(Latents(z))))


@pytest.mark.slow
def test_a_slow_page_asks_a_quicker_server_unless_others_wait_for_it(page):
    asked, others = [], {"X-Waiting": "0"}

    def answer(route) -> None:
        asked.append(route.request.post_data)
        found = route.fetch()
        route.fulfill(response=found, headers=found.headers | others)

    def move() -> int:
        """How many requests one step of the slider takes."""
        asked.clear()
        before = read_pixels(page, GRID)
        slider.press("ArrowLeft")
        wait_changed(page, GRID, before)
        wait_settled(page, GRID)
        return len(asked)

    wait_painted(page, GRID, 36)
    page.route("**/gm/generate/sample", answer)
    slider = page.get_by_role("slider", name="Truncation")
    slider.focus()
    page.wait_for_selector("#gm-samples[data-engine=page], #gm-samples [data-engine=page]", state="attached")
    assert move() == 0
    page.evaluate("gm.engine.loadGrid('dcgan').then((grid) => { grid.ms = 1000; grid.use = () => {}; })")
    assert move() >= 1 and move() >= 1  # it is slow now, and the server was quicker
    others["X-Waiting"] = "3"
    assert move() >= 1
    assert move() == 0


def test_the_reconstruction_follows_the_pen(page):
    """Without a request, and as the server would frame and reconstruct what is drawn so far; then comes its answer."""
    open_tab(page, "Reconstruct")
    canvas, preview = page.locator(SKETCHPAD), page.locator(PREVIEW).first
    points = points_in(canvas, (0.3, 0.2), (0.7, 0.25), (0.5, 0.6), (0.72, 0.8))
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=4)
    expect(preview).to_be_visible()
    urls, before = [], read_pixels(page, PREVIEW)
    page.on("request", lambda request: urls.append(request.url))
    for point in points[2:]:
        page.mouse.move(*point, steps=8)
    wait_changed(page, PREVIEW, before)
    shown = wait_settled(page, PREVIEW)
    assert [url for url in urls if "heartbeat" not in url] == []
    drawn = from_base64(read_pixels(page, SKETCHPAD), 280, 280)[0]
    framed, back = np.split(from_base64(shown, 28, 28), 2)
    assert_close(framed, frame_digits(np.stack([drawn] * 3, -1), 28, 28).framed)
    model = genmodels.load("vae")
    with torch.inference_mode():
        assert_close(back, model.render(model.reconstruct(images.from_uint8(framed))))
    page.mouse.up()
    wait_result(page)
    expect(preview).to_be_hidden()


@pytest.mark.parametrize("obstacle", ["no plan, no weights", "no WebAssembly, and slow"])
def test_server_decodes_where_the_page_cannot(browser, server, obstacle):
    def hinder(page) -> None:
        if "plan" in obstacle:  # of one model there is no plan, of the other there are no weights
            page.route("**/gm/plan/vae2d", lambda route: route.fulfill(body="{}"))
            page.route("**/gm/weights/**", lambda route: route.fulfill(body='{"error": "gone"}'))
        else:
            page.add_init_script("let n = 0; delete WebAssembly.instantiate; performance.now = () => 100 * n++;")

    with visit(browser, server, path="#a=latents", prepare=hinder) as page:
        middle = wait_painted(page, EXPLORED, 1)
        page.locator(PAD).press("Shift+ArrowRight")
        wait_changed(page, EXPLORED, middle)
        assert page.locator("#gm-latent-explorer [data-engine=page]").count() == 0
        if "weights" in obstacle:
            choose_model(page, "latents", "VAE of faces, 2-D")
            page.wait_for_function("([selector]) => document.querySelector(selector).width === 20", arg=[EXPLORED])
            middle = wait_painted(page, EXPLORED, 1)
            page.locator(PAD).press("Shift+ArrowRight")
            wait_changed(page, EXPLORED, middle)
            assert page.locator("#gm-latent-explorer [data-engine=page]").count() == 0
