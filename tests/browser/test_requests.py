"""Requests of the page while a slider is dragged, and none while it is idle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from browser.helpers import (
    GRID,
    TRAVERSAL,
    by_role,
    drag,
    open_tab,
    points_in,
    read_pixels,
    repainting,
    wait_changed,
    wait_close,
    wait_painted,
    wait_settled,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

REST = 300  # milliseconds; the grid requests its final images 200 ms after the last input


@contextmanager
def image_requests(page: Page) -> Iterator[list[list[dict]]]:
    """The payloads of all requests for images in the block; waits until the last one is answered."""
    payloads, pending = [], set()

    def started(request: object) -> None:
        if "/gm/generate/" in request.url:
            payloads.append(request.post_data_json)
            pending.add(request)

    page.on("request", started)
    page.on("requestfinished", lambda request: pending.discard(request))
    yield payloads
    page.wait_for_timeout(REST)
    while pending:
        page.wait_for_timeout(20)
    page.wait_for_timeout(50)  # three frames, to paint all images of the last answer


def expect_same_from_queue(page: Page, pixels: list[str]) -> None:
    """Sample the grid again by Gradio's own event, and compare."""
    with repainting(page, GRID):
        by_role(page, "textbox", "Seed").press("Enter")
    wait_close(page, GRID, pixels)


@pytest.mark.slow
def test_grid_follows_truncation_and_ends_at_its_last_value(page):
    before = wait_painted(page, GRID, 36)
    slider = page.get_by_role("slider", name="Truncation")
    start, middle, end = points_in(slider, (0.99, 0.5), (0.5, 0.5), (0.3, 0.5))
    with image_requests(page):
        drag(page, start, middle, end)
    moved = read_pixels(page, GRID)
    assert 0.2 < float(slider.input_value()) < 0.4 and moved != before
    wait_settled(page, GRID)
    wait_close(page, GRID, moved)
    expect_same_from_queue(page, moved)


@pytest.mark.slow
def test_slow_network_batches_two_grids_per_request(page):
    before = wait_painted(page, GRID, 36)
    page.route("**/gm/plan/*", lambda route: route.fulfill(body="{}"))  # so that the page does not draw by itself soon
    network = page.context.new_cdp_session(page)
    network.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1})
    with image_requests(page) as payloads:
        page.evaluate("""() => new Promise((done) => {
            const slider = document.querySelector('#gm-truncation input[type=range]');
            let left = 150;
            const step = () => {
                slider.value = 0.3 + left / 400;
                slider.dispatchEvent(new Event('input', { bubbles: true }));
                if (left-- > 0) return requestAnimationFrame(step);
                slider.dispatchEvent(new Event('change', { bubbles: true }));
                done();
            };
            step();
        })""")
        wait_changed(page, GRID, before)
    assert {len(batch) for batch in payloads} == {1, 2}
    expect_same_from_queue(page, read_pixels(page, GRID))


def test_idle_page_sends_no_requests(visitor):
    page = visitor
    open_tab(page, "Latents")
    before = wait_painted(page, TRAVERSAL, 50)
    by_role(page, "button", "Randomize").click()
    wait_changed(page, TRAVERSAL, before)
    page.wait_for_timeout(REST)
    urls = []
    page.on("request", lambda request: urls.append(request.url))
    page.wait_for_timeout(1000)
    assert [url for url in urls if "heartbeat" not in url] == []


def test_a_first_value_from_a_file_stays_when_gradio_puts_its_name_back(visitor):
    seen = visitor.evaluate("""async () => {
        const name = (JSON.stringify(gradio_config).match(/"\\$file":"(\\w+\\.json)"/) || [])[1];
        const props = { value: { $file: name } }, values = [];
        gm.components.probe = (element, view) => {
            values.push(Object.keys(view.value));
            props.value = { $file: name };
            values.push(Object.keys(view.value));
            view.value = { now: 1 };
            values.push(Object.keys(props.value));
        };
        await gm.mountNow('probe', null, props);
        return values;
    }""")
    assert "shape" in seen[0] and seen[1] == seen[0] and seen[2] == ["now"]
