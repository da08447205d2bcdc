"""Accessibility: names, keyboard, small screens, contrast, reduced motion."""

from __future__ import annotations

import pytest

from browser.helpers import (
    GRID,
    USE_TAB,
    expect,
    open_tab,
    phone_only,
    visit,
    wait_painted,
)

pytestmark = pytest.mark.browser

NAMED_ROLES = {"image", "img", "Canvas", "button", "link", "slider", "spinbutton", "textbox", "combobox", "radio",
               "checkbox", "tab", "application"}


def test_all_controls_have_accessible_names(page):
    session = page.context.new_cdp_session(page)
    for tab, use in USE_TAB.items():
        open_tab(page, tab)
        use(page)
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
        assert roles.count("tab") == 4 and roles.count("button") > 5
        nameless = [node for node in nodes if not node["ignored"] and node["role"]["value"] in NAMED_ROLES
                    and not node.get("name", {}).get("value", "").strip()]
        found = [session.send("DOM.resolveNode", {"backendNodeId": node["backendDOMNodeId"]})["object"]["description"]
                 for node in nameless]
        assert [name for name in found if not name.startswith("svg.dropdown-arrow")] == [], tab  # gradio's own


def test_tab_key_reaches_all_controls_in_order(page):
    wait_painted(page, GRID, 36)
    page.locator("h1").click()
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("""() => {
            const at = document.activeElement;
            return at.getAttribute('aria-label') || at.labels?.[0]?.innerText || at.innerText || at.title || '';
        }""").split("\n")[0].strip())
        if reached[-1].startswith("Settings"):
            break
    assert [name for name in reached if not name] == []
    wanted = ["Sample", "DCGAN", "number input for Pictures", "range slider for Pictures", "Seed", "New seed",
              "Truncation", "DCGAN, picture 0", "Download PNG", "Walk through latent space"]
    places = [reached.index(name) for name in wanted]
    assert places == sorted(places)


@phone_only
def test_no_horizontal_overflow_on_a_phone(page):
    for tab, use in USE_TAB.items():
        open_tab(page, tab)
        use(page)
        wide = page.evaluate("""() => [...document.querySelectorAll('.gradio-container *')].filter((e) => {
            const box = e.getBoundingClientRect();
            return box.width && box.height && box.right > innerWidth + 1 && getComputedStyle(e).position !== 'fixed';
        }).slice(0, 5).map((e) => e.outerHTML.slice(0, 100))""")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, (tab, wide)
        assert page.evaluate("innerWidth") == 390, (tab, wide)  # a page too wide is zoomed out


# The contrast ratio (WCAG 2) of each visible element's text to the first opaque background behind it.
CONTRAST = """(selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility()).map((e) => {
  const parse = (text) => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92
    : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let behind = e, back = parse(getComputedStyle(e).backgroundColor);
  while (back.length === 4 && back[3] === 0 && behind.parentElement) {
    behind = behind.parentElement;
    back = parse(getComputedStyle(behind).backgroundColor);
  }
  const [a, b] = [luminance(parse(getComputedStyle(e).color)), luminance(back)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
})"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_contrast_in_both_themes(browser, server, theme):
    with visit(browser, server, path=f"?__theme={theme}") as page:
        wait_painted(page, GRID, 36)
        page.add_style_tag(content="* { transition: none !important; }")  # colors at once, not faded
        assert page.evaluate("document.body.classList.contains('dark')") == (theme == "dark")
        for tab in USE_TAB:
            open_tab(page, tab)
            for selector in ("h1", ".gm-intro p", ".gm-option span", ".gm-note", ".gm-note a", ".gm-button:enabled",
                             "button[role=tab]"):
                for ratio in page.evaluate(CONTRAST, selector):
                    assert ratio >= 4.5, (tab, selector, ratio)


def test_reduced_motion_starts_paused(browser, server):
    with visit(browser, server) as page:
        page.emulate_media(reduced_motion="reduce")
        page.reload()
        wait_painted(page, GRID, 36)
        page.get_by_role("button", name="Walk through latent space").click()
        page.get_by_role("button", name="Walk", exact=True).click()
        expect(page.get_by_role("button", name="Play")).to_be_visible()
