"""The Time machine: one slider through the training of one run or two, and a run that is watched while it trains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from browser.helpers import expect, expect_fits, on_phone, outside, start_over, visit
from browser.servers import serve
from genmodels import checkpoint
from genmodels.images import png

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
TILES, PLOTS = ".gm-history-tiles", ".gm-history-plot"
SLIDER, STEP = ".gm-history-time input", ".gm-history-time output"
SIZE = 28


def history_of(name: str) -> tuple[dict, np.ndarray]:
    sheet = np.asarray(Image.open(checkpoint.ROOT / name / checkpoint.HISTORY_IMAGES))
    return json.loads((checkpoint.ROOT / name / checkpoint.HISTORY).read_text()), sheet


def first_image(page: Page, run: str) -> np.ndarray:
    """uint8 [H, W, 3], as it is on screen."""
    values = page.evaluate("""(run) => {
        const canvas = document.querySelector(`[data-run=${run}] canvas`);
        return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
    }""", run)
    return np.array(values, np.uint8).reshape(SIZE, SIZE, 4)[..., :3]


@on_phone
def test_two_runs_go_through_their_training_under_one_slider(page):
    """From Sample to the chosen model's history; then both by a link; all without a request once they are there."""
    page.locator("#gm-tab-sample [data-open=history]").click()
    page.wait_for_selector(".gm-history[data-shown=dcgan]")
    expect(page.locator(STEP)).to_have_text(f"step {history_of('dcgan')[0]['image_steps'][-1]:,}")
    page.evaluate("location.hash = 'a=history&m=stacked_gan&rival=stacked_r3gan&trained=1000'")
    page.wait_for_selector(".gm-history[data-shown='stacked_gan stacked_r3gan']")
    expect_fits(page)
    assert outside(page, TILES, SLIDER, PLOTS) == []  # causes and effects are seen together

    def expect_step(step: int) -> None:
        expect(page.locator(STEP)).to_have_text(f"step {step:,}")
        for name, caption in zip(histories, page.locator(".gm-history-caption").all(), strict=True):
            history, sheet = histories[name]
            row = sum(one <= step for one in history["image_steps"]) - 1
            assert np.array_equal(first_image(page, name), sheet[row * SIZE : (row + 1) * SIZE, :SIZE])
            counted = [counts for one, counts in zip(history["modes"]["steps"], history["modes"]["counts"], strict=True)
                       if one <= step]
            if counted:
                expect(caption).to_contain_text(f"{sum(count > 0 for count in counted[-1])} of 1,000")

    histories = {name: history_of(name) for name in ("stacked_gan", "stacked_r3gan")}
    frames = sorted({step for history, _ in histories.values() for step in history["image_steps"]})
    before = max(step for step in frames if step <= 1000)
    expect_step(before)
    urls = []
    page.on("request", lambda request: urls.append(request.url))
    page.locator(SLIDER).press("ArrowRight")
    after = frames[frames.index(before) + 1]
    expect_step(after)
    page.wait_for_function("(step) => location.hash.includes('trained=' + step)", arg=after)
    loss = page.locator(".gm-history-legend output").first
    history = histories["stacked_gan"][0]
    at = sum(step + 1 <= after for step in history["steps"]) - 1
    expect(loss).to_have_text(f"{history['losses']['loss_d'][at]:.2f}")
    page.locator(SLIDER).press("Home")
    expect_step(1)
    page.keyboard.press(" ")
    expect(page.locator(".gm-history .gm-play")).to_have_text("Pause")
    page.wait_for_function("document.querySelector('.gm-history-time input').value > 2")
    page.keyboard.press(" ")
    expect(page.locator(".gm-history .gm-play")).to_have_text("Play")
    plot = page.locator(PLOTS).first
    drawn = plot.inner_html()
    page.get_by_text("Logarithmic steps").click()
    expect(plot.locator("text").last).to_have_text("step")
    assert plot.inner_html() != drawn and urls == []
    start_over(page, "sample")


def write_run(folder: Path, step: int, values: list[int]) -> None:
    """As training does; the images of each row have one gray value."""
    rows = np.repeat(np.array(values, np.uint8), SIZE)[:, None].repeat(10 * SIZE, 1)
    run = {"begun": 1.5, "model": "gan", "step": step, "steps": 50, "seconds": step, "size": [SIZE, SIZE]}
    checkpoint.atomic_write(folder / checkpoint.RUNNING_IMAGES, png(rows))
    checkpoint.atomic_write(folder / checkpoint.RUNNING, json.dumps(
        {"steps": list(range(step)), "losses": {"loss_g": [0.25] * step}, "run": run,
         "image_steps": list(range(1, len(values) + 1))}).encode())


def test_a_run_is_watched_until_it_ends(browser, tmp_path):
    run, shown = tmp_path / "mine", ".gm-history[data-state={}]"
    run.mkdir()
    with (serve(tmp_path / "none", tmp_path / "server", watched=run) as address,
          visit(browser, address, path="#a=history") as page):
        news = page.locator(".gm-history-news")
        page.wait_for_selector(shown.format("empty"))
        expect(news).to_contain_text("Nothing has been written here yet")
        write_run(run, 10, [80])
        page.wait_for_selector(shown.format("running"))
        expect(news).to_have_text("Training: 10 of 50 steps in 10 s; about 40 s to go.")
        expect(page.locator(".gm-history-legend output")).to_have_text("0.250")
        assert (first_image(page, "watched") == 80).all()
        (run / checkpoint.RUNNING).write_text("{")
        page.wait_for_selector(shown.format("unreadable"))
        write_run(run, 20, [80, 200])
        expect(page.locator(STEP)).to_have_text("step 2")  # it follows
        assert (first_image(page, "watched") == 200).all()
        finish(run)
        page.wait_for_selector(shown.format("done"))
        expect(news).to_have_text("Finished: 50 steps in 1 min 10 s.")
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)  # without an activity in the address
        page.wait_for_function("window.gm && gm.activity && gm.activity() === 'history'")
        page.wait_for_selector(shown.format("done"))
        assert len([url for url in asked if "/watch?" in url]) == 1


def finish(run: Path) -> None:
    """What is read of a finished checkpoint."""
    card = {"config": {"steps": 50}, "training": {"seconds": 70.0}, "weights_sha256": "x",
            "dataset": {"height": SIZE, "width": SIZE}}
    checkpoint.atomic_write(run / checkpoint.HISTORY, json.dumps(
        {"steps": [0, 49], "losses": {"loss_g": [0.5, 0.25]}, "image_steps": [1, 2]}).encode())
    (run / checkpoint.HISTORY_IMAGES).write_bytes((run / checkpoint.RUNNING_IMAGES).read_bytes())
    checkpoint.atomic_write(run / checkpoint.CARD, json.dumps(card).encode())
    (run / checkpoint.RUNNING).unlink()
