"""The page in Spanish, and a change of language in the middle of things."""

from __future__ import annotations

import pytest

from browser.helpers import (
    EXPLORED,
    GRID,
    RESULT,
    SAMPLE,
    TRAVERSAL,
    WRITTEN,
    by_role,
    choose_model,
    expect,
    expect_fits,
    expect_message,
    leave,
    open_tab,
    points_in,
    read_pixels,
    tap,
    visit,
    wait_changed,
    wait_for_decoder,
    wait_painted,
    wait_result,
    wait_settled,
)
from genmodels.ui.text import CATALOGS

ENGLISH, SPANISH = CATALOGS["en"], CATALOGS["es"]
# What is on screen, and what screen readers say.
WORDS_SCRIPT = """() => {
  const shown = [...document.querySelectorAll('.gradio-container *')].filter((element) => element.offsetParent);
  const own = (element) => [...element.childNodes].filter((node) => node.nodeType === 3)
    .map((node) => node.data.trim());
  const named = (element) => ['aria-label', 'alt', 'title'].map((name) => element.getAttribute(name) || '');
  return [...new Set(shown.flatMap((element) => [...own(element), ...named(element)]))];
}"""


def english_words(page) -> list[str]:
    """English sentences that stand in a page in Spanish."""
    differing = {english for key, english in ENGLISH.items() if english != SPANISH[key] and "{" not in english}
    differing -= {ENGLISH["language.name"]}
    return sorted(differing & set(page.evaluate(WORDS_SCRIPT)))


def expect_spanish(page) -> None:
    assert english_words(page) == []
    expect_fits(page)


@pytest.mark.parametrize("screen", ["phone", pytest.param("desktop", marks=pytest.mark.slow)])
def test_the_tour_in_spanish(browser, server, screen):
    """Nothing is in English, or wider than the page."""
    with visit(browser, server, screen, f"?lang=es{SAMPLE}") as page:
        wait_painted(page, GRID, 36)
        expect(page).to_have_title(SPANISH["page.title"])
        expect(page.locator("html")).to_have_attribute("lang", "es")
        tap(page.locator("#gm-samples .gm-cell").first)
        expect(page.locator("#gm-detail")).to_contain_text("El clasificador lee")
        expect_spanish(page)
        open_tab(page, "Latentes")
        wait_painted(page, TRAVERSAL, 50)
        expect(page.locator("#gm-vary option").nth(1)).to_have_text("sobre todo inclinación, z1")
        expect_spanish(page)
        choose_model(page, "latents", "InfoGAN")
        expect(page.locator("#gm-vary option").first).to_have_text("c1, todos los valores")
        expect_spanish(page)
        open_tab(page, "Escribir")
        written = wait_painted(page, WRITTEN, 4)
        choose_model(page, "write", SPANISH["models.cvae.title"])
        wait_changed(page, WRITTEN, written)
        expect_spanish(page)
        open_tab(page, "Reconstruir")
        tap(page.get_by_role("button", name="ejemplo dibujado, 3"))
        wait_result(page)
        expect(page.locator(RESULT)).to_contain_text("Error de reconstrucción")
        expect_spanish(page)
        open_tab(page, "Posterior")
        expect(page.locator("#gm-posterior-map [role=status]")).to_contain_text("se aparta de la verdad")
        expect(page.locator("#gm-mixture-posterior [role=status]")).to_contain_text("cede 0,020 nats")
        expect_spanish(page)
        open_tab(page, "Generar")
        by_role(page, "textbox", "Semilla").fill("abc")
        expect_message(page, "sample-seed", "Una semilla es un número entero de 0 a 4294967295, no 'abc'")
        expect_spanish(page)
        open_tab(page, SPANISH["tab.mesh"])
        wait_for_decoder(page, "mesh-explorer")
        expect_spanish(page)
        open_tab(page, SPANISH["tab.start"])
        wait_for_decoder(page, "opening")
        expect_spanish(page)


def test_a_change_in_the_middle_of_a_drag_loses_nothing(page):
    open_tab(page, "Latents")
    wait_for_decoder(page)
    pad = page.locator("#gm-latent-explorer .gm-pad")
    start, end = points_in(pad, (0.3, 0.3), (0.7, 0.6))
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    before = wait_settled(page, EXPLORED)
    page.evaluate("gm.setLanguage('es')")
    expect(page.locator("#gm-latent-explorer .gm-reset")).to_have_text("Restablecer")
    assert read_pixels(page, EXPLORED) == before
    expect(page.locator("#gm-latent-explorer .gm-caption")).to_contain_text(",")  # the decimal comma
    page.mouse.move(*start, steps=5)
    page.mouse.up()
    wait_changed(page, EXPLORED, before)


def test_a_change_keeps_what_is_shown_and_lasts(page):
    open_tab(page, "Reconstruct")
    tap(page.get_by_role("button", name="drawn example, 3"))
    wait_result(page)
    pixels = page.locator(RESULT).locator("img").first.get_attribute("src")
    tap(page.get_by_role("button", name="Español"))
    expect(page.locator(RESULT)).to_contain_text("Error de reconstrucción")
    assert page.locator(RESULT).locator("img").first.get_attribute("src") == pixels
    groups, explored = page.get_by_role("tablist").all()
    expect(groups.get_by_role("tab")).to_have_text(
        [SPANISH["tab.start"], SPANISH["group.generate"], SPANISH["group.explore"]])
    expect(explored.get_by_role("tab")).to_have_text(
        [SPANISH["tab.latents"], SPANISH["tab.reconstruct"], SPANISH["tab.mesh"], SPANISH["tab.posterior"]])
    expect(page.get_by_role("button", name="Español")).to_have_attribute("aria-pressed", "true")
    home = page.url.split("?")[0]
    leave(page, lambda: page.goto(home + SAMPLE))  # the next visit, without a word of it in the address
    wait_painted(page, GRID, 36)
    expect(page).to_have_title(SPANISH["page.title"])
    leave(page, lambda: page.goto(home + "?lang=en" + SAMPLE))
    wait_painted(page, GRID, 36)
    expect(page).to_have_title(ENGLISH["page.title"])
