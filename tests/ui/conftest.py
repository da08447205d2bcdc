"""Fixtures of the interface's tests: small checkpoints, endpoints on them, a server, a check for files left behind."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import free_port
from gradio_client import Client

from genmodels.ui.page import build_demo
from ui.helpers import endpoints_on, request, save_small_checkpoints


@pytest.fixture(scope="session")
def root(tmp_path_factory) -> Path:
    """Small checkpoints, not to be modified."""
    return save_small_checkpoints(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture
def copy(root, tmp_path) -> Path:
    """Checkpoints to be modified."""
    return Path(shutil.copytree(root, tmp_path / "checkpoints"))


@pytest.fixture(scope="session")
def api(root) -> SimpleNamespace:
    """The endpoints on the small checkpoints."""
    return endpoints_on(root)


@pytest.fixture(scope="module", autouse=True)
def temporary(tmp_path_factory) -> Iterator[Path]:
    """The folder for temporary files; the tests of a module may leave no file, and no folder but gradio's own."""
    folder = tmp_path_factory.mktemp("temporary")
    cache = folder / "gradio"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setenv("GRADIO_TEMP_DIR", str(cache))
        patch.setenv("GENMODELS_DATA", str(folder / "no-data"))
        patch.setattr(tempfile, "tempdir", None)
        yield folder
    assert [path for path in folder.rglob("*") if path.is_file() or cache not in (path, *path.parents)] == []


@pytest.fixture(scope="module")
def server(root, temporary) -> Iterator[str]:
    """The address of the app on the small checkpoints."""
    demo = build_demo(root)
    _, address, _ = demo.launch(server_name="127.0.0.1", server_port=free_port(), prevent_thread_lock=True, quiet=True)
    yield address
    demo.close(verbose=False)


@pytest.fixture(scope="module")
def client(server) -> Client:
    return Client(server, verbose=False, analytics_enabled=False)


@pytest.fixture
def server_survives(server) -> Iterator[None]:
    """After the test, the page is still served."""
    yield
    assert request(server)[0] == 200
