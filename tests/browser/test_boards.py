"""Boards of codes: what the page encodes, fills and decodes against torch, and the activity as a visitor uses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from conftest import build, models_with, save_checkpoint, tiny_config
from safetensors.torch import save

from browser.helpers import visit
from browser.servers import serve
from genmodels import checkpoint
from genmodels.data.synthetic import draw_digit
from genmodels.ui.engine.board_plan import board_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
NAMES = models_with("codes")
BOARDS = "#a=boards"
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


@pytest.mark.parametrize("skip", [0, 2], ids=["kernel", "plain"])
def test_page_computes_what_torch_does(browser, small_server, skip):
    """The boards that dice make, their image, the probabilities on the way, and the boards of an image."""
    model = build("vqvae2", **tiny_config("vqvae2")).eval()
    latents, image = model.latent.sample(3, [4]), draw_digit(3, 3)
    with visit(browser, small_server, path=BOARDS) as page, torch.no_grad():
        page.wait_for_function("window.gm && gm.boards")
        offer(page, model, "given")
        found = page.evaluate(RUN, ["given", skip, latents.z[0].tolist(), int(latents.y[0]), image.flatten().tolist()])
        *_, expected = model._boards(latents.z, latents.y)
        assert found["drawn"] == [board.flatten().tolist() for board in expected]
        picture = (model.decode(latents.z, latents.y).flatten() + 1) * 127.5
        assert np.abs(np.array(found["picture"]) - picture.numpy()).max() <= 1
        for at, given in zip((60, 10, 244), found["probabilities"], strict=True):
            expected_p = probabilities(model, found["drawn"], latents.y, at)
            assert torch.allclose(torch.tensor(given).float(), expected_p, atol=1e-5)
        codes = model.codes(torch.from_numpy(image)[None, None] / 127.5 - 1)
        assert found["encoded"] == [board.flatten().tolist() for board in codes]
