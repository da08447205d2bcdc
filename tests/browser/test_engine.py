"""The page's engine against torch, on images of any size."""

from __future__ import annotations

import base64
import functools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import Tensor, nn

import genmodels
from browser.gray_levels import assert_close, from_base64
from browser.helpers import (
    EXPLORED,
    GRID,
    open_tab,
    read_pixels,
    visit,
    wait_for_decoder,
    wait_painted,
)
from genmodels import checkpoint, images
from genmodels.capabilities import HasMesh
from genmodels.latents import Latents, LatentSpec, Normal
from genmodels.model import GenerativeModel
from genmodels.ui.engine.plan import trace_decoder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
COUNT = 36  # images of each checkpoint, as many as a grid has at first
ON_GPU = ["dcgan", "cvae", "frey2d"]  # convolutions, a label, another size; a software adapter is slow
JAVASCRIPT = 2  # how many builds of the kernel have to be skipped for it
all_runtimes = pytest.mark.parametrize("skip", range(JAVASCRIPT + 1), ids=["relaxed", "wasm", "js"])


def decode_in_page(page: Page, name: str, z: Tensor, y: Tensor | None = None, skip: int = 0) -> np.ndarray:
    """Images of latents by the engine, uint8 [n, H, W] or [n, H, W, 3]."""
    found = page.evaluate("""async ([name, skip, z, categories]) => {
        const decoder = await gm.engine.create(name, skip, Infinity);
        const decode = (row, i) => decoder.decode(row, categories ? categories[i] : 0);
        const images = z.map((row, i) => btoa(String.fromCharCode(...decode(row, i))));
        return { images, shape: decoder.shape, simd: decoder.runtime.simd };
    }""", [name, skip, z.tolist(), None if y is None else y.tolist()])
    assert found["simd"] == (skip < JAVASCRIPT)
    return from_base64(found["images"], *found["shape"][1:])


@pytest.fixture(scope="module")
def engine_page(browser, server) -> Iterator[Page]:
    """One page for the tests that only run the engine in it: to load it takes longer than most of them."""
    with visit(browser, server) as page:
        page.wait_for_function("window.gm && gm.engine")
        yield page


@functools.cache
def generated() -> dict[str, tuple[Latents, np.ndarray]]:
    """Latents of each checkpoint that has sliders, and their images; drawings of meshes are the server's."""
    models = {name: genmodels.load(name) for name in genmodels.available()}
    latents = {name: model.latent.sample(5, range(COUNT)) for name, model in models.items()
               if model.latent.editable_columns and not isinstance(model, HasMesh)}
    return {name: (found, images.to_uint8(models[name].generate(found))) for name, found in latents.items()}


@all_runtimes
def test_engine_matches_torch_on_every_checkpoint(engine_page, skip):
    """On all latents; on two in JavaScript, which is slower."""
    assert engine_page.evaluate("gm.kernels.map((text) => WebAssembly.validate(gm.decodeBase64(text)))") == [True, True]
    count = 2 if skip == JAVASCRIPT else COUNT
    for name, (latents, expected) in generated().items():
        y = None if latents.y is None else latents.y[:count]
        assert_close(decode_in_page(engine_page, name, latents.z[:count], y, skip), expected[:count], name)


def test_workers_draw_what_torch_does(engine_page):
    """Grids; the last of three is begun while the first is drawn, the one in between is left out."""
    for name, (latents, expected) in generated().items():
        found = engine_page.evaluate("""async ([name, z, y]) => {
            const grid = await gm.engine.loadGrid(name), order = [...z.keys()].reverse(), drawn = [[], [], []];
            await new Promise((done) => drawn.forEach((images, k) => grid.draw(
                k === 2 ? z : z.map((row) => row.map((v) => v / 2)), y, order, (i, pixels) => {
                    images[i] = btoa(String.fromCharCode(...pixels));
                    if (drawn[2].filter(Boolean).length === z.length) done();
                })));
            return { images: drawn[2], begun: drawn.map((images) => images.some(Boolean)) };
        }""", [name, latents.z.tolist(), (torch.zeros(COUNT) if latents.y is None else latents.y).int().tolist()])
        assert found["begun"] == [True, False, True]
        assert_close(from_base64(found["images"], *expected.shape[1:]), expected, name)


def draw_by_gpu(page: Page, name: str, z: Tensor, shape: tuple[int, ...], y: Tensor | None = None) -> np.ndarray:
    """Images of latents by a software adapter, uint8 [n, *shape]."""
    found = page.evaluate("""async ([name, z, y]) => {
        const gpu = await gm.engine.createGpu(name, z.length), pixels = await gpu.decodeAll(z, y);
        gpu.destroy();
        return btoa(String.fromCharCode(...pixels));
    }""", [name, z.tolist(), [0] * len(z) if y is None else y[: len(z)].tolist()])
    return from_base64([found], *shape)


