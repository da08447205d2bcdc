"""What the tests of the interface share: small checkpoints, endpoints on them, image files, requests."""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import gradio as gr
import numpy as np
import pytest
import torch
from conftest import build_shipped, save_checkpoint, shipped_with, shipped_with_label
from PIL import Image

from genmodels import checkpoint, data, images, registry
from genmodels.data import synthetic
from genmodels.ui.api import public_endpoints
from genmodels.ui.store import ModelStore

GENERATIVE = shipped_with("decode")
CONDITIONAL = shipped_with_label()
RECONSTRUCTING = shipped_with("reconstruct")


def save_small_checkpoints(root: Path) -> Path:
    """All shipped checkpoints, small and untrained."""
    for name, entry in registry.CHECKPOINTS.items():
        model = build_shipped(name)
        with torch.no_grad():
            for weights in model.parameters():
                weights.mul_(1.5)  # for contrast, which untrained networks lack
        dataset = "synthetic" if entry.dataset == "mnist" else entry.dataset
        save_checkpoint(model, registry.model_name(name), root / name, dataset)
    return root


def image_shape(name: str) -> tuple[int, ...]:
    """Height and width of the images of a shipped checkpoint, and 3 where they are in color."""
    facts = data.find(registry.CHECKPOINTS[name].dataset)
    return (facts.height, facts.width, 3) if facts.channels == 3 else (facts.height, facts.width)


def is_judged(store: ModelStore, name: str) -> bool:
    """Whether there is a classifier for the images of a checkpoint's model."""
    return store.classifier_of(store.card(name).dataset["name"]) is not None


def endpoints_on(root: Path) -> SimpleNamespace:
    """Every public endpoint by name, and the ``store``, on a folder's checkpoints, without MNIST."""
    store = ModelStore(root, root / "no-data")
    return SimpleNamespace(store=store, **public_endpoints(store))


def damage(root: Path, name: str) -> None:
    """Cut a checkpoint's weights in half."""
    path = root / name / checkpoint.WEIGHTS
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def images_of(answer: dict) -> np.ndarray:
    """The images of an answer, uint8 [n, H, W], decoded as ``genmodels.ui.api`` documents it."""
    return np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(answer["shape"])


def image_file(image: np.ndarray | Image.Image, kind: str = "PNG", **options: object) -> str:
    """An image as base64 of a file."""
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, kind, **options)
    return base64.b64encode(buffer.getvalue()).decode()


def one_bit_png(side: int) -> str:
    """A black PNG of ``side`` x ``side`` bits, a few KB however large."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows)
                            + chunk(b"IEND", b"")).decode()


DIGIT = synthetic.draw_digit(3, 1)  # uint8 [28, 28]
LARGE_DIGIT = images.upscale(DIGIT, 10)
DIGIT_FILE = image_file(LARGE_DIGIT)


def assert_refused(endpoint: Callable, words: str, **given: object) -> str:
    """The message with which an endpoint refuses: a sentence of sensible length that matches ``words``."""
    with pytest.raises(gr.Error) as raised:
        endpoint(**given)
    message = raised.value.message
    assert re.search(words, message), message
    assert message[0] == message[0].upper() and len(message) < 300 and "\n" not in message
    return message


def request(address: str, body: object = None) -> tuple[int, str]:
    """Status and text of an answer; with a body, to a POST of it as JSON."""
    content = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(address, content, {"Content-Type": "application/json"}), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
