"""Accessibility: names, keyboard, small screens, both themes, reduced motion."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from browser.helpers import (
    ANIMATION,
    CELLS,
    DETAIL,
    GRID,
    LENS,
    RESULT,
    STAGE,
    STYLES,
    TRAVERSAL,
    choose_model,
    expect,
    expect_fits,
    expect_message,
    open_tab,
    phone_only,
    visit,
    wait_changed,
    wait_for_decoder,
    wait_painted,
    wait_result,
    wait_settled,
)
from browser.pictures import TWO_DIGITS, UNREADABLE, file_of, upload

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

NAMED_ROLES = {"image", "img", "Canvas", "button", "link", "slider", "spinbutton", "textbox", "combobox", "radio",
               "checkbox", "tab", "application"}


# Each tab in use; in Write with a message on what is typed, in Reconstruct with one on a file.
USE_TAB: dict[str, Callable[[Page], object]] = {
    "Start": lambda page: (wait_for_decoder(page, "opening"), page.locator(STAGE).press("Home")),
    "Sample": lambda page: (wait_painted(page, GRID, 36), page.locator(CELLS).first.click(),
                            expect(page.locator(DETAIL + " img").first).to_be_visible(),
                            page.get_by_role("button", name="Walk through latent space").click(),
                            page.get_by_role("button", name="Walk", exact=True).click(),
                            expect(page.locator(ANIMATION)).to_be_visible()),
    "Latents": lambda page: (wait_painted(page, TRAVERSAL, 50), choose_model(page, "latents", "InfoGAN"),
                             expect(page.locator("#gm-latent-explorer .gm-categories label")).to_have_count(10)),
    "Mesh": lambda page: (wait_for_decoder(page, "mesh-explorer"), page.get_by_role("button", name="Pause").click(),
                          page.locator("#gm-mesh-explorer .gm-mesh-view").first.press("ArrowLeft")),
    "Boards": lambda page: (page.wait_for_selector(".gm-code-boards[data-boards]"),
                            page.locator(".gm-code-board").first.press("ArrowRight"),
                            page.locator(".gm-code-board").first.press("Enter"),
                            expect(page.locator(".gm-code-choice").first).to_be_visible()),
    "Posterior": lambda page: (
        page.wait_for_selector("#gm-posterior-map[data-studied], #gm-posterior-map [data-studied]", state="attached"),
        expect(page.locator("#gm-mixture-posterior [role=status]")).not_to_be_empty()),
    "Classify": lambda page: (page.get_by_role("button", name="drawn example, 3").click(),
                              page.wait_for_selector("#gm-classifiers[data-answered], #gm-classifiers [data-answered]",
                                                     state="attached")),
    "Write": lambda page: (wait_painted(page, STYLES, 50), page.locator("#gm-number input").fill("x"),
                           expect_message(page, "number", "Only the digits 0 to 9 can be written, not x")),
    "Describe": lambda page: (expect(page.locator("#gm-description .gm-describe-board button")).to_have_count(9),
                              page.locator("#gm-caption").fill("a blue seven"),
                              expect(page.locator(".gm-describe-passed")).to_contain_text("blue")),
    "Reconstruct": lambda page: (upload(page, file_of(TWO_DIGITS)),
                                 page.get_by_role("button", name="Digit 2 of 2").click(), wait_result(page),
                                 choose_model(page, "reconstruct", "Conditional VAE"),
                                 expect(page.locator(RESULT)).to_contain_text("Conditioning label"),
                                 upload(page, UNREADABLE),
                                 expect(page.locator("#gm-sketchpad [role=alert]")).to_contain_text("not a picture")),
}
GRADIO = ["footer img"]  # its description repeats the words of the button around it
BY_THEME = {"runOnly": ["color-contrast"]}  # the one rule whose outcome depends on the theme


def check(page: Page, tab: str, **options: object) -> None:
    """axe-core must find nothing wrong with the open tab."""
    from axe_playwright_python.base import AXE_SCRIPT  # not at the top: without a browser it is not needed

    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # Neither faded, as what is being computed, nor between two colors.
    page.wait_for_function("!document.querySelector('.pending') && "
                           "document.getAnimations().every((animation) => animation.playState !== 'running')")
    found = page.evaluate("async ([context, options]) => (await axe.run(context, options)).violations",
                          [{"exclude": GRADIO}, {"resultTypes": ["violations"]} | options])
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == [], tab


def test_all_controls_have_accessible_names_and_axe_finds_nothing(page):
    """In both themes."""
    session = page.context.new_cdp_session(page)
    for tab in USE_TAB:
        open_tab(page, tab)
        USE_TAB[tab](page)
        check(page, tab)
        page.evaluate("document.body.classList.add('dark')")
        check(page, tab, **BY_THEME)
        page.evaluate("document.body.classList.remove('dark')")
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
        tabs = {"Start": 4, "Classify": 4}.get(tab, 9)
        assert roles.count("tab") == tabs and roles.count("button") > 5
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
              "Variety (truncation)", "DCGAN, picture 0", "Walk through latent space"]
    places = [reached.index(name) for name in wanted]
    assert places == sorted(places)


@pytest.mark.slow  # in Spanish, whose words are longer, the tour on a phone is always made
@phone_only
def test_no_horizontal_overflow_on_a_phone(page):
    for tab in USE_TAB:
        open_tab(page, tab)
        USE_TAB[tab](page)
        expect_fits(page)


def test_reduced_motion_starts_paused(browser, server):
    with visit(browser, server, path="") as page:
        wait_for_decoder(page, "opening")
        page.emulate_media(reduced_motion="reduce")
        before = wait_settled(page, LENS)
        page.locator(STAGE).hover(position={"x": 20, "y": 20})  # the hand still moves the lens
        wait_changed(page, LENS, before)
        open_tab(page, "Sample")
        page.get_by_role("button", name="Walk through latent space").click()
        page.get_by_role("button", name="Walk", exact=True).click()
        expect(page.get_by_role("button", name="Play")).to_be_visible()