@pytest.mark.parametrize("names", [ON_GPU, pytest.param(None, marks=pytest.mark.slow)], ids=["some", "all"])
def test_gpu_draws_what_torch_does(engine_page, names):
    """By a software adapter, which the page itself does not use."""
    if not engine_page.evaluate("navigator.gpu && navigator.gpu.requestAdapter().then(Boolean)"):
        pytest.skip("this Chromium has no WebGPU")
    for name in names or generated():
        latents, expected = generated()[name]
        found = draw_by_gpu(engine_page, name, latents.z[:6], expected.shape[1:], latents.y)
        assert_close(found, expected[:6], name)


def test_encoders_match_torch_on_every_checkpoint(engine_page):
    """Reconstructions of samples with noise, whose gray levels and edges no model has seen."""
    names = [name for name in generated() if "encode" in checkpoint.read_card(name).info["capabilities"]]
    assert {"ae", "vae", "vae2d", "cvae", "frey2d"} <= set(names)
    for name in names:
        model, (latents, drawn) = genmodels.load(name), generated()[name]
        noise = np.random.default_rng(0).normal(0, 20, drawn[:20].shape)
        x, y = np.clip(drawn[:20] + noise, 0, 255).astype(np.uint8), None if latents.y is None else latents.y[:20]
        with torch.inference_mode():
            mean = model.encode(images.from_uint8(x), y).mean
            expected = model.render(model.decode(mean, y))
        found = engine_page.evaluate("""async ([name, x, y]) => {
            const { encoder, decoder } = await gm.engine.createAutoencoder(name, 0, Infinity);
            const z = x.map((pixels, i) => [...encoder.encode(pixels, y[i])]);
            return { z, images: z.map((row, i) => btoa(String.fromCharCode(...decoder.decode(row, y[i])))) };
        }""", [name, x.reshape(20, -1).tolist(), [0] * 20 if y is None else y.tolist()])
        assert np.abs(np.array(found["z"]) - mean.numpy()).max() < 1e-3, name
        assert_close(from_base64(found["images"], *x.shape[1:]), expected, name)


# ---- Weights in half precision


def test_every_float16_is_decoded_as_numpy_does(engine_page):
    """All 65,536 bit patterns, compared bit by bit: signs of zero, subnormals and infinities among them."""
    found = engine_page.evaluate("""() => {
        const values = gm.decodeHalf(Uint16Array.from({ length: 65536 }, (_, bits) => bits).buffer);
        return [...new Uint32Array(values.buffer)];
    }""")
    expected = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)
    values, numbers = np.array(found, np.uint32).view(np.float32), ~np.isnan(expected)
    assert np.array_equal(np.isnan(values), ~numbers)  # the bits of a NaN are the browser's choice
    assert np.array_equal(values[numbers].view(np.uint32), expected[numbers].view(np.uint32))


# ---- Models of another image size than MNIST's, which the tests serve to the page


class SmallModel(GenerativeModel):
    """A decoder of two latents to images of 28 x 20 pixels, in four kinds."""

    @dataclass(frozen=True)
    class Config:
        pass

    def __init__(self) -> None:
        super().__init__(self.Config())

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Normal("z", 2),))


class FreyMLP(SmallModel):
    """The decoder of Kingma & Welling 2014 for Frey Face: one hidden layer of 200 tanh units."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.out = nn.Linear(2, 200), nn.Linear(200, 560)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return torch.sigmoid(self.out(torch.tanh(self.hidden(z)))).unflatten(1, (1, 28, 20)) * 2 - 1


class SmallConv(SmallModel):
    """14x10 -> 28x20, with a tanh on a feature map between its layers."""

    def __init__(self) -> None:
        super().__init__()
        self.project, self.conv = nn.Linear(2, 6 * 14 * 10), nn.Conv2d(6, 5, 3, padding=1)
        self.up, self.out = nn.ConvTranspose2d(5, 3, 4, stride=2, padding=1), nn.Conv2d(3, 1, 3, padding=1)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        h = torch.tanh(self.project(z)).unflatten(1, (6, 14, 10))
        h = nn.functional.relu(self.up(torch.sigmoid(self.conv(h))))
        return torch.tanh(3 * self.out(h))


class ColorMLP(FreyMLP):
    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(200, 3 * 560)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return torch.sigmoid(self.out(torch.tanh(self.hidden(z)))).unflatten(1, (3, 28, 20)) * 2 - 1


class ColorConv(SmallConv):
    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Conv2d(3, 3, 3, padding=1)


def build_small(cls: type[SmallModel]) -> SmallModel:
    torch.manual_seed(0)
    model = cls().eval()
    for weights in model.parameters():  # so that the images have contrast
        nn.init.normal_(weights, std=1.0 if weights.ndim == 1 else 2 / weights[0].numel() ** 0.5)
    return model


def offer(page: Page, model: SmallModel, name: str, dtype: torch.dtype = torch.float32) -> None:
    """Serve a model's plan, and its weights as ``dtype``, to the page under a name."""
    weights = save({key: value.to(dtype).contiguous() for key, value in model.state_dict().items()})
    plan = json.dumps(trace_decoder(model) | {"weights": f"weights/hash/{name}",
                                              "tensors": checkpoint.tensor_places(weights)})
    page.route(f"**/gm/plan/{name}", lambda route: route.fulfill(body=plan, content_type="application/json"))
    page.route(f"**/gm/weights/hash/{name}", lambda route: route.fulfill(body=weights))


