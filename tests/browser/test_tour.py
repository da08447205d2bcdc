"""A walk through all activities, each in use: whatever holds for every one of them is looked at here."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from browser.helpers import (
    ANIMATION,
    CELLS,
    DETAIL,
    GRID,
    RESULT,
    SAMPLE,
    SCREENS,
    STAGE,
    STYLES,
    TRAVERSAL,
    WRITTEN,
    by_role,
    choose_model,
    expect,
    expect_fits,
    expect_message,
    open_tab,
    tap,
    visit,
    wait_changed,
    wait_for_decoder,
    wait_painted,
    wait_result,
)
from browser.pictures import TWO_DIGITS, UNREADABLE, file_of, upload
from genmodels.ui.text import CATALOGS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@dataclasses.dataclass
class Tour:
    """A visitor's page and language."""

    page: Page
    language: str

    def text(self, key: str, **values: object) -> str:
        return CATALOGS[self.language][key].format(**values)

    def press(self, key: str, exact: bool = True, **values: object) -> None:
        tap(by_role(self.page, "button", self.text(key, **values), exact=exact))


# ---- Each activity in use; in Write with a message on what is typed, in Reconstruct with one on a file


def use_start(tour: Tour) -> None:
    wait_for_decoder(tour.page, "opening")
    tour.page.locator(STAGE).press("Home")


def use_lesson(tour: Tour) -> None:
    assert tour.page.locator(".gm-lesson-list button").count() >= 12
    expect(tour.page.locator(".gm-lesson-list button").first).to_have_text(tour.text("story.opening.title"))


def use_sample(tour: Tour) -> None:
    page = tour.page
    wait_painted(page, GRID, 36)
    tap(page.locator(CELLS).first)
    expect(page.locator(DETAIL)).to_contain_text(
        {"en": "Classifier predicts", "es": "El clasificador lee"}[tour.language])
    tour.press("walk.title", exact=False)  # and an arrow
    tour.press("walk.start")
    expect(page.locator(ANIMATION)).to_be_visible()
    by_role(page, "textbox", tour.text("seed.label")).fill("abc")
    expect_message(page, "sample-seed", tour.text("error.seed", max=2**32 - 1, given="'abc'"))


def use_write(tour: Tour) -> None:
    page = tour.page
    wait_painted(page, STYLES, 50)
    written = wait_painted(page, WRITTEN, 4)
    choose_model(page, "write", tour.text("models.cvae.title"))
    wait_changed(page, WRITTEN, written)
    page.locator("#gm-number input").fill("x")
    expect_message(page, "number", tour.text("error.cannot_be_written", first=0, last=9, given="x",
                                              kind={"en": "digits", "es": "dígitos"}[tour.language]))


def use_describe(tour: Tour) -> None:
    page = tour.page
    expect(page.locator("#gm-caption")).to_have_value(tour.text("describe.example"))
    page.locator("#gm-caption").fill({"en": "a blue seven", "es": "un siete azul"}[tour.language])
    expect(page.locator(".gm-describe-passed")).to_have_text(
        tour.text("describe.unknown", words={"en": "blue", "es": "azul"}[tour.language]))


def use_pixels(tour: Tour) -> None:
    tour.page.wait_for_selector(".gm-pixel-board:not([inert])")
    tour.press("pixels.pause")
    tour.press("pixels.step")


def use_noise(tour: Tour) -> None:
    tour.page.wait_for_selector(".gm-noise[data-ready]:not([data-busy])")


def use_collapse(tour: Tour) -> None:
    page = tour.page
    page.wait_for_selector("#gm-mode-cubes [data-engine=page]")
    page.locator("#gm-mode-cubes .gm-modes-canvas").first.press("ArrowLeft")
    page.get_by_text(tour.text("collapse.view.layers")).locator("visible=true").click()


def use_latents(tour: Tour) -> None:
    page = tour.page
    wait_painted(page, TRAVERSAL, 50)
    choose_model(page, "latents", tour.text("models.infogan.title"))
    expect(page.locator("#gm-latent-explorer .gm-categories label")).to_have_count(10)
    expect(page.locator("#gm-vary option").first).to_have_text(
        {"en": "c1, all values", "es": "c1, todos los valores"}[tour.language])


def use_reconstruct(tour: Tour) -> None:
    page = tour.page
    upload(page, file_of(TWO_DIGITS))
    tour.press("reconstruct.piece", number=2, count=2)
    wait_result(page)
    choose_model(page, "reconstruct", tour.text("models.cvae.title"))
    expect(page.locator(RESULT)).to_contain_text(tour.text("reconstruct.label"))
    upload(page, UNREADABLE)
    expect(page.locator("#gm-sketchpad [role=alert]")).to_contain_text(tour.text("error.not_a_picture"))


