"""What a server's process does: a process forked from one that has imported gradio and torch already."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

LOGIN = {"username": "anna", "password": "s3cret"}


def run(root: Path, port: int, path: str, folder: Path, watched: Path | None = None) -> None:
    """Serve the app on a folder of checkpoints until a signal comes; see ``servers.serve``.

    Without the second that the app waits before it loads a model, so that tests are faster.
    """
    with (folder / "log").open("wb") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
    tempfile.tempdir = None  # of the process that this one was forked from
    os.environ |= {"TMPDIR": str(folder / "temporary"), "GRADIO_TEMP_DIR": str(folder / "temporary")}
    import fastapi
    import gradio
    import uvicorn

    from app import exit_on_signals
    from genmodels.ui.page import build_demo

    exit_on_signals()
    try:
        demo = build_demo(root, watched)
        for event in demo.fns.values():
            if isinstance(event.js, str):
                event.js = event.js.replace("1000", "0")
        if path:
            host = fastapi.FastAPI()
            host.get("/favicon.ico")(lambda: None)  # a browser asks the host for it
            gradio.mount_gradio_app(host, demo, path=path, auth=tuple(LOGIN.values()))
            uvicorn.run(host, port=port, log_level="warning")
        else:
            demo.launch(server_name="127.0.0.1", server_port=port, quiet=True)
    except SystemExit as end:  # as ``exit_on_signals`` ends a process of its own, without waiting for threads
        sys.stderr.flush()
        os._exit(end.code)
