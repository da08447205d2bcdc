"""The page's address: links, Back, the state that activities share; and what can be taken away."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from browser.helpers import (
    CELLS,
    DETAIL,
    EXPLORED,
    GRID,
    RESULT,
    WRITTEN,
    choose_model,
    choose_option,
    expect,
    open_tab,
    read_pixels,
    take_away,
    visit,
    wait_changed,
    wait_close,
    wait_equal,
    wait_for_decoder,
    wait_painted,
    wait_settled,
)
from genmodels.cli.main import main

pytestmark = pytest.mark.browser


def wait_address(page, part: str) -> str:
    """The page's address, once it holds ``part``."""
    page.wait_for_function("(part) => location.hash.includes(part)", arg=part)
    return page.url


def test_a_link_shows_the_same_picture_to_everyone(browser, server, page):
    first = wait_painted(page, GRID, 36)
    choose_model(page, "sample", "Conditional GAN")
    choose_option(page, "Digit", "3")
    seed = page.get_by_role("textbox", name="Seed")
    seed.fill("77")
    seed.press("Enter")
    page.get_by_label("number input for Pictures").fill("16")
    page.get_by_label("number input for Pictures").press("Enter")
    wait_painted(page, GRID, 16)
    page.get_by_role("slider", name="Truncation").press("ArrowLeft")
    page.locator(CELLS).nth(11).click()
    link, pixels = wait_address(page, "&i=11"), wait_settled(page, GRID)
    assert link == wait_address(page, "a=sample&m=cgan&c=3&n=16&s=77&p=0.99&i=11&w=")
    with visit(browser, server, "desktop", link.removeprefix(server)) as other:
        wait_close(other, GRID, pixels)
        expect(other.locator("#gm-sample-model input[value=cgan]")).to_be_checked()
        expect(other.locator(CELLS).first).to_have_attribute("aria-label", "Conditional GAN, picture 0, 3")
        expect(other.locator(DETAIL)).to_contain_text("77, picture 11")
        expect(other.locator(".gm-notice")).to_be_hidden()
        assert wait_address(other, link.partition("#")[2]) == link
        other.evaluate("location.hash = 'a=sample'")  # as a link followed in the same window
        wait_equal(other, GRID, first)
        other.go_back()
        wait_close(other, GRID, pixels)


@pytest.mark.slow
def test_a_point_in_latent_space_and_a_number_are_links_too(browser, server):
    path = "#a=latents&m=infogan&k=4&z=" + "9AEMA" + "AAA" * 42 + "A"
    with visit(browser, server, "desktop", "#a=latents&m=vae2d&z=9AEM_g") as page:
        wait_painted(page, EXPLORED, 1)
        wait_for_decoder(page)
        expect(page.locator("#gm-latent-explorer .gm-caption")).to_contain_text("0.50")
        shown = wait_settled(page, EXPLORED)
        page.locator("#gm-latent-explorer .gm-pad").press("ArrowRight")
        wait_changed(page, EXPLORED, shown)
        assert "z=WAIM_g" in wait_address(page, "z=WA")
        page.evaluate("(hash) => { location.hash = hash; }", path)  # too few numbers for this model
        expect(page.locator("#gm-latents-model input:checked")).to_have_value("infogan")
        expect(page.locator("#gm-latent-explorer .gm-categories input:checked")).to_have_value("4")
        page.evaluate("location.hash = 'a=write&m=cvae&t=27&s=5'")
        wait_painted(page, WRITTEN, 2)
        expect(page.locator("#gm-write-model input:checked")).to_have_value("cvae")


def test_what_a_link_cannot_show_is_said(browser, server):
    notice = ".gm-notice"
    with visit(browser, server, "desktop", "#a=sample&m=dcgan&w=00000000&h=seed,truncation") as page:
        wait_painted(page, GRID, 36)
        expect(page.locator(notice)).to_contain_text("other weights of dcgan")
        expect(page.locator("#gm-sample-seed")).to_be_hidden()
        expect(page.get_by_role("slider", name="Truncation")).to_have_count(0)
        page.locator(notice).get_by_role("button", name="Dismiss").click()
        expect(page.locator(notice)).to_be_hidden()
        page.evaluate("location.hash = 'a=sample&m=stylegan'")
        expect(page.locator(notice)).to_contain_text("stylegan, is not available")
        expect(page.locator("#gm-sample-seed")).to_be_visible()
        page.evaluate("location.hash = 'a=sample&s=1e9&i=-3&qq=1&p=7&z=**&c=x&utm_source=mail'")
        expect(page.locator(notice)).to_contain_text("left out: s, i, qq, p, z, c, utm_source")
        wait_painted(page, GRID, 36)


def test_activities_share_one_state(page):
    wait_painted(page, GRID, 36)
    choose_model(page, "sample", "InfoGAN")
    wait_address(page, "m=infogan")
    page.locator(CELLS).nth(5).click()
    expect(page.locator(DETAIL)).to_contain_text("picture 5")
    cell = wait_settled(page, GRID)[5]
    page.get_by_role("button", name="Open in Latents").click()
    wait_close(page, EXPLORED, [cell])
    page.go_back()
    expect(page.locator("#gm-tab-sample-button")).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Reconstruct it").click()
    expect(page.locator(RESULT + " img").first).to_be_visible()
    assert read_pixels(page, "#gm-sketchpad .gm-canvas") != read_pixels(page, EXPLORED)
    expect(page.locator("#gm-reconstruct-model input:checked")).to_have_value("vae")  # InfoGAN cannot
    open_tab(page, "Latents")
    expect(page.locator("#gm-latents-model input:checked")).to_have_value("infogan")


def test_a_bundle_makes_the_same_picture_again(page, tmp_path, monkeypatch):
    for hash, model, shown, count, title in (
            ("a=sample&m=cgan&n=9&s=4&p=0.50", "cgan", GRID, 9, "Samples"),
            ("a=latents&m=infogan&k=4", "infogan", EXPLORED, 1, "The decoded picture"),
            ("a=write&t=42", "cgan", WRITTEN, 2, "The number, handwritten")):
        page.evaluate("(hash) => { location.hash = hash; }", hash)
        activity = hash.removeprefix("a=").partition("&")[0]
        expect(page.locator(f"#gm-{activity}-model input:checked")).to_have_value(model)
        wait_painted(page, shown, count)
        wait_settled(page, shown)
        name, content = take_away(page, "Bundle", title)
        assert name.endswith(".zip")
        check_bundle(content, page.evaluate("gm.state.link()"), tmp_path / model / title, monkeypatch)


def check_bundle(content: bytes, link: str, folder: Path, monkeypatch) -> None:
    """A bundle has its three files, the link, and a command that makes its picture."""
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert bundle.testzip() is None and bundle.namelist() == ["picture.png", "latent.json", "link.txt"]
        bundle.extractall(folder)
    assert (folder / "link.txt").read_text().strip() == link
    monkeypatch.chdir(folder)
    command = json.loads((folder / "latent.json").read_text())["command"].replace("picture.png", "again.png")
    assert main(command.removeprefix("python -m genmodels ").split()) == 0
    pictures = [np.asarray(Image.open(file).convert("L")).astype(int) for file in ("picture.png", "again.png")]
    assert pictures[0].shape == pictures[1].shape and abs(pictures[0] - pictures[1]).max() <= 1
