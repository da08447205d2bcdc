"""Noise to digit: the page follows a model's field as torch does."""

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
from genmodels.ui.engine.flow_plan import flow_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
NAMES = models_with("integrate")
FLOW = "#a=noise"
INTEGRATE = """async ([name, z, labels, steps, guidance, start]) => {
    const field = await gm.engine.loadField(name), run = gm.flow.begin(field, { z, labels, steps, guidance, start });
    while (!run.isDone()) await run.advance();
    return run.states.map(({ time, x, end }) => ({ time, x: [...x], end: [...end] }));
}"""


@pytest.fixture(scope="module")
def small_server(browser, tmp_path_factory) -> Iterator[str]:
    """The app on small models that go from noise to images."""
    root = tmp_path_factory.mktemp("flow")
    for name in NAMES:
        save_checkpoint(build(name, **tiny_config(name)).eval(), name, root / name)
    with serve(root, tmp_path_factory.mktemp("log")) as address:
        yield address


@pytest.fixture(scope="module")
def engine_page(browser, small_server) -> Iterator[Page]:
    with visit(browser, small_server, path=FLOW) as page:
        page.wait_for_function("window.gm && gm.engine")
        yield page


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("guidance", "start"), [(1.0, 0.0), (2.5, 0.5)])
def test_page_follows_the_field_as_torch_does(engine_page, name, guidance, start):
    model = build(name, **tiny_config(name)).eval()
    weights = save({key: value.contiguous() for key, value in model.state_dict().items()})
    plan = json.dumps({"flow": flow_plan(model), "weights": f"weights/hash/{name}",
                       "tensors": checkpoint.tensor_places(weights)})
    offered = f"{name}-{start}"
    engine_page.route(f"**/gm/plan/{offered}", lambda route: route.fulfill(body=plan, content_type="application/json"))
    engine_page.route(f"**/gm/weights/hash/{name}", lambda route: route.fulfill(body=weights))
    latents = model.latent.sample(3, range(5))
    call = [offered, latents.z.flatten().tolist(), latents.y.tolist(), 3, guidance, start]
    found = engine_page.evaluate(INTEGRATE, call)
    with torch.inference_mode():
        expected = list(model.integrate(latents.z, latents.y, 3, guidance, start))
    assert len(found) == len(expected) == 4
    for one, other in zip(found, expected, strict=True):
        assert one["time"] == pytest.approx(other.time)
        np.testing.assert_allclose(one["x"], other.x.flatten(), atol=1e-4)
        np.testing.assert_allclose(one["end"], other.end.flatten(), atol=1e-4)
