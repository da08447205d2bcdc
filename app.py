"""Serve the demo: python app.py, then open the address it prints. python app.py --selfcheck tests the checkpoints."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import ctypes
import os
import signal
import sys
import threading
from typing import NoReturn

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported: nothing leaves this machine
os.environ.setdefault("HF_HUB_OFFLINE", "1")
M_ARENA_MAX, MAX_ARENAS = -8, 2  # the first from malloc.h
MAX_FILES = 65_536
demo = None  # the page that is served, under the name that ``gradio app.py`` looks for


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see --help\n")  # one line


def main(arguments: list[str]) -> int:
    parser = Parser(prog="app.py", description=__doc__, epilog="Exit status: 0 done or stopped by Ctrl-C or SIGTERM, "
                    "1 a checkpoint is broken, 2 bad input.")
    parser.add_argument("--selfcheck", action="store_true", help="load every checkpoint, generate one image with each")
    parser.add_argument("--host", help="address to serve on; default: this machine only, all addresses on a Space")
    parser.add_argument("--port", type=int, help="default: 7860 or the next free one")
    parser.add_argument("--root-path", metavar="PATH", help="behind a proxy: the path, or the whole address, at which "
                        "visitors find the page, such as /demo")
    parser.add_argument("--watch", metavar="DIR", help="open on the Time machine with the run that train.py writes "
                        "into this folder, and follow it while it trains")
    parser.add_argument("--auth", action="append", metavar="USER:PASSWORD", help="ask for this login; for several, "
                        "repeat it, or give @FILE, a file with one per line, which keeps them out of the process list")
    args = parser.parse_args(arguments)
    if args.selfcheck:
        from genmodels.ui.selfcheck import selfcheck

        return selfcheck()
    global demo
    from genmodels.ui.command_line import missing_data, read_logins, root_path, watched_folder
    from genmodels.ui.page import build_demo

    try:
        logins, root = read_logins(args.auth or []), root_path(args.root_path)
        watched = watched_folder(args.watch)
    except (OSError, ValueError) as error:
        return bad_input(error)
    limit_malloc_arenas()
    raise_file_limit()
    demo = build_demo(watched=watched)
    print(missing_data(), end="")
    try:
        demo.launch(server_name=args.host, server_port=args.port, auth=logins, root_path=root)
    except (OSError, OverflowError, ValueError) as error:  # an address or a port that it cannot have
        return bad_input(error)
    return 0


def bad_input(error: Exception) -> int:
    """Report an error in one line; the exit status."""
    print(f"app.py: {error}", file=sys.stderr)
    return 2


def limit_malloc_arenas() -> None:
    """Make all threads share two malloc arenas, where the C library has such a setting (glibc).

    By default each of forty threads may keep its own fragmented arena; ``python -m tests.benchmarks --only api``
    measures how memory grows.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, MAX_ARENAS)


def raise_file_limit() -> None:
    """Let the process open as many files as it may, up to ``MAX_FILES``, where the system has such a limit.

    Every browser opens up to six connections, each of which is a file; shells often allow 1,024.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def exit_on_signals() -> None:
    """End with status 0 on Ctrl-C and SIGTERM, at any time; what is being served is closed first."""
    stopped = []

    def stop(*_: object) -> None:
        stopped.append(True)
        sys.exit(0)

    def leave() -> None:
        if stopped:  # without the interpreter's last steps, in which threads that still import torch abort the process
            sys.stdout.flush()
            os._exit(0)

    atexit.register(leave)  # first of all, since the first registered is called last
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


if __name__ == "__main__":
    by_itself = threading.current_thread() is threading.main_thread()
    if by_itself:  # else the reloader of ``gradio app.py`` runs this again, in a thread that must go on
        exit_on_signals()
    status = main(sys.argv[1:])
    if status and by_itself:
        sys.exit(status)
