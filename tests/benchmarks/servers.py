"""Servers in processes of their own, and what they use of processor and memory."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 100  # seconds that a server may take to answer
MODELS = ("vae2d", "vae", "infogan", "dcgan")

Command = Callable[[int], list[str]]  # port -> arguments of Python


class NotMeasured(Exception):
    """One measure cannot be taken; the message says why."""


@dataclass(frozen=True)
class Server:
    """A server process."""

    address: str
    process: subprocess.Popen
    log: Path

    def check(self) -> None:
        """NotMeasured if the process has ended."""
        if self.process.poll() is not None:
            lines = self.log.read_text(errors="replace").strip().splitlines()
            raise NotMeasured(f"a server ended by itself: {lines[-1] if lines else 'its log is empty'}")


def app_command(port: int) -> list[str]:
    return ["app.py", "--port", str(port)]


def plain_command(port: int) -> list[str]:
    return ["-m", "tests.benchmarks.plain_page", str(port), ",".join(MODELS)]


def empty_command(port: int) -> list[str]:
    return ["-m", "tests.benchmarks.empty_page", str(port)]


def environment(folder: Path) -> dict[str, str]:
    """For servers and clients: this process's, but offline, and with temporary files in ``folder``."""
    return os.environ | {"GRADIO_TEMP_DIR": str(folder), "TMPDIR": str(folder), "GRADIO_ANALYTICS_ENABLED": "False",
                         "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}


@contextmanager
def spawn(command: Command, folder: Path) -> Iterator[Server]:
    """A server that has just been started and may not answer yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = Path(tempfile.mkdtemp(dir=folder))
    log = home / "log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, *command(port)], cwd=ROOT, env=environment(home), stdout=out,
                                   stderr=out)
    try:
        yield Server(f"http://127.0.0.1:{port}/", process, log)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(home, ignore_errors=True)


def wait_for_server(server: Server) -> None:
    """Wait until a server answers; NotMeasured if it ends or takes too long."""
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        server.check()
        try:
            with urlopen(server.address, timeout=10):
                return
        except (URLError, TimeoutError, ConnectionError):
            if time.monotonic() > deadline:
                raise NotMeasured(f"a server did not answer within {START_TIMEOUT} s") from None
            time.sleep(0.1)


def process_tree(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for process in found:
        for listed in Path(f"/proc/{process}/task").glob("*/children"):
            found += map(int, listed.read_text().split())
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its living descendants."""
    # The id of a process's clock on Linux (clock_getcpuclockid), which is far finer than the 10 ms of /proc.
    return sum(time.clock_gettime(~process << 3 | 2) for process in process_tree(pid))


def resident_megabytes(pid: int) -> float:
    """Resident memory of a process and its descendants."""
    pages = sum(int(Path(f"/proc/{process}/statm").read_text().split()[1]) for process in process_tree(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
