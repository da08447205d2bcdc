"""The story: read scene by scene, and presented with a clicker's keys while the network is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from browser.helpers import by_role, expect, expect_fits, leave, phone_only, tap, visit, wait_arrived
from genmodels.ui.page import GROUPS
from genmodels.ui.story import scenes_of
from genmodels.ui.text import CATALOGS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SCENES = [scene.name for scene in scenes_of({name for _, activities in GROUPS for name, _ in activities})]
FETCH_MS = 180_000  # that fetching all scenes may take on a machine that is busy
# What a scene is about can be seen: a picture that is painted, a figure or a list of sources.
IS_SHOWN = """() => {
  const seen = (selector) => [...document.querySelectorAll('[role=tabpanel] ' + selector)].filter(
    (found) => found.offsetParent || (found.ownerSVGElement === null && found.getClientRects().length));
  const isPainted = (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.some((level, i) => i % 4 < 3 && level);
  };
  return seen('canvas').some(isPainted) || seen('svg').length > 0 || seen('.gm-lesson-sources').length > 0;
}"""


def wait_scene(page: Page, name: str) -> None:
    page.wait_for_function("(name) => document.documentElement.dataset.story === name", arg=name)


@contextmanager
def offline(page: Page) -> Iterator[None]:
    page.context.set_offline(True)
    try:
        yield
    finally:
        page.context.set_offline(False)  # other visitors share the context


def open_lesson(page: Page) -> None:
    page.evaluate("location.hash = 'a=lesson'")
    page.wait_for_selector(".gm-lesson-list")


def slider(page: Page, name: str):
    return page.locator(f"#gm-convolution [name={name}]")


@pytest.mark.slow  # fetches and shows everything: a minute
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_talk_goes_on_without_the_network(browser, server, language):
    """Each scene shows what it is about, and none says that something is missing."""
    catalog = CATALOGS[language]
    still = "Element.prototype.requestFullscreen = () => Promise.reject(new Error('a window stays as large as it is'))"
    with visit(browser, server, "projector", f"?lang={language}#a=lesson",
               expected="ERR_INTERNET_DISCONNECTED", prepare=lambda page: page.add_init_script(still)) as page:
        page.wait_for_selector(".gm-lesson-list")
        page.keyboard.press("p")
        page.wait_for_selector(".gm-foot[data-fetched]", timeout=FETCH_MS)
        expect(page.locator(".gm-curtain")).to_be_hidden(timeout=FETCH_MS)
        with offline(page):
            for number, name in enumerate(SCENES):
                wait_scene(page, name)
                expect(page.locator(".gm-scene h2")).to_have_text(catalog[f"story.{name}.title"])
                page.wait_for_function(IS_SHOWN)
                expect(page.locator(".gm-foot")).to_contain_text(f"{number + 1} / {len(SCENES)}")
                assert page.locator(".gm-error:visible").all_inner_texts() == [], name
                expect_fits(page)
                page.keyboard.press("PageDown")
            page.keyboard.press("Home")
            wait_scene(page, SCENES[0])


def test_the_keys_of_a_talk(page):
    """A clicker's keys always change the scene, arrows only where nothing has its own use for them."""
    open_lesson(page)
    page.evaluate("gm.story.load().then((story) => story.show('convolution'))")
    wait_scene(page, "convolution")
    page.evaluate("gm.state.set({ present: 1 }).then(() => gm.story.arrived())")
    expect(page.get_by_role("tab")).to_have_count(0)
    slider(page, "i").focus()
    page.keyboard.press("ArrowRight")
    expect(slider(page, "i")).to_have_value("6")
    page.keyboard.press("r")  # as it was set up
    expect(slider(page, "i")).to_have_value("5")
    slider(page, "i").focus()
    page.keyboard.press("PageUp")
    wait_scene(page, SCENES[SCENES.index("convolution") - 1])
    page.keyboard.press(" ")
    wait_scene(page, "convolution")
    expect(slider(page, "i")).to_have_value("5")
    page.keyboard.press("b")
    expect(page.locator(".gm-blank")).to_be_visible()
    page.keyboard.press("b")
    expect(page.locator(".gm-blank")).to_be_hidden()
    leave(page, page.reload)
    wait_scene(page, "convolution")
    expect(page.locator(".gm-foot")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".gm-foot")).to_be_hidden()
    expect(page.locator(".gm-scene h2")).to_be_visible()


@phone_only
def test_a_student_reads_the_lesson_and_goes_on(page):
    open_lesson(page)
    tap(page.locator(".gm-lesson-list button").nth(SCENES.index("map")))
    wait_scene(page, "map")
    tap(by_role(page, "button", CATALOGS["en"]["story.next"]))
    wait_scene(page, "blur")
    expect_fits(page)
    tap(by_role(page, "button", CATALOGS["en"]["story.back"]))
    wait_scene(page, "map")
    expect(page.locator(".gm-models:visible .gm-option:visible")).to_have_count(1)  # the scene's model
    tap(by_role(page, "button", CATALOGS["en"]["story.go_on"].format(activity=CATALOGS["en"]["tab.latents"])))
    page.wait_for_function("!document.documentElement.dataset.story && gm.activity() === 'latents'")
    expect(page.get_by_role("tab", selected=True).last).to_be_visible()
    assert "m=vae2d" in page.url and "z=" in page.url  # the scene's state is carried along
    page.go_back()
    wait_arrived(page)


def test_the_figure_of_convolutions_counts_sizes(page):
    open_lesson(page)
    page.evaluate("gm.story.load().then((story) => story.show('convolution'))")
    formula, output = page.locator(".gm-convolution-formula"), page.locator(".gm-convolution-output rect")
    expect(formula).to_contain_text("= 3")
    expect(output).to_have_count(9)
    page.locator("#gm-convolution [value=transposed]").check()
    slider(page, "i").fill("7")
    slider(page, "k").fill("4")
    expect(formula).to_contain_text("= 14")
    expect(page.locator(".gm-convolution-output g:not([class*=gm-margin])")).to_have_count(14 * 14)
    page.locator("#gm-convolution [value=convolution]").check()
    slider(page, "i").fill("2")
    slider(page, "d").fill("2")
    slider(page, "p").fill("0")
    expect(formula).to_have_text(CATALOGS["en"]["convolution.formula.impossible"])
