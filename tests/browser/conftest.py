"""One server and one browser for all tests here (one each per pytest-xdist worker), and a new visitor for each test.

Tests that only look, or that a link undoes, share a visitor, since a page takes more than a second to start.

The fixtures live as long as this package's tests, not the whole session: Playwright keeps an event loop running in the
main thread, and other tests could not start one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from browser.helpers import (
    CHECKPOINTS,
    TIMEOUT,
    Error,
    expect,
    sync_playwright,
    visit,
)
from browser.servers import left_behind, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# WebGPU without a GPU; one process for all pages, which need not compile the same scripts again.
CHROMIUM = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--process-per-site"]


@pytest.fixture(scope="package")
def folder(tmp_path_factory) -> Path:
    """Where servers write their logs and temporary files."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; without it the tests are skipped, or fail if GENMODELS_REQUIRE_BROWSER is 1."""

    def absent(reason: str) -> None:
        (pytest.fail if os.environ.get("GENMODELS_REQUIRE_BROWSER") == "1" else pytest.skip)(reason)

    if sync_playwright is None:
        absent("playwright is not installed")
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        names = ("chromium", "chromium-browser", "google-chrome")
        try:
            browser = playwright.chromium.launch(executable_path=next(filter(None, map(shutil.which, names)), None),
                                                 args=CHROMIUM)
        except Error as error:
            absent(f"no Chromium: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def server(browser, folder) -> Iterator[str]:
    """The address of the app on all shipped checkpoints; it must leave no files behind."""
    with serve(CHECKPOINTS, folder / "shipped") as address:
        yield address
        still_open = urlopen(f"{address}gradio_api/heartbeat/somebody")  # as of a visitor who stays
    still_open.close()
    assert left_behind(folder / "shipped") == []


@pytest.fixture(scope="module")
def visitor(browser, server) -> Iterator[Page]:
    """One visitor's page on a desktop for several tests of a module, which leave it in any state."""
    with visit(browser, server) as page:
        yield page


@pytest.fixture
def page(browser, server, request) -> Iterator[Page]:
    """A new visitor's page on a desktop, or on the screen that the test is parametrized with."""
    with visit(browser, server, getattr(request, "param", "desktop")) as page:
        yield page
