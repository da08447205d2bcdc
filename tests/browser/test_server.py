"""The server: broken checkpoints, a page of another server around it, and what it leaves behind."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

import pytest
from conftest import build_shipped, shipped_with, shipped_with_label

from browser.helpers import (
    CHECKPOINTS,
    EXPLORED,
    GRID,
    choose_model,
    context_of,
    expect,
    open_tab,
    read_pixels,
    visit,
    wait_arrived,
    wait_changed,
    wait_for_decoder,
    wait_painted,
)
from browser.servers import LOGIN, left_behind, serve
from genmodels import checkpoint

pytestmark = pytest.mark.browser


@pytest.mark.slow  # its words and statuses are among the tests of ui, too
def test_broken_checkpoint_is_explained_and_others_work(browser, folder):
    """In a page that another app has mounted, behind a login, which is lost in the end."""
    root, generative = folder / "checkpoints", shipped_with("decode")
    editable = [name for name in generative if build_shipped(name).latent.is_editable]
    shutil.copytree(CHECKPOINTS, root, ignore=shutil.ignore_patterns(".*", "history*", "samples*"))
    for name in ("dcgan", "cvae"):
        weights = root / name / checkpoint.WEIGHTS
        weights.write_bytes(weights.read_bytes()[:1000])
    visitor = context_of(browser, "desktop").request
    with serve(root, folder / "broken", "/demo") as address:
        visitor.post(f"{address}login", form=LOGIN)
        with visit(browser, address, expected=" 401 ") as page:
            wait_painted(page, GRID, 36)
            expect(page.locator("#gm-sample-model input:checked")).to_have_value(generative[0])
            for part, offered, names in (("write", shipped_with_label(), ("Conditional VAE",)),
                                         ("reconstruct", shipped_with("reconstruct"), ("Conditional VAE",)),
                                         ("latents", editable, ("DCGAN",)),
                                         ("sample", generative, ("DCGAN", "Conditional VAE"))):
                open_tab(page, part.title())
                models = page.locator(f"#gm-{part}-model")
                expect(models.locator("input:visible")).to_have_count(len(offered))
                for name in names:
                    expect(models.get_by_role("radio", name=name, exact=True)).to_be_disabled()
                expect(models.locator(".gm-warning", has_text="python train.py cvae")).to_be_visible()
                if part == "latents":
                    wait_painted(page, EXPLORED, 1)
            before = read_pixels(page, GRID)
            choose_model(page, "sample", "GAN")
            wait_changed(page, GRID, before)
            visitor.get(f"{address}logout")
            page.get_by_role("slider", name="Truncation").press("ArrowLeft")
            expect(page.locator("#gm-samples .gm-error")).to_contain_text("log in again")
    assert left_behind(folder / "broken") == []


@contextmanager
def host_page(html: str) -> Iterator[str]:
    """The address of a page on a server, and so of an origin, of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as host:
        threading.Thread(target=host.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{host.server_port}/"
        host.shutdown()


@pytest.mark.slow
def test_the_page_lives_as_an_element_of_a_host_s_page(browser, server):
    """The host's page keeps its title, and may have a style of the same name as gradio's."""
    script = re.search(r"assets/index-[\w-]+\.js", urlopen(server).read().decode())[0]
    html = (f"<title>Host</title><script type='module' crossorigin src='{server}{script}'></script>"
            f"<gradio-app src='{server}'></gradio-app><link rel='stylesheet' href='/assets/theme.css?v=1699'>")
    page = context_of(browser, "desktop").new_page()
    failed = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    with host_page(html) as address:
        page.goto(address)
        wait_arrived(page)
        open_tab(page, "Sample")
        before = wait_painted(page, GRID, 36)
        page.get_by_role("slider", name="Truncation").press("ArrowLeft")
        wait_changed(page, GRID, before)
        open_tab(page, "Latents")
        wait_for_decoder(page)
        assert page.title() == "Host" and page.url == address and failed == []
        open_tab(page, "Sample")
        before = read_pixels(page, GRID)
        choose_model(page, "sample", "VAE")  # for which the page has no decoder yet
        wait_changed(page, GRID, before)
        for path in ("plan", "generate"):
            page.route(f"**/gm/{path}/*", lambda route: route.fulfill(
                status=403, json={"detail": "of the host's own"}, headers={"Access-Control-Allow-Origin": "*"}))
        page.get_by_role("slider", name="Truncation").press("ArrowLeft")
        expect(page.locator("#gm-samples .gm-error")).to_contain_text("did not answer")
        page.close()


def test_server_leaves_no_files_or_tracebacks(server, folder):
    assert left_behind(folder / "shipped") == []
