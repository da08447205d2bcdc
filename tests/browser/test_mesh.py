"""The Mesh tab: bodies that the page decodes and draws, moved by sliders, walks and drags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import genmodels
from browser.helpers import (
    POLLING,
    by_role,
    drag,
    expect,
    on_phone,
    open_tab,
    outside,
    points_in,
    visit,
    wait_for_decoder,
)
from genmodels import checkpoint

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
EXPLORER = "#gm-mesh-explorer"
VIEWS, SLIDERS = f"{EXPLORER} .gm-mesh-view", f"{EXPLORER} .gm-mesh-sliders input"
VOLUMES, WAY = f"{EXPLORER} figcaption output", f"{EXPLORER} .gm-mesh-way input"


def open_mesh(page: Page) -> None:
    """The tab with its bodies at rest."""
    open_tab(page, "Mesh")
    wait_for_decoder(page, "mesh-explorer")
    by_role(page, "button", "Pause").click()
    assert pictures(page, 2)


def pictures(page: Page, count: int, different: list[str] | None = None) -> list[str]:
    """What is drawn of each body in sight, once there are so many, each other than one of those given."""
    shown = """(selector) => [...document.querySelectorAll(selector)].filter((canvas) => canvas.offsetParent)
        .map((canvas) => canvas.toDataURL())"""
    page.wait_for_function(f"""([selector, count, before]) => {{
        const now = ({shown})(selector);
        return now.length === count && now.every((picture, i) => picture.length > 2000 && picture !== before[i]);
    }}""", arg=[VIEWS, count, different or []], polling=POLLING)
    return page.evaluate(shown, VIEWS)


def positions(page: Page) -> np.ndarray:
    """Where the sliders stand."""
    return np.array(page.locator(SLIDERS).evaluate_all("(all) => all.map((input) => Number(input.value))"))


def volumes(page: Page) -> list[float]:
    """What the captions say of the bodies in sight, in percent."""
    shown = page.locator(VOLUMES).locator("visible=true").all_inner_texts()
    return [float(text.split()[1].rstrip("%").replace("\u2212", "-")) for text in shown]


@pytest.fixture(scope="module")
def resting(visitor) -> Page:
    """One visitor's page with its bodies at rest."""
    open_mesh(visitor)
    return visitor


@on_phone
def test_a_slider_a_walk_and_a_drag_move_the_bodies_and_send_no_request(page):
    open_mesh(page)
    page.evaluate("scrollTo(0, 0)")
    assert outside(page, VIEWS, WAY, VOLUMES) == []  # causes and effects are seen together
    urls, before = [], pictures(page, 2)
    page.on("request", lambda request: urls.append(request.url))
    slider = page.locator(SLIDERS).first
    start, end = points_in(slider, (0.5, 0.5), (0.9, 0.5))
    drag(page, start, end)
    after = pictures(page, 2, before)
    assert float(slider.input_value()) > 0.5
    page.locator(WAY).press("Home")
    expect(page.locator(WAY)).to_have_attribute("aria-valuetext", "0% of the way")
    walked = pictures(page, 2, after)
    view = page.locator(VIEWS).first
    start, end = points_in(view, (0.3, 0.5), (0.8, 0.5))
    drag(page, start, end)
    turned = pictures(page, 2, walked)
    view.press("ArrowLeft")
    assert pictures(page, 2, turned)
    by_role(page, "button", "Reset").click()
    page.wait_for_function("""(sliders) => [...document.querySelectorAll(sliders)].every(
        (input) => Math.abs(input.value) < 0.02)""", arg=SLIDERS)
    assert [url for url in urls if "heartbeat" not in url] == []


def test_what_goes_straight_loses_volume_and_what_turns_does_not(resting):
    """Halfway between a body bent this way and one bent that way."""
    page = resting
    assert outside(page, VIEWS, WAY, VOLUMES) == []
    page.locator(f"{EXPLORER} .gm-mesh-kinds label").nth(2).click()
    pictures(page, 3)
    by_rotations, by_positions, straight = volumes(page)
    assert abs(by_rotations) < 8 and straight < -15 and by_positions < by_rotations


def test_the_page_computes_the_vertices_that_torch_does(resting):
    """With each build of the kernel, and without any."""
    for name in ("meshvae", "meshvae_positions"):
        model = genmodels.load(name)
        z = model.latent.sample(3, range(5)).z
        expected = model.decode_mesh(z)
        expected = (expected - expected.mean(1, keepdim=True)).numpy()
        for skip in range(3):
            found = resting.evaluate("""async ([name, skip, rows]) => {
                const decoder = await gm.engine.createMesh(name, skip);
                return rows.map((z) => [...decoder.decode(z)]);
            }""", [name, skip, z.tolist()])
            assert np.abs(np.reshape(found, expected.shape) - expected).max() < 2e-4, (name, skip)


def next_link(page, before: str) -> str:
    """The link of what is shown, once that has settled."""
    return page.wait_for_function("(before) => gm.state.link() !== before && gm.state.link()", arg=before).json_value()


@pytest.mark.slow
def test_a_link_shows_the_same_body_and_webgl_draws_where_there_is_a_gpu(browser, server):
    """Elsewhere, as in these tests, the painter's algorithm does, which is faster than WebGL in software."""
    claim_gpu = """const { getParameter } = WebGLRenderingContext.prototype;
        WebGLRenderingContext.prototype.getParameter = function (name) {
            return name === 0x9246 ? 'a GPU' : getParameter.call(this, name);
        };"""
    with visit(browser, server, path="#a=mesh") as page:
        wait_for_decoder(page, "mesh-explorer")
        by_role(page, "button", "Pause").click()
        assert page.locator(VIEWS).first.get_attribute("data-by") == "painter"
        kinds = page.locator(f"{EXPLORER} .gm-mesh-kinds input")
        for kind in (0, 1, 1):  # the last one stays
            kinds.nth(kind).click(force=True)
        assert page.locator(VIEWS).locator("visible=true").count() == 1
        kinds.nth(0).click(force=True)
        shapes = page.locator(f"{EXPLORER} .gm-mesh-from .gm-mesh-shape")
        chosen = [shape.evaluate("(canvas) => canvas.toDataURL()") for shape in (shapes.nth(0), shapes.nth(2))]
        link = page.evaluate("gm.state.link()")
        page.locator(f"{EXPLORER} .gm-mesh-from input").nth(2).click(force=True)  # in the color of what is chosen
        assert shapes.nth(0).evaluate("(canvas) => canvas.toDataURL()") != chosen[0]
        assert shapes.nth(2).evaluate("(canvas) => canvas.toDataURL()") != chosen[1]
        link = next_link(page, link)
        page.locator(SLIDERS).nth(1).fill("0.75")
        link, shown = next_link(page, link).removeprefix(server), positions(page)
    with visit(browser, server, path=link, prepare=lambda page: page.add_init_script(claim_gpu)) as page:
        wait_for_decoder(page, "mesh-explorer")
        expect(page.locator(VIEWS).first).to_have_attribute("data-by", "webgl")
        gray = np.array(page.evaluate("[...gm.offers()[0].sheet.pixels]"))
        assert gray.std() > 10  # what is drawn can be taken away
        assert np.allclose(positions(page), shown, atol=0.011)
        expect(by_role(page, "button", "Play")).to_be_visible()  # what a link shows stays


def test_properties_are_named_in_the_order_of_the_card(resting):
    names = checkpoint.read_card("meshvae").latent_stats["parameters"]["names"]
    assert resting.locator(f"{EXPLORER} .gm-mesh-sliders label").all_inner_texts() == names
