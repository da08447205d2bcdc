"""The app in a process of its own, as the browser tests serve it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from conftest import ROOT, free_port

SERVER_TIMEOUT = 100  # seconds that the server may take to answer
LOGIN = {"username": "anna", "password": "s3cret"}
# Without the second that the app waits before it loads a model, so that tests are faster.
SERVER_SCRIPT = f"""
import sys
from pathlib import Path
import fastapi, gradio, uvicorn
from app import exit_on_signals
from genmodels.ui.page import build_demo
root, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
exit_on_signals()
demo = build_demo(Path(root))
for event in demo.fns.values():
    if isinstance(event.js, str):
        event.js = event.js.replace("1000", "0")
if path:
    host = fastapi.FastAPI()
    host.get("/favicon.ico")(lambda: None)  # a browser asks the host for it
    gradio.mount_gradio_app(host, demo, path=path, auth={tuple(LOGIN.values())})
    uvicorn.run(host, port=port, log_level="warning")
else:
    demo.launch(server_name="127.0.0.1", server_port=port, quiet=True)
"""


def responds(address: str) -> bool:
    try:
        with urlopen(address, timeout=10):
            return True
    except (URLError, TimeoutError):
        return False


@contextmanager
def serve(root: Path, folder: Path, path: str = "") -> Iterator[str]:
    """The app on a folder of checkpoints in a process of its own; its log and temporary files go to ``folder``.

    With a path such as /demo it is mounted there in another app, and asks for ``LOGIN``.
    """
    port = free_port()
    address, temporary = f"http://127.0.0.1:{port}{path}/", folder / "temporary"
    temporary.mkdir(parents=True)
    env = os.environ | {"GRADIO_TEMP_DIR": str(temporary), "TMPDIR": str(temporary), "OMP_NUM_THREADS": "1",
                        "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-c", SERVER_SCRIPT, root, str(port), path], cwd=ROOT, env=env,
                                  stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + SERVER_TIMEOUT
        while not responds(address):
            assert server.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        status = server.wait(20)
    assert status == 0, (folder / "log").read_text()


def left_behind(folder: Path) -> list[str]:
    """Temporary files that a server left, and the tracebacks in its log."""
    tracebacks = [line for line in (folder / "log").read_text().splitlines() if "Traceback" in line]
    return tracebacks + [str(path) for path in (folder / "temporary").rglob("*") if path.is_file()]