@all_runtimes
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32], ids=["float16", "float32"])
@pytest.mark.parametrize("cls", [FreyMLP, SmallConv, ColorMLP, ColorConv])
def test_engine_matches_torch_on_28x20_images(engine_page, cls, dtype, skip):
    """SmallConv has biases of odd length, after which tensors of float16 start between two 4-byte words."""
    model = build_small(cls).to(dtype).float()  # rounded as its stored weights are
    latents = model.latent.sample(0, range(50))
    expected = images.to_uint8(model.generate(latents))
    assert expected.shape[:3] == (50, 28, 20) and expected.std() > 30
    offer(engine_page, model, cls.__name__, dtype)
    assert_close(decode_in_page(engine_page, cls.__name__, latents.z, skip=skip), expected)


@pytest.mark.parametrize("cls", [ColorMLP, ColorConv])
def test_gpu_draws_in_color(engine_page, cls):
    if not engine_page.evaluate("navigator.gpu && navigator.gpu.requestAdapter().then(Boolean)"):
        pytest.skip("this Chromium has no WebGPU")
    model = build_small(cls)
    latents, name = model.latent.sample(0, range(4)), f"{cls.__name__}-gpu"
    offer(engine_page, model, name)
    assert_close(draw_by_gpu(engine_page, name, latents.z, (28, 20, 3)), images.to_uint8(model.generate(latents)))


def test_explorer_shows_28x20_images(page):
    model = build_small(FreyMLP)
    offer(page, model, "vae2d")
    open_tab(page, "Latents")
    wait_for_decoder(page)
    found = np.frombuffer(base64.b64decode(wait_painted(page, EXPLORED, 1)[0]), np.uint8).reshape(1, 28, 20)
    assert_close(found, images.to_uint8(model.decode(torch.zeros(1, 2))))
    canvas = page.locator(EXPLORED)
    assert canvas.evaluate("(canvas) => [canvas.width, canvas.height]") == [20, 28]
    box = canvas.bounding_box()
    assert box["height"] / box["width"] == pytest.approx(28 / 20, rel=0.02)


def test_grid_shows_28x20_images_and_colors(page):
    """By the server, since the page has no plan."""
    wait_painted(page, GRID, 36)
    page.route("**/gm/plan/*", lambda route: route.fulfill(body="{}"))
    pixels = np.random.default_rng(0).integers(0, 256, (36, 28, 20), np.uint8)
    headers = {"X-Shape": "36,28,20", "Server-Timing": "model;dur=1"}
    page.route("**/gm/generate/sample", lambda route: route.fulfill(body=pixels.tobytes(), headers=headers))
    page.get_by_role("slider", name="Truncation").press("ArrowLeft")
    page.wait_for_function("(selector) => document.querySelector(selector).width === 20", arg=GRID)
    assert [base64.b64decode(text) for text in read_pixels(page, GRID)] == [image.tobytes() for image in pixels]
    box = page.locator(GRID).first.bounding_box()
    assert box["height"] / box["width"] == pytest.approx(28 / 20, rel=0.02)
    colors = np.random.default_rng(1).integers(0, 256, (36, 5, 4, 3), np.uint8)
    page.unroute("**/gm/generate/sample")
    headers |= {"X-Shape": "36,5,4,3"}
    page.route("**/gm/generate/sample", lambda route: route.fulfill(body=colors.tobytes(), headers=headers))
    page.get_by_role("slider", name="Truncation").press("ArrowLeft")
    page.wait_for_function("(selector) => document.querySelector(selector).width === 4", arg=GRID)
    shown = page.locator(GRID).last.evaluate("(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 4, 5).data]")
    assert np.array_equal(np.reshape(shown, (5, 4, 4))[..., :3], colors[-1])
