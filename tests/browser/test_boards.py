"""Boards of codes: what the page encodes, fills and decodes against torch, and the activity as a visitor uses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from conftest import build, models_with, save_checkpoint, tiny_config
from safetensors.torch import save

from browser.gray_levels import from_base64
from browser.helpers import by_role, expect, outside, read_pixels, repainting, tap, visit
from browser.servers import serve
from genmodels import checkpoint
from genmodels.data.synthetic import draw_digit
from genmodels.ui.engine.board_plan import board_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
NAMES = models_with("codes")
BOARDS, ROOT = "#a=boards", ".gm-code-boards"
IMAGE, BOARD = ".gm-code-image", ".gm-code-board"
RUN = """async ([name, skip, dice, category, image]) => {
    const network = await gm.boards.load(name, skip), run = network.begin(category);
    for (const die of dice) run.draw(die);
    const drawn = run.boards.map((codes) => [...codes]), picture = [...network.decode(run.boards)];
    const given = network.begin(category), probabilities = [];
    for (const at of [60, 10, 244]) {  // forwards and back
        given.follow(run.boards, at);
        probabilities.push([...given.probabilities()]);
    }
    const encoded = network.encode(image).map((codes) => [...codes]);
    return { drawn, picture, probabilities, encoded };
}"""


@pytest.fixture(scope="module")
def small_server(browser, tmp_path_factory) -> Iterator[str]:
    """The app on small models of boards of codes."""
    root = tmp_path_factory.mktemp("boards")
    for name in NAMES:
        save_checkpoint(build(name, **tiny_config(name)).eval(), name, root / name)
    with serve(root, tmp_path_factory.mktemp("log")) as address:
        yield address


def offer(page: Page, model, name: str) -> None:
    """Serve a model's plan and weights to the page under a name."""
    weights = save({key: value.contiguous() for key, value in model.state_dict().items()})
    plan = json.dumps({"boards": board_plan(model), "weights": f"weights/hash/{name}",
                       "tensors": checkpoint.tensor_places(weights)})
    page.route(f"**/gm/plan/{name}", lambda route: route.fulfill(body=plan, content_type="application/json"))
    page.route(f"**/gm/weights/hash/{name}", lambda route: route.fulfill(body=weights))


def probabilities(model, boards: list, y: torch.Tensor, at: int) -> torch.Tensor:
    """Of each code at a place of the order, as it is drawn: from the prior's log-probabilities of boards with it."""
    cells = 49
    coarse, fine = (torch.tensor(board).view(1, side, side) for board, side in zip(boards, (7, 14), strict=True))
    given = model._cells(coarse, fine)
    level, cell, part = (0, at, 0) if at < cells else (1, *divmod(at - cells, 4))
    found = []
    for code in range(model.config.codes):
        changed = [board.clone() for board in given]
        changed[level][0, cell, part] = code
        found.append(model.priors.log_prob(*changed, y)[level][0, cell, part])
    return (torch.stack(found) / model.priors.temperatures[level]).softmax(0)


def test_page_computes_what_torch_does(browser, small_server):
    """The boards that dice make, their image, the probabilities on the way, and the boards of an image."""
    model = build("vqvae2", **tiny_config("vqvae2")).eval()
    latents, image = model.latent.sample(3, [4]), draw_digit(3, 3)
    given = [latents.z[0].tolist(), int(latents.y[0]), image.flatten().tolist()]
    with visit(browser, small_server, path=BOARDS) as page, torch.no_grad():
        page.wait_for_function("window.gm && gm.boards")
        offer(page, model, "given")
        *_, expected = model._boards(latents.z, latents.y)
        picture = (model.decode(latents.z, latents.y).flatten() + 1) * 127.5
        codes = model.codes(torch.from_numpy(image)[None, None] / 127.5 - 1)
        for skip in (0, 2):  # by the kernel, and in plain JavaScript
            found = page.evaluate(RUN, ["given", skip, *given])
            assert found["drawn"] == [board.flatten().tolist() for board in expected]
            assert found["encoded"] == [board.flatten().tolist() for board in codes]
            assert np.abs(np.array(found["picture"]) - picture.numpy()).max() <= 1
        for at, p in zip((60, 10, 244), found["probabilities"], strict=True):
            expected_p = probabilities(model, found["drawn"], latents.y, at)
            assert torch.allclose(torch.tensor(p).float(), expected_p, atol=1e-5)


# ---- The activity


def shown_boards(page: Page) -> list[int]:
    return json.loads(f"[{page.locator(ROOT).get_attribute('data-boards')}]")


@pytest.mark.parametrize("screen", ["desktop", pytest.param("phone", marks=pytest.mark.slow)])
def test_boards_fill_coarse_before_fine_and_a_tile_is_exchanged(browser, small_server, screen):
    with visit(browser, small_server, screen, BOARDS) as page:
        page.wait_for_selector(f"{ROOT}:not([hidden])[data-boards]")
        assert outside(page, IMAGE, BOARD) == []
        page.wait_for_load_state("networkidle")
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        page.evaluate("""(selector) => {
            window.seen = [];
            const root = document.querySelector(selector);
            new MutationObserver(() => seen.push(root.dataset.boards.split(',').map(Number))).observe(
                root, { attributeFilter: ['data-boards'] });
        }""", ROOT)
        by_role(page, "slider", "Speed").press("End")
        tap(by_role(page, "button", "From the start"))
        page.wait_for_function("window.seen.length && !seen[seen.length - 1].includes(-1)")
        seen = page.evaluate("seen")
        assert all(-1 not in codes[:49] or set(codes[49:]) == {-1} for codes in seen)

        fine = page.locator(BOARD).nth(1)
        (fine.tap if screen == "phone" else fine.click)(position={"x": 5, "y": 5})  # its first tile
        choices = page.locator(".gm-code-choice")
        expect(choices).to_have_count(8)
        expect(page.locator(".gm-code-sentence")).to_contain_text("row 1, column 1 of the fine board")
        assert outside(page, IMAGE, BOARD, ".gm-code-choice[aria-pressed=true]") == []
        before, codes = from_base64(read_pixels(page, IMAGE), 28, 28)[0].astype(int), shown_boards(page)
        other = page.locator(".gm-code-choice[aria-pressed=false]").first
        picked = int(other.get_attribute("data-code"))
        with repainting(page, IMAGE):
            tap(other)
        after = from_base64(read_pixels(page, IMAGE), 28, 28)[0].astype(int)
        assert shown_boards(page) == [*codes[:49], picked, *codes[50:]]
        changed = np.abs(after - before)
        assert changed[:10, :10].any() and not changed[14:].any() and not changed[:, 14:].any()
        assert requests == []
        page.wait_for_function("location.hash.includes('&x=')")
        link = page.url
    if screen == "desktop":
        with visit(browser, small_server, screen, link[link.index("#"):]) as page:
            page.wait_for_selector(f"{ROOT}[data-boards='{','.join(map(str, [*codes[:49], picked, *codes[50:]]))}']")
            tap(page.locator("#gm-code-examples button").first)
            page.wait_for_function("([selector, before]) => document.querySelector(selector).dataset.boards !== before",
                                   arg=[ROOT, ",".join(map(str, [*codes[:49], picked, *codes[50:]]))])
            page.locator(BOARD).first.press("ArrowRight")
            page.locator(BOARD).first.press("Enter")
            expect(page.locator(".gm-code-choice").first).to_be_focused()
