"""The actions behind every button and endpoint: what they give, and one clear message for whatever cannot be."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import re
import shutil
import struct
import tempfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from conftest import build, narrow, shelve
from PIL import Image

from genmodels import checkpoint, images, registry, strokes
from genmodels.ui import ENDPOINTS
from genmodels.ui.actions import Actions, decode_picture
from genmodels.ui.studio import Studio

DRAWING = [name for name in registry.CHECKPOINTS if name != "cnn"]
LABELLED = ["cgan", "cvae"]
ENCODING = ["vae", "vae2d", "cvae"]


def small_checkpoints(root: Path) -> Path:
    """All shipped checkpoints, narrow and untrained."""
    for name, (model_name, fields) in registry.CHECKPOINTS.items():
        model = build(model_name, **narrow(model_name, **fields))
        with torch.no_grad():
            for weights in model.parameters():
                weights.mul_(1.5)  # for contrast, which untrained networks lack
        shelve(model, model_name, root / name)
    return root


def damage(root: Path, name: str) -> None:
    """Cut a checkpoint's weights in half."""
    path = root / name / checkpoint.WEIGHTS
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def unpack(answer: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(answer["shape"])


def encoded(picture: np.ndarray | Image.Image, kind: str = "PNG", **options: object) -> str:
    """A picture as base64 of a file."""
    buffer = io.BytesIO()
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(buffer, kind, **options)
    return base64.b64encode(buffer.getvalue()).decode()


def one_bit_png(side: int) -> str:
    """A black PNG of ``side`` x ``side`` bits, a few KB however large."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows)
                            + chunk(b"IEND", b"")).decode()


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return small_checkpoints(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture(scope="module", autouse=True)
def temporary(tmp_path_factory):
    """The folder where whatever is written by the way would end."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        patch.setattr(tempfile, "tempdir", None)
        yield folder


def served(root: Path) -> Actions:
    """The actions on a folder's checkpoints, without MNIST."""
    return Actions(Studio(root, root / "no-data"))


@pytest.fixture(scope="module")
def actions(root) -> Actions:
    return served(root)


@pytest.fixture
def copy(root, tmp_path) -> Path:
    """Checkpoints to be damaged."""
    return Path(shutil.copytree(root, tmp_path / "checkpoints"))


DIGIT = strokes.draw_digit(3, 1)  # uint8 [28, 28]
LARGE = images.enlarge(DIGIT, 10)
GOOD = encoded(LARGE)


def refused(action, words: str, **given: object) -> str:
    """The message with which an action refuses: a sentence of sensible length that matches ``words``."""
    with pytest.raises(gr.Error) as raised:
        action(**given)
    message = raised.value.message
    assert re.search(words, message), message
    assert message[0] == message[0].upper() and len(message) < 300 and "\n" not in message
    return message


# ---- Sample


@pytest.mark.parametrize("model", DRAWING)
def test_a_picture_is_the_same_alone_in_any_grid_and_when_inspected(actions, model):
    many = unpack(actions.sample(model, 100, 7))
    assert many.shape == (100, 28, 28) and len({picture.tobytes() for picture in many}) > 95
    assert (unpack(actions.sample(model, 1, 7)) == many[:1]).all()
    assert (unpack(actions.sample(model, 37, 7)) == many[:37]).all()
    for index in (0, 5, 99):
        looked = actions.inspect(model, 7, index)
        assert (unpack(looked)[0] == many[index]).all()
        assert looked["predicted"] in range(10) and 0 <= looked["confidence"] <= 1
        assert looked["neighbour"] is None  # no data here
        assert isinstance(looked["score"], float) or model in ENCODING
    assert not (unpack(actions.sample(model, 100, 8)) == many).all()


def test_answers_are_plain_json_and_say_what_each_picture_is(actions):
    answer = actions.sample("cgan", 12, 0)
    assert json.loads(json.dumps(answer)) == answer
    assert answer["alt"][0].endswith("picture 0, 0") and answer["alt"][11].endswith("picture 11, 1")
    assert actions.sample("vae2d", 1)["alt"] == ["VAE, 2-D, picture 0"]


@pytest.mark.parametrize("model", ["cgan", "cvae", "infogan"])
def test_category_in_turn_or_one_for_all(actions, model):
    turn, fives = unpack(actions.sample(model, 20, 3)), unpack(actions.sample(model, 20, 3, category=5))
    assert [(a == b).all() for a, b in zip(turn, fives, strict=True)] == [i % 10 == 5 for i in range(20)]
    assert actions.inspect(model, 3, 4, category=5)["category"] == 5
    assert (unpack(actions.inspect(model, 3, 4, category=5))[0] == fives[4]).all()


def test_truncation_pulls_to_one_picture(actions):
    whole, half, none = (unpack(actions.sample("dcgan", 9, 1, t)).astype(float) for t in (1, 0.5, 0))
    assert (none == none[0]).all()
    assert 0 < half.std(0).mean() < whole.std(0).mean()


def test_seed_may_be_text_as_typed_up_to_its_ends(actions):
    assert actions.sample("gan", 2, " 7 ") == actions.sample("gan", 2, 7)
    for seed in (0, 2**32 - 1):
        assert actions.sample("gan", 1, str(seed)) == actions.sample("gan", 1, seed)


def test_inspect_shows_the_nearest_training_digit_where_the_data_is(root):
    actions = served(root)
    digits = np.stack([strokes.draw_digit(d, d) for d in range(10)])
    actions.studio.training_digits = digits
    answer = actions.inspect("gan", 1, 2)
    nearest = np.frombuffer(base64.b64decode(answer["neighbour"]), np.uint8).reshape(28, 28)
    distances = np.square(digits.astype(float) - unpack(answer)[0]).sum((1, 2))
    assert (nearest == digits[distances.argmin()]).all()


@pytest.mark.parametrize("path", ["slerp", "lerp"])
@pytest.mark.parametrize("model", ["dcgan", "gan", "vae2d", "cgan"])
def test_walk_passes_its_stops_and_closes(actions, model, path):
    frames, stops = 24, 4
    answer = actions.walk(model, 5, stops, frames, path, category=3 if model == "cgan" else -1)
    walked = unpack(answer).astype(int)
    assert walked.shape == (frames, 28, 28)
    seen = unpack(actions.sample(model, stops, 5, category=3 if model == "cgan" else -1)).astype(int)
    assert np.abs(walked[:: frames // stops] - seen).max() <= 2  # a sphere's corner is rounded
    leaps = [np.abs(a - b).mean() for a, b in zip(walked, np.roll(walked, -1, 0), strict=True)]
    assert leaps[-1] <= 2 * max(leaps[:-1])  # from the last frame to the first no further than elsewhere


def test_walk_comes_as_a_gif_of_its_frames(actions):
    answer = actions.walk("dcgan", 0, 3, 30)
    film = Image.open(io.BytesIO(base64.b64decode(answer["gif"])))
    assert film.format == "GIF" and film.n_frames == 30 and film.size == (224, 224) and film.info["loop"] == 0
    for i, frame in enumerate(unpack(answer)):
        film.seek(i)
        shown = np.asarray(film.convert("L")).astype(int)
        assert film.info["duration"] == 40 and np.abs(shown - images.enlarge(frame, 8)).max() <= 1


# ---- Latents


@pytest.mark.parametrize("model", DRAWING)
def test_latent_describes_what_decode_takes(actions, model):
    spec, answer = actions.studio.get(model).spec, actions.describe_latents(model, 4)
    assert sorted(s["column"] for s in answer["sliders"]) == list(range(spec.dim)) and len(answer["z"]) == spec.dim
    assert all(s["low"] < 0 < s["high"] and s["name"] for s in answer["sliders"])
    assert (answer["categories"] is None) == (spec.categorical is None) == (answer["category"] is None)
    picture = unpack(actions.decode(model, answer["z"], answer["category"] or 0)).astype(int)
    seen = unpack(actions.sample(model, 1, 4, category=-1 if answer["category"] is None else answer["category"]))
    assert np.abs(picture - seen).max() <= 2  # z travels with three decimals
    assert actions.decode(model) == actions.decode(model, [0.0] * spec.dim) == actions.decode(model, [0] * spec.dim)


def test_latents_come_in_the_order_that_evaluation_found(copy):
    card = checkpoint.read_card("vae", copy)
    checkpoint.save_card(dataclasses.replace(card, latent={"kl": [0.1, 2.0, 0.0, 1.0], "order": [1, 3, 0, 2]}),
                         copy / "vae")
    sliders = served(copy).describe_latents("vae")["sliders"]
    assert [s["column"] for s in sliders] == [1, 3, 0, 2] and sliders[0]["note"] == "2.0 nats"


def test_a_slider_is_called_by_what_it_was_measured_to_move(copy):
    card = checkpoint.read_card("vae", copy)
    found = [("z0", "slant", -0.97), ("z1", "slant", 0.92), ("z2", "width", 0.6), ("z3", "height", 0.2)]
    codes = [{"name": name, "moves": moves, "spearman": rho} for name, moves, rho in found]
    measured = {"kl": [1.0] * 4, "order": [1, 0, 2, 3], "continuous": codes}
    checkpoint.save_card(dataclasses.replace(card, latent=measured), copy / "vae")
    sliders = served(copy).describe_latents("vae")["sliders"]
    assert [(s["name"], s["title"], s["note"]) for s in sliders] == [
        ("z1", "slant", "z1, 1.0 nats"), ("z0", "slant 2", "z0, 1.0 nats"),
        ("z2", "z2", "partly width, 1.0 nats"), ("z3", "z3", "1.0 nats")]
    assert served(copy).traverse("vae", "z1", rows=1)["columns"] == 10


@pytest.mark.parametrize("side, extent", [(2, 3.0), (18, 3.0), (24, 0.5)])
def test_map_is_decode_at_the_middle_of_each_cell(actions, side, extent):
    pictures = unpack(actions.latent_grid("vae2d", side, extent)).reshape(side, side, 28, 28)
    edge = extent * (1 - 1 / side)
    for row, column, z in ((0, 0, [-edge, edge]), (0, -1, [edge, edge]), (-1, 0, [-edge, -edge]),
                           (-1, -1, [edge, -edge])):
        assert (unpack(actions.decode("vae2d", z))[0] == pictures[row, column]).all()


@pytest.mark.parametrize("vary", ["c1", "c2", "c3", "noise 0"])
def test_traverse_varies_one_latent_of_infogan(actions, vary):
    answer = actions.traverse("infogan", vary, 5, 3, 2, category=4)
    columns = 10 if vary == "c1" else 5
    grid = unpack(answer).reshape(3, columns, 28, 28)
    assert answer["columns"] == columns == len(answer["values"]) and len(answer["alt"]) == 3 * columns
    loaded, drawn = actions.studio.get("infogan"), actions.studio.get("infogan").spec.draw(2, range(3)).z
    for row, column in ((0, 0), (1, columns - 1), (2, 2)):
        z, c = drawn[row].clone(), 4
        if vary == "c1":
            c = column
        else:
            z[loaded.spec.columns(vary.split()[0]).start] = answer["values"][column]
        assert (unpack(actions.decode("infogan", z.tolist(), c))[0] == grid[row, column]).all()


@pytest.mark.parametrize("model, vary, columns", [("cgan", "digit", 10), ("cvae", "digit", 10), ("cvae", "z0", 7),
                                                  ("vae2d", "z1", 7), ("gan", "noise 3", 7)])
def test_traverse_serves_every_latent(actions, model, vary, columns):
    answer = actions.traverse(model, vary, 7, 2)
    assert answer["shape"] == [2 * columns, 28, 28] and answer["columns"] == columns
    assert answer["values"] == sorted(answer["values"])


def test_traverse_starts_from_given_latents(actions):
    z = [0.5, -1.0, 2.0, 0.0]
    grid = unpack(actions.traverse("vae", "z2", 13, 2, z=z))
    for column, value in enumerate(np.linspace(-3, 3, 13)):
        assert (unpack(actions.decode("vae", [*z[:2], value, z[3]]))[0] == grid[column]).all()


# ---- Write


@pytest.mark.parametrize("model", LABELLED)
def test_write_in_one_hand_or_several(actions, model):
    one, several = (unpack(actions.write("20 142014", model, hand, 6)) for hand in (True, False))
    assert one.shape == several.shape == (8, 28, 28)
    assert (one[:4] == one[4:]).all() and not (several[:4] == several[4:]).all()
    assert (one[0] == several[0]).all()  # the first hand is the one
    assert actions.write("20 142014", model, True, 6)["alt"][2] == "handwritten 1"
    styles = unpack(actions.style_grid(model, 8, 6)).reshape(8, 10, 28, 28)
    for i, digit in enumerate([2, 0, 1, 4, 2, 0, 1, 4]):
        assert (styles[0, digit] == one[i]).all() and (styles[i, digit] == several[i]).all()
    assert actions.write("0123456789012345", model)["columns"] == 16 and actions.style_grid(model)["columns"] == 10


# ---- Reconstruct


@pytest.mark.parametrize("model", ENCODING)
def test_reconstruct_gives_the_input_back_with_its_figures(actions, model):
    answer = actions.reconstruct(GOOD, model, num_samples=5)
    given, back, difference, *draws = unpack(answer).astype(int)
    assert len(draws) == 5 and json.dumps(answer)
    assert np.abs(given - DIGIT).mean() < 2
    assert (difference == np.abs(given - back)).all()
    assert answer["error"] == pytest.approx(np.square((given - back) / 255).mean(), abs=1e-3)
    assert answer["elbo"] == pytest.approx(-answer["reconstruction_nats"] - answer["kl"], abs=0.11)
    assert answer["kl"] >= 0 and len(answer["z"]) == actions.studio.get(model).spec.dim
    assert all(digit in range(10) and 0 < sure <= 1 for digit, sure in answer["predicted"].values())
    assert answer["label"] == (answer["predicted"]["input"][0] if model == "cvae" else None)
    assert actions.reconstruct(GOOD, model, num_samples=5) == answer
    again = unpack(actions.reconstruct(GOOD, model, num_samples=5, seed=1))
    assert (again[:3] == unpack(answer)[:3]).all() and (again[3:] != unpack(answer)[3:]).any()


def test_reconstruct_with_every_number_of_draws_and_a_given_label(actions):
    for draws in (1, 16):
        assert actions.reconstruct(GOOD, "vae", num_samples=draws)["shape"] == [3 + draws, 28, 28]
    told = [unpack(actions.reconstruct(GOOD, "cvae", label=d))[1].tobytes() for d in range(10)]
    assert len(set(told)) == 10 and actions.reconstruct(GOOD, "cvae", label=9)["label"] == 9


def test_a_framed_picture_is_taken_as_it_is(actions):
    faint = DIGIT // 3  # framing would strengthen it
    taken = unpack(actions.reconstruct(encoded(faint), center=False))[0]
    assert (taken == faint).all()
    assert unpack(actions.reconstruct(encoded(faint), center=True))[0].max() == 255
    assert (unpack(actions.reconstruct(GOOD, center=False))[0] == DIGIT).all()  # not 28 x 28, so framed all the same


def forms() -> dict[str, str]:
    """One digit in many files."""
    dark = Image.fromarray(255 - LARGE)  # ink on paper
    clear = Image.merge("RGBA", [*[Image.new("L", dark.size, 0)] * 3, Image.fromarray(LARGE)])
    grey = Image.fromarray((np.full_like(LARGE, 210) - LARGE * 0.6).astype(np.uint8))
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held on its side
    return {
        "data URI": "data:image/png;base64," + GOOD,
        "dark ink on light": encoded(dark),
        "grey ink on greyish paper": encoded(grey),
        "JPEG": encoded(dark, "JPEG"),
        "colour": encoded(Image.merge("RGB", [dark, dark, Image.new("L", dark.size, 255)])),  # blue ink
        "CMYK JPEG": encoded(dark.convert("CMYK"), "JPEG"),
        "JPEG of a turned camera": encoded(dark.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=turned),
        "16 bits": encoded((255 - LARGE).astype(np.uint16) * 257),
        "16 bits, light ink": encoded(LARGE.astype(np.uint16) * 257),
        "transparent": encoded(clear),
        "transparent grey": encoded(clear.convert("LA")),
        "one bit": encoded(dark.convert("1")),
        "palette GIF": encoded(dark.convert("P"), "GIF"),
        "palette with transparency": encoded(dark.quantize(16), transparency=0),
        "animated GIF": encoded(dark, "GIF", save_all=True, append_images=[Image.fromarray(LARGE)]),
        "WebP": encoded(dark, "WEBP", quality=90),
        "BMP": encoded(dark, "BMP"),
        "wide margin": encoded(np.pad(LARGE, ((40, 700), (300, 10)))),
    }


@pytest.mark.parametrize("form", forms())
def test_the_same_digit_whatever_the_file(form):
    given = decode_picture(forms()[form]).astype(int)
    assert given.shape == (28, 28) and np.abs(given - DIGIT).mean() < 3 and given.max() == 255


# ---- What is refused

RAW = base64.b64decode(GOOD)
PICTURES = {
    "nothing": ("", "draw a digit, upload a picture"),
    "no text": (None, "draw a digit, upload a picture"),
    "a number": (5, "draw a digit, upload a picture"),
    "no base64": ("!?*", "not a picture that can be read"),
    "not even ASCII": ("ñandú", "not a picture that can be read"),
    "an empty data URI": ("data:image/png;base64,", "not a picture that can be read"),
    "a text file": (base64.b64encode(b"I am a picture, honestly\n" * 9).decode(), "not a picture .* use PNG"),
    "a vector drawing": (base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode(), "not a picture"),
    "half a PNG": (base64.b64encode(RAW[: len(RAW) // 2]).decode(), "damaged"),
    "a PNG's first bytes": (base64.b64encode(RAW[:20]).decode(), "not a picture that can be read"),
    "25 megapixels": (one_bit_png(5000), "25 megapixels; at most 16"),
    "100 megapixels": (one_bit_png(10_000), "100 megapixels; at most 16"),
    "400 megapixels": (one_bit_png(20_000), "too many megapixels; at most 16"),
    "9 MB": (base64.b64encode(RAW + bytes(9_000_000)).decode(), "larger than 8 MB"),
    "white paper": (encoded(np.full((50, 50), 255, np.uint8)), "no ink"),
    "black paper": (encoded(np.zeros((50, 50), np.uint8)), "no ink"),
    "nearly white paper": (encoded(np.random.default_rng(0).integers(246, 256, (50, 50), np.uint8)), "no ink"),
    "all transparent": (encoded(Image.new("RGBA", (50, 50))), "no ink"),
    "one pixel": (encoded(np.zeros((1, 1), np.uint8)), "no ink"),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_that_are_refused(actions, kind):
    picture, words = PICTURES[kind]
    refused(actions.reconstruct, f"(?i){words}", picture=picture)


def test_files_with_flipped_bytes_never_end_in_a_traceback():
    rng = np.random.default_rng(0)
    small = Image.fromarray(255 - images.enlarge(DIGIT, 2))
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP"):
        raw = np.frombuffer(base64.b64decode(encoded(small, kind)), np.uint8)
        for _ in range(60):
            broken = raw.copy()
            broken[rng.integers(0, min(len(raw), 300), 2)] = rng.integers(0, 256, 2)
            try:
                assert decode_picture(base64.b64encode(broken).decode()).shape == (28, 28)
            except ValueError as error:
                assert re.match("the picture|that file|there is no ink|draw a digit", str(error))


WRONG = [
    *[("sample", {"seed": seed}, rf"seed is a whole number from 0 to 4294967295, not {shown}") for seed, shown in (
        ("abc", "'abc'"), ("", "''"), ("-1", "'-1'"), ("1.5", "'1.5'"), ("1e3", "'1e3'"), ("²", "'²'"), (-1, "-1"),
        (1.5, "1.5"), (2**32, "4294967296"), (str(2**32), "'4294967296'"), (None, "None"), (float("nan"), "nan"),
        ("9" * 5000, "'9999"), ([1], r"\[1\]"))],
    *[("sample", {"count": count}, "number of pictures must be from 1 to 100")
      for count in (10**9, 0, -5, None, "many", float("nan"), float("inf"), 10**400, [3])],
    ("sample", {"count": 2.5}, "number of pictures is a whole number .* not 2.5"),
    *[("sample", {"truncation": t}, "truncation must be from 0 to 1") for t in (float("nan"), -0.1, 1.1, "x", None)],
    *[("sample", {"model": "cgan", "category": c}, "digit must be from -1 to 9") for c in (10, -2, None, "three")],
    ("sample", {"model": "infogan", "category": 10}, "c1 must be from -1 to 9"),
    ("sample", {"model": "cgan", "category": 0.5}, "digit is a whole number"),
    *[("sample", {"model": name}, "no model called .*; there are: gan, dcgan,")
      for name in ("biggan", "../vae", "../../etc/passwd", 7)],
    *[("sample", {"model": name}, "no model is available for this") for name in ("", None)],
    ("sample", {"model": "cnn"}, "cnn draws no pictures; choose one of: gan, dcgan,"),
    *[("inspect", {"index": index}, "picture's number must be from 0 to 99") for index in (100, -1, None, "first")],
    ("inspect", {"seed": "abc"}, "seed is a whole number"),
    ("inspect", {"model": "nope"}, "no model called 'nope'"),
    ("walk", {"keyframes": 1}, "number of stops must be from 2 to 8"),
    ("walk", {"keyframes": 9}, "number of stops must be from 2 to 8"),
    ("walk", {"frames": 3}, "number of frames must be from 4 to 240"),
    ("walk", {"frames": 10**9}, "number of frames must be from 4 to 240"),
    ("walk", {"path": "bus"}, "path is 'lerp' or 'slerp', not 'bus'"),
    ("walk", {"seed": ""}, "seed is a whole number"),
    ("walk", {"truncation": float("nan")}, "truncation must be from 0 to 1"),
    ("describe_latents", {"seed": "abc"}, "seed is a whole number"),
    ("describe_latents", {"model": "cnn"}, "cnn draws no pictures"),
    *[("decode", {"z": z}, words) for z, words in (
        ([0.0], "list of 2 numbers; that was 1"), ([0.0] * 3, "list of 2 numbers; that was 3"), ([], "that was 0"),
        ([0.0, float("nan")], "2 finite numbers"), ([float("inf"), 0.0], "2 finite numbers"),
        ([10**400, 0], "2 numbers"), (["a", "b"], "list of 2 numbers"), (5, "list of 2 numbers"),
        ([[0.0, 0.0]], "list of 2 numbers"), ([None, 0.0], "list of 2 numbers"), ({}, "that was 0"))],
    ("decode", {"model": "cgan", "category": 10}, "digit must be from 0 to 9"),
    ("decode", {"model": "cgan", "category": -1}, "digit must be from 0 to 9"),
    ("latent_grid", {"model": "vae"}, "map needs two latents; vae has 4"),
    ("latent_grid", {"side": 1}, "side must be from 2 to 24"),
    ("latent_grid", {"side": 1000}, "side must be from 2 to 24"),
    ("latent_grid", {"extent": float("nan")}, "extent must be from 0.5 to 5"),
    ("traverse", {"latent": "c9"}, "infogan has no latent called 'c9'; it has: c1, c2, c3"),
    ("traverse", {"latent": "digit"}, "no latent called 'digit'"),
    ("traverse", {"latent": None}, "no latent called None"),
    ("traverse", {"model": "gan", "latent": "z0"}, "gan has no latent called 'z0'; it has: noise 0"),
    ("traverse", {"rows": 11}, "number of rows must be from 1 to 10"),
    ("traverse", {"steps": 1}, "number of steps must be from 2 to 16"),
    ("traverse", {"z": [0.0]}, "z is a list of 10 numbers; that was 1"),
    ("traverse", {"category": 10}, "c1 must be from -1 to 9"),
    ("write", {"text": "12a"}, "only the digits 0 to 9 can be written, not a$"),
    ("write", {"text": "-1.5"}, "only the digits 0 to 9 .* not - .$"),
    ("write", {"text": "٣"}, "only the digits 0 to 9 .* not ٣$"),
    ("write", {"text": "4²"}, "only the digits 0 to 9 .* not ²$"),
    ("write", {"text": "x" * 9999}, "only the digits 0 to 9"),
    ("write", {"text": ""}, "type a number first"),
    ("write", {"text": " \n"}, "Type a number first"),
    ("write", {"text": "1" * 17}, "at most 16 digits .* 17"),
    ("write", {"text": "1", "seed": "abc"}, "seed is a whole number"),
    ("write", {"model": "dcgan"}, "dcgan cannot be told which digit to draw; choose one of: cgan, cvae"),
    ("write", {"model": "infogan"}, "infogan cannot be told which digit"),
    ("style_grid", {"model": "vae"}, "vae cannot be told which digit"),
    ("style_grid", {"rows": 0}, "number of styles must be from 1 to 10"),
    ("style_grid", {"seed": "-1"}, "seed is a whole number"),
    ("reconstruct", {"picture": GOOD, "model": "dcgan"}, "dcgan has no encoder; choose one of: vae, vae2d, cvae"),
    ("reconstruct", {"picture": GOOD, "model": "nope"}, "no model called 'nope'"),
    ("reconstruct", {"picture": GOOD, "model": "cvae", "label": 10}, "label must be from -1 to 9"),
    ("reconstruct", {"picture": GOOD, "model": "cvae", "label": None}, "label must be from -1 to 9"),
    ("reconstruct", {"picture": GOOD, "num_samples": 17}, "number of draws must be from 1 to 16"),
    ("reconstruct", {"picture": GOOD, "seed": 2**32}, "seed is a whole number"),
]


@pytest.mark.parametrize("action, given, words", WRONG, ids=lambda value: value if isinstance(value, str) else None)
def test_bad_input_is_named_in_one_sentence(actions, action, given, words):
    refused(getattr(actions, action), f"(?i:{words[:1]}){words[1:]}", **given)


def test_a_message_holds_no_html(actions):
    assert "‹img src=x›" in refused(actions.sample, "seed", seed="<img src=x>")


def test_every_endpoint_is_documented():
    for name in ENDPOINTS:
        summary = getattr(Actions, name).__doc__
        for parameter in getattr(Actions, name).__annotations__:
            assert parameter == "return" or f"{parameter}: " in summary, (name, parameter)


# ---- Broken checkpoints


def test_broken_checkpoints_are_listed_with_their_remedy_and_the_others_work(copy):
    damage(copy, "dcgan")
    shutil.rmtree(copy / "vae2d")
    (copy / "infogan" / checkpoint.CARD).write_text('{"name": "infogan"')
    (copy / "cvae" / checkpoint.WEIGHTS).unlink()
    actions = served(copy)
    trouble = {choice.name: choice.trouble for choice in actions.studio.choices()}
    remedy = {"dcgan": "train.py dcgan", "infogan": "train.py infogan", "cvae": "train.py cvae",
              "vae2d": registry.training_command("vae2d").removeprefix("python ")}
    assert list(trouble) == DRAWING
    for name in DRAWING:
        if name in remedy:
            assert f"make it with: python {remedy[name]}" in trouble[name]
            refused(actions.sample, re.escape(remedy[name]), model=name)
            refused(actions.describe_latents, re.escape(remedy[name]), model=name)
        else:
            assert trouble[name] is None and actions.sample(name, 1)["shape"] == [1, 28, 28]
    refused(actions.write, "train.py cvae", model="cvae")
    refused(actions.reconstruct, "train.py vae --set", model="vae2d", picture=GOOD)
    refused(actions.latent_grid, "train.py vae --set")


def test_a_checkpoint_damaged_while_served_gives_the_message(copy):
    actions = served(copy)
    damage(copy, "gan")
    shutil.rmtree(copy / "vae")
    refused(actions.sample, "'gan' is damaged .* make it with: python train.py gan$", model="gan")
    refused(actions.reconstruct, "'vae' is missing; make it with: python train.py vae$", picture=GOOD)
    assert {choice.name for choice in actions.studio.choices() if choice.trouble} == {"gan", "vae"}
    assert actions.sample("cgan", 1)["shape"] == [1, 28, 28]


def test_without_the_classifier_all_but_its_word_is_there(copy):
    shutil.rmtree(copy / "cnn")
    actions = served(copy)
    assert actions.inspect("dcgan")["predicted"] is None
    assert actions.reconstruct(GOOD, "vae")["predicted"]["input"] == (None, 0.0)
    refused(actions.reconstruct, "classifier is not available .* give the digit", picture=GOOD, model="cvae")
    assert actions.reconstruct(GOOD, "cvae", label=3)["label"] == 3


def test_no_checkpoints_at_all(tmp_path):
    actions = served(tmp_path / "nowhere")
    assert [choice.name for choice in actions.studio.choices()] == DRAWING
    refused(actions.sample, "'dcgan' is missing; make it with: python train.py dcgan$")


def test_a_checkpoint_of_ones_own_is_a_choice_too(copy):
    shutil.copytree(copy / "vae", copy / "mine")
    actions = served(copy)
    assert actions.studio.choices()[-1].name == "mine" and "mine" in actions.studio.choices()[-1].title
    assert unpack(actions.sample("mine", 4)).tolist() == unpack(actions.sample("vae", 4)).tolist()


# ---- Many at once


def test_eight_threads_get_what_each_would_get_alone(actions, root):
    def ask(actions: Actions, seed: int) -> list[str]:
        return [*(json.dumps(actions.sample(model, 20, seed)) for model in ("dcgan", "cgan", "vae2d")),
                json.dumps(actions.inspect("dcgan", seed, 3)), json.dumps(actions.write("2014", "cgan", False, seed)),
                json.dumps(actions.reconstruct(GOOD, "vae", seed=seed))]

    fresh = served(root)  # so that the models are loaded at once, too
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(partial(ask, fresh), range(8)))
    alone = [ask(actions, seed) for seed in range(8)]
    same = [[a == b for a, b in zip(*rows, strict=True)] for rows in zip(together, alone, strict=True)]
    assert same == [[True] * 6] * 8  # not the texts themselves, whose difference takes pytest a minute to print


def test_nothing_was_written_by_the_way(temporary):
    assert list(temporary.rglob("*")) == []