def use_mesh(tour: Tour) -> None:
    wait_for_decoder(tour.page, "mesh-explorer")
    tour.press("walk.pause")
    tour.page.locator("#gm-mesh-explorer .gm-mesh-view").first.press("ArrowLeft")


def use_boards(tour: Tour) -> None:
    page, board = tour.page, tour.page.locator(".gm-code-board").first
    page.wait_for_selector(".gm-code-boards[data-boards]")
    board.press("ArrowRight")
    board.press("Enter")
    expect(page.locator(".gm-code-choice").first).to_be_visible()
    expect(page.locator(".gm-code-sentence")).to_contain_text(
        {"en": "row 1, column 1", "es": "fila 1, columna 1"}[tour.language])


def use_posterior(tour: Tour) -> None:
    tour.page.wait_for_selector("#gm-posterior-map[data-studied], #gm-posterior-map [data-studied]", state="attached")
    expect(tour.page.locator("#gm-mixture-posterior [role=status]")).to_contain_text(
        {"en": "0.020 nats", "es": "0,020 nats"}[tour.language])


def use_classify(tour: Tour) -> None:
    tour.press("example.drawn", name=3)
    tour.page.wait_for_selector("#gm-classifiers[data-answered], #gm-classifiers [data-answered]", state="attached")


def use_live(tour: Tour) -> None:
    tour.press("pixels.pause")
    tour.page.wait_for_selector(".gm-live[data-rest]")


def use_history(tour: Tour) -> None:
    page = tour.page
    page.wait_for_selector(".gm-history[data-shown]")
    tour.press("history.pair")
    page.wait_for_selector(".gm-history[data-count='2']")
    page.locator(".gm-history-time input").press("ArrowLeft")
    expect(page.locator(".gm-history-legend code").first).to_have_text("loss_d")


def use_labels(tour: Tour) -> None:
    """A digit of the board, which goes to the canvas, is called in both languages what it is believed to be."""
    page = tour.page
    board = page.wait_for_selector("#gm-belief-board[data-board], #gm-belief-board [data-board]", state="attached")
    believed = json.loads(board.get_attribute("data-board"))["believed"]
    assert len(believed) == 100
    tap(page.locator(".gm-belief-grid button").nth(believed.index(7)))
    expect(page.locator(".gm-belief-winner b")).to_have_text("7")
    expect(page.locator(".gm-belief-sentences [lang=en]")).to_contain_text("seven")
    expect(page.locator(".gm-belief-sentences [lang=es]")).to_contain_text("siete")
    slider = page.locator("#gm-few-labels .gm-range")
    before = page.locator(".gm-few-rows").inner_text()
    slider.press("End")
    expect(page.locator(".gm-few-rows")).not_to_have_text(before)


def use_quiz(tour: Tour) -> None:
    tour.page.wait_for_selector("#gm-quiz [data-question='0']")
    tour.press("quiz.generated", exact=False)
    tour.page.wait_for_selector("#gm-quiz [data-right]")


def use_compare(tour: Tour) -> None:
    tour.page.wait_for_selector("#gm-comparison[data-drawn], #gm-comparison [data-drawn]", state="attached")


USES: dict[str, Callable[[Tour], None]] = {
    "start": use_start, "lesson": use_lesson, "classify": use_classify, "labels": use_labels, "quiz": use_quiz,
    "sample": use_sample,
    "write": use_write,
    "describe": use_describe, "pixels": use_pixels, "noise": use_noise, "latents": use_latents,
    "reconstruct": use_reconstruct, "mesh": use_mesh, "boards": use_boards, "posterior": use_posterior,
    "compare": use_compare,
    "live": use_live, "history": use_history, "collapse": use_collapse,
}


# ---- What holds for all


GRADIO = ["footer img"]  # its description repeats the words of the button around it
BY_THEME = {"runOnly": ["color-contrast"]}  # the one rule whose outcome depends on the theme
# Its sheets of styles are in the page: axe need not load them again.
AXE = """async ([exclude, options]) => (await axe.run(
    { exclude }, { resultTypes: ['violations'], preload: false, ...options })).violations"""
NAMED_ROLES = {"image", "img", "Canvas", "button", "link", "slider", "spinbutton", "textbox", "combobox", "radio",
               "checkbox", "tab", "application"}
# What is on screen, and what screen readers say.
WORDS_SCRIPT = """() => {
  const shown = [...document.querySelectorAll('.gradio-container *')].filter((element) => element.offsetParent);
  const own = (element) => [...element.childNodes].filter((node) => node.nodeType === 3)
    .map((node) => node.data.trim());
  const named = (element) => ['aria-label', 'alt', 'title'].map((name) => element.getAttribute(name) || '');
  return [...new Set(shown.flatMap((element) => [...own(element), ...named(element)]))];
}"""

