"""The app in a process of its own, as the browser tests serve it."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from conftest import free_port

from browser import server_process

SERVER_TIMEOUT = 100  # seconds that the server may take to answer
LOGIN = server_process.LOGIN
# Servers are forked from one process that has imported what takes seconds to import.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["torch", "gradio", "fastapi", "uvicorn"])
os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}  # before that process imports gradio


def responds(address: str) -> bool:
    try:
        with urlopen(address, timeout=10):
            return True
    except (URLError, TimeoutError):
        return False


@contextmanager
def serve(root: Path, folder: Path, path: str = "", watched: Path | None = None) -> Iterator[str]:
    """The app on a folder of checkpoints in a process of its own; its log and temporary files go to ``folder``.

    With a path such as /demo it is mounted there in another app, and asks for ``LOGIN``. ``watched``: the folder of a
    run that it follows.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}{path}/"
    (folder / "temporary").mkdir(parents=True)
    server = PROCESSES.Process(target=server_process.run, args=(root, port, path, folder, watched))
    server.start()
    try:
        deadline = time.monotonic() + SERVER_TIMEOUT
        while not responds(address):
            assert server.is_alive() and time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.join(20)
    assert server.exitcode == 0, (folder / "log").read_text()


def left_behind(folder: Path) -> list[str]:
    """Temporary files that a server left, and the tracebacks in its log."""
    tracebacks = [line for line in (folder / "log").read_text().splitlines() if "Traceback" in line]
    return tracebacks + [str(path) for path in (folder / "temporary").rglob("*") if path.is_file()]
