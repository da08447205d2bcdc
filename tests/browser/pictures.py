"""Picture files as visitors have them, and the ways in which they give them to the Reconstruct tab."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from browser.helpers import RESULT, SKETCHPAD, expect
from genmodels import images
from genmodels.data import synthetic

if TYPE_CHECKING:
    from playwright.sync_api import Page

DIGIT = images.upscale(synthetic.draw_digit(5, 1), 8)
TWO_DIGITS = 255 - np.hstack([DIGIT[:, ::-1], DIGIT])  # ink on paper


def file_of(image: Image.Image | np.ndarray | bytes, kind: str = "png") -> dict:
    """A file as a visitor's disk has it."""
    buffer = io.BytesIO(image if isinstance(image, bytes) else b"")
    if not isinstance(image, bytes):
        (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(buffer, kind)
    media = {"svg": "svg+xml"}.get(kind, kind)
    return {"name": f"five.{kind}", "mimeType": f"image/{media}", "buffer": buffer.getvalue()}


UNREADABLE = file_of(b"I am a picture, honestly.\n")


def upload(page: Page, file: dict) -> None:
    page.locator("#gm-sketchpad .gm-file").set_input_files(file)


def give(page: Page, how: str, file: dict, where: str = SKETCHPAD) -> bool:
    """Paste a file, or drop it on the drawing area; returns whether the page took it."""
    return page.evaluate("""([how, selector, name, type, base64]) => {
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), data = new DataTransfer();
        data.items.add(new File([bytes], name, { type }));
        const options = { bubbles: true, cancelable: true, clipboardData: data, dataTransfer: data };
        return !document.querySelector(selector).dispatchEvent(
            how === 'paste' ? new ClipboardEvent(how, options) : new DragEvent(how, options));
    }""", [how, where, file["name"], file["mimeType"], base64.b64encode(file["buffer"]).decode()])


def wait_read(page: Page) -> str:
    """The reconstruction of an upload, once the digit in it was read."""
    result = page.locator(RESULT)
    expect(result.get_by_role("img", name="The ink that was found")).to_be_visible()
    expect(result).to_contain_text("5 (")
    return result.inner_text()