# What is smaller than 14 pixels, of elements that have words of their own.
SMALL_TYPE = """() => [...document.querySelectorAll('.gradio-container *')].filter((found) => (
  found.offsetParent && !found.closest('.visually-hidden')
  && [...found.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
  && parseFloat(getComputedStyle(found).fontSize) < 14)).map((found) => found.outerHTML.slice(0, 120))"""
# Gives each list of tabs as many as seven.
MORE_TABS = """() => document.querySelectorAll('[role=tablist]').forEach((list) => {
    const tabs = list.querySelectorAll('[role=tab]'), last = tabs[tabs.length - 1];
    for (let n = tabs.length; n < 7; n++) {
        const tab = last.cloneNode(true);
        tab.id = 'another-' + n;
        last.after(tab);
    }
})"""


def expect_legible(page: Page, activity: str) -> None:
    """No level of headings is left out, and no type is small on a projector."""
    own_size = page.viewport_size
    page.set_viewport_size(SCREENS["projector"]["viewport"])
    assert page.evaluate(SMALL_TYPE) == [], activity
    page.set_viewport_size(own_size)
    levels = page.evaluate("""[...document.querySelectorAll('h1,h2,h3,h4')]
        .filter((found) => found.offsetParent).map((found) => Number(found.tagName[1]))""")
    assert levels[0] == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False)), activity


def expect_accessible(page: Page, activity: str, **options: object) -> None:
    """axe-core must find nothing wrong with what is open."""
    from axe_playwright_python.base import AXE_SCRIPT  # not at the top: without a browser it is not needed

    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # Neither faded, as what is being computed, nor between two colors.
    page.wait_for_function("!document.querySelector('.pending') && "
                           "document.getAnimations().every((animation) => animation.playState !== 'running')")
    found = page.evaluate(AXE, [GRADIO, options])
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == [], activity


def expect_names(page: Page, activity: str) -> None:
    """All controls and images have a name, and of the tabs those of the open group are announced."""
    session = page.context.new_cdp_session(page)
    nodes = [node for node in session.send("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
    roles = [node["role"]["value"] for node in nodes]
    groups = page.evaluate("Object.values(gm.groups)")
    siblings = next(names for names in groups if activity in names)
    assert roles.count("tab") == len(groups) + (len(siblings) if len(siblings) > 1 else 0)
    assert roles.count("button") > 5
    nameless = [node for node in nodes if node["role"]["value"] in NAMED_ROLES
                and not node.get("name", {}).get("value", "").strip()]
    found = [session.send("DOM.resolveNode", {"backendNodeId": node["backendDOMNodeId"]})["object"]["description"]
             for node in nameless]
    assert [name for name in found if not name.startswith("svg.dropdown-arrow")] == [], activity  # gradio's own
    session.detach()  # or the tree would be kept up to date


def foreign_words(page: Page, language: str) -> list[str]:
    """Sentences of the other language that stand in the page."""
    own, other = CATALOGS[language], CATALOGS["es" if language == "en" else "en"]
    differing = {words for key, words in other.items() if words not in own.values() and "{" not in words}
    return sorted(differing - {other["language.name"]} & set(page.evaluate(WORDS_SCRIPT)))


@pytest.mark.parametrize(("screen", "language"), [
    ("phone", "es"),  # the narrowest, in the longest words
    *(pytest.param(*one, marks=pytest.mark.slow) for one in [("phone", "en"), ("desktop", "en"), ("desktop", "es")])])
def test_every_activity_in_use(browser, server, screen, language):
    """Nothing is too wide, too small or in another language; axe finds nothing in either theme; all has a name.

    Nor does it become too wide with more activities than there are.
    """
    with visit(browser, server, screen, f"?lang={language}{SAMPLE}") as page:
        tour = Tour(page, language)
        wait_painted(page, GRID, 36)
        expect(page).to_have_title(tour.text("page.title"))
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert {name for names in page.evaluate("Object.values(gm.groups)") for name in names} == set(USES)
        for activity, use in USES.items():
            open_tab(page, tour.text(f"tab.{activity}"))
            use(tour)
            expect_fits(page)
            expect_legible(page, activity)
            assert foreign_words(page, language) == [], activity
            expect_accessible(page, activity)
            page.evaluate("document.body.classList.add('dark')")
            expect_accessible(page, activity, **BY_THEME)
            page.evaluate("document.body.classList.remove('dark')")
            expect_names(page, activity)
        page.evaluate(MORE_TABS)
        for activity in ("write", "sample"):
            open_tab(page, tour.text(f"tab.{activity}"))
            expect(page.locator(f"#gm-tab-{activity}-button")).to_be_in_viewport()
            expect_fits(page)
