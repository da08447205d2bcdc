"""Attention: what lights up is what the server found, it follows the hand and the keys without a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import build, models_with, save_checkpoint, tiny_config

from browser.helpers import expect, points_in, tap, visit
from browser.servers import serve
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.attention import partners

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
NAME = models_with("attention")[0]
PAD, TILES = ".gm-attention-pad", ".gm-attention-blocks button canvas"
# How bright each pixel is, of the tiles of all blocks: white is the patch that is looked at most.
HEAT = """(selector) => [...document.querySelectorAll(selector)].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return Array.from({ length: data.length / 4 }, (_, i) => data[4 * i] + data[4 * i + 1] + data[4 * i + 2]);
})"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory) -> Iterator[Page]:
    """The activity of an app on a small model and one that draws from the same latents."""
    root = tmp_path_factory.mktemp("attention")
    for name in (NAME, "dcgan"):
        save_checkpoint(build(name, **tiny_config(name)).eval(), name, root / name)
    assert partners(ModelStore(root), NAME) == ["dcgan"]
    with serve(root, tmp_path_factory.mktemp("log")) as address, visit(browser, address, path="#a=attention") as page:
        page.wait_for_selector('.gm-attention[data-shown="0-0"]')
        yield page


def expected_heat(seed: int, index: int, row: int, column: int) -> list[tuple[int, int]]:
    """Which patch of each block takes most of the attention of the place in row and column of 28."""
    model = build(NAME, **tiny_config(NAME)).eval()
    blocks = model.attention(model.latent.sample(seed, [index]).z)
    found = []
    for block in blocks:
        size = block.shape[2]
        mean = block[0].mean(0)[row * size // 28, column * size // 28].detach().numpy()
        found.append(np.unravel_index(mean.argmax(), mean.shape))
    return found


def brightest(page: Page, sizes: list[int]) -> list[tuple[int, int]]:
    """The patch of each block that is lit most."""
    found = []
    for levels, size in zip(page.evaluate(HEAT, TILES), sizes, strict=True):
        side = 28 // size
        patches = np.array(levels).reshape(size, side, size, side).min((1, 3))  # ink only adds light
        found.append(np.unravel_index(patches.argmax(), patches.shape))
    return found


def test_blocks_light_up_where_the_model_looked_without_a_request(page):
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    (x, y), = points_in(page.locator(PAD), (0.61, 0.27))
    page.mouse.move(x, y)
    expect(page.locator(".gm-attention-place")).to_have_text("Row 2, column 5 of 7 × 7 patches")
    assert brightest(page, [7, 14]) == expected_heat(0, 0, int(0.27 * 28), int(0.61 * 28))
    shares = page.locator(".gm-attention-near").all_inner_texts()
    page.locator(PAD).press("ArrowDown")
    expect(page.locator(".gm-attention-place")).to_contain_text("Row 3, column 5 of")
    expect(page.locator(".gm-attention-status")).to_contain_text("Row 3, column 5: in block 1 it takes most")
    page.wait_for_function("(before) => [...document.querySelectorAll('.gm-attention-near')].map("
                           "({ innerText }) => innerText).join() !== before.join()", arg=shares)
    assert brightest(page, [7, 14]) == expected_heat(0, 0, 10, 18)
    tap(page.locator(".gm-attention-blocks button").nth(1))
    expect(page.locator(".gm-attention-heads h3")).to_have_text("Block 2, 14 × 14 patches: head by head")
    expect(page.locator(".gm-attention-heads canvas")).to_have_count(2)
    assert requests == []


def test_another_picture_of_the_same_noise_brings_its_own_attention(page):
    rows = page.evaluate(HEAT, ".gm-attention-rows canvas")
    assert len(rows) == 20 and len({tuple(row) for row in rows}) == 20
    tap(page.locator(".gm-attention-rows button").nth(13))  # the fourth of the other model
    page.wait_for_selector('.gm-attention[data-shown="0-3"]')
    expect(page.locator(".gm-attention-rows button[aria-pressed=true]")).to_have_count(2)
    assert page.evaluate(HEAT, ".gm-attention-image") == rows[3:4]
    page.wait_for_function("location.hash.includes('i=3')")
