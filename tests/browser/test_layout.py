"""What is seen together: causes and effects on small screens, tiles of ink, and the lists of tabs."""

from __future__ import annotations

import pytest

from browser.helpers import (
    CELLS,
    DETAIL,
    GRID,
    RESULT,
    SKETCHPAD,
    STYLES,
    WRITTEN,
    choose_model,
    expect,
    leave,
    open_tab,
    tap,
    visit,
    wait_changed,
    wait_painted,
    wait_result,
)

pytestmark = pytest.mark.browser

HEADER = 110  # pixels that the title and both rows of tabs may take
# Selectors of what is in sight and not within the screen, once the first of them has been scrolled to.
OUT_OF_SIGHT = """(selectors) => {
  const find = (selector) => [...document.querySelectorAll(selector)].filter((found) => found.offsetParent);
  find(selectors[0])[0].scrollIntoView({ block: 'nearest' });
  return selectors.filter((selector) => !find(selector).length || find(selector).some((found) => {
    const box = found.getBoundingClientRect();
    return box.top < -1 || box.left < -1 || box.bottom > innerHeight + 1 || box.right > innerWidth + 1;
  }));
}"""


def out_of_sight(page, cause: str, *effects: str) -> list[str]:
    """Which of these are not on the screen at once, where the page is scrolled just as far as the cause needs it."""
    return page.evaluate(OUT_OF_SIGHT, [cause, *effects])


@pytest.mark.parametrize("page", ["projector", "phone"], indirect=True)
def test_causes_and_effects_are_seen_together(page):
    wait_painted(page, GRID, 36)
    expect(page.locator(DETAIL + " img").first).to_be_visible()
    place = page.locator(DETAIL + " img").first.bounding_box()
    assert out_of_sight(page, "#gm-sample-model", "#gm-samples .gm-grid", DETAIL + " img") == []
    tap(page.locator(CELLS).nth(35))
    expect(page.locator(DETAIL)).to_contain_text("picture 35")
    assert page.locator(DETAIL + " img").first.bounding_box() == place  # nothing has moved
    assert page.evaluate("scrollY") == 0
    for slider in ("#gm-count", "#gm-truncation"):
        assert out_of_sight(page, slider, "#gm-samples .gm-grid") == []
    open_tab(page, "Write")
    wait_painted(page, WRITTEN, 4)
    wait_painted(page, STYLES, 50)
    for cause in ("#gm-number", "#gm-style", "#gm-write-seed"):
        assert out_of_sight(page, cause, "#gm-written") == []
    assert out_of_sight(page, "#gm-style-rows .gm-range", STYLES) == []
    open_tab(page, "Reconstruct")
    page.evaluate("scrollTo(0, 0)")
    place = page.locator(SKETCHPAD).bounding_box()
    tap(page.get_by_role("button", name="drawn example, 3"))
    wait_result(page)
    assert out_of_sight(page, SKETCHPAD, RESULT + " .gm-results img", "#gm-example-strip button") == []
    assert page.locator(SKETCHPAD).bounding_box() == place  # not under the hand that draws, either
    heads = page.evaluate("""[...document.querySelectorAll('[role=tablist]')].filter((list) => list.offsetParent)
        .map((list) => list.getBoundingClientRect().bottom + scrollY)""")
    assert len(heads) == 2 and max(heads) <= HEADER


@pytest.mark.slow
def test_digits_are_ink_on_paper_and_photos_are_not(browser, server):
    def inverted(selector: str) -> bool:
        page.locator(selector).first.wait_for()
        return "invert" in page.locator(selector).first.evaluate("(found) => getComputedStyle(found).filter")

    with visit(browser, server) as page:
        pixels = wait_painted(page, GRID, 36)
        button = page.get_by_role("button", name="Digits as ink on paper")
        assert not inverted(GRID)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        assert inverted(GRID)
        assert wait_painted(page, GRID, 36) == pixels  # what is downloaded
        leave(page, page.reload)
        wait_painted(page, GRID, 36)
        assert inverted(GRID)
        choose_model(page, "sample", "VAE of faces, 2-D")
        wait_changed(page, GRID, pixels)
        assert not inverted(GRID)
        open_tab(page, "Reconstruct")
        choose_model(page, "reconstruct", "VAE")
        tap(page.get_by_role("button", name="drawn example, 3"))
        wait_result(page)
        assert inverted(SKETCHPAD) and inverted(RESULT + " img")
        assert not inverted(RESULT + " img.gm-colored")


@pytest.mark.slow
def test_a_model_is_chosen_when_its_images_are_there(browser, server):
    def pill(name: str):
        return page.locator(f"#gm-sample-model input[value={name}]")

    with visit(browser, server, expected="ERR_FAILED") as page:
        before = wait_painted(page, GRID, 36)
        held = []
        page.route("**/queue/join**", lambda route: held.append(route))
        choose_model(page, "sample", "GAN")
        expect(page.locator("#gm-sample-model .gm-pending")).to_have_text("GAN")
        expect(page.locator("#gm-sample-model fieldset")).to_have_attribute("aria-busy", "true")
        expect(pill("dcgan")).to_be_checked()
        page.unroute("**/queue/join**")  # goes on with what was held
        expect(pill("gan")).to_be_checked()
        after = wait_changed(page, GRID, before)
        expect(page.locator("#gm-sample-model .gm-pending")).to_have_count(0)
        page.route("**/queue/join**", lambda route: held.append(route))
        page.route("**/gm/file/**", lambda route: route.abort())
        choose_model(page, "sample", "VAE")
        expect(page.locator("#gm-sample-model [role=alert]")).to_contain_text("The server did not answer")
        expect(pill("gan")).to_be_checked()
        expect(page.locator("#gm-sample-model fieldset")).to_have_attribute("aria-busy", "false")
        assert wait_painted(page, GRID, 36) == after and "m=gan" in page.evaluate("gm.state.link()")
        page.unroute_all()


def test_lists_of_tabs_are_used_by_keyboard(visitor):
    page = visitor

    def tabs(row: int) -> list[tuple[str, int, str | None]]:
        return page.get_by_role("tablist").nth(row).evaluate("""(list) => [...list.querySelectorAll('[role=tab]')].map(
            (tab) => [tab.innerText, tab.tabIndex, tab.getAttribute('aria-selected')])""")

    open_tab(page, "Sample")
    wait_painted(page, GRID, 36)
    page.locator("#gm-group-generate-button").focus()
    for key, group in (("End", "Train"), ("ArrowRight", "Start"), ("ArrowLeft", "Train"),
                       ("Home", "Start"), ("ArrowRight", "Lesson"), ("ArrowRight", "Classify"),
                       ("ArrowRight", "Generate")):
        page.keyboard.press(key)
        tab = page.get_by_role("tab", name=group, exact=True)
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")
    page.locator("#gm-tab-sample-button").focus()
    page.keyboard.press("End")
    expect(page.locator("#gm-tab-collapse-button")).to_be_focused()
    for name in ("noise", "pixels", "describe", "write"):
        page.keyboard.press("ArrowLeft")
        expect(page.locator(f"#gm-tab-{name}-button")).to_be_focused()
    wait_painted(page, WRITTEN, 4)
    for row in (0, 1):
        stops = [(name, stop) for name, stop, _ in tabs(row) if stop == 0]
        assert stops == [(name, 0) for name, _, selected in tabs(row) if selected == "true"] and len(stops) == 1
    assert page.evaluate("""[...document.querySelectorAll('[role=tab][aria-controls]')]
        .filter((tab) => !document.getElementById(tab.getAttribute('aria-controls'))).length""") == 0
