"""Ctrl-C and SIGTERM, which are answered in words at any moment of a run, also while torch is imported."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

STARTED_BY_TORCHRUN = int(os.environ.get("WORLD_SIZE", 1)) > 1
IS_FIRST = os.environ.get("RANK", "0") == "0"  # of the processes that torchrun started: the one that writes
STATE = ".resume.safetensors"  # the file in its folder from which an interrupted run goes on
POSTPONED = b"\nstopping after this step and saving; Ctrl-C again stops at once, without saving\n"


class Interrupts:
    """While ``raised``, either signal raises KeyboardInterrupt; while ``postponed``, the first one is only kept.

    ``received``: the number of the signal, once there was one. ``saved``: what --resume would go on from, in words;
    empty while nothing of the run is saved.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self.saved = ""
        self._postponed = self._insistent = False

    @property
    def status(self) -> int:
        """The exit status that names the signal: 130 after Ctrl-C, 143 after SIGTERM."""
        return 128 + (self.received or signal.SIGINT)

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Handle the signals, at once."""
        # A process that torchrun started may wait for the others outside Python, where no handler of ours runs.
        numbers = (signal.SIGINT,) if STARTED_BY_TORCHRUN else (signal.SIGINT, signal.SIGTERM)
        with self._handled(numbers, postponed=False, insistent=False):
            yield

    @contextmanager
    def postponed(self, insistent: bool = False) -> Iterator[None]:
        """Keep the first signal in ``received`` and say so; a second one raises. ``insistent``: no signal raises."""
        with self._handled((signal.SIGINT, signal.SIGTERM), postponed=True, insistent=insistent):
            yield

    @contextmanager
    def _handled(self, numbers: tuple[int, ...], postponed: bool, insistent: bool) -> Iterator[None]:
        before = self._postponed, self._insistent
        self._postponed, self._insistent = postponed, insistent
        # Only the main thread may set handlers; a signal that is ignored, as by nohup, stays so.
        main = threading.current_thread() is threading.main_thread()
        numbers = tuple(n for n in numbers if main and signal.getsignal(n) != signal.SIG_IGN)
        handlers = [(number, signal.signal(number, self._handle)) for number in numbers]
        try:
            yield
        finally:
            self._postponed, self._insistent = before
            for number, handler in handlers:
                signal.signal(number, handler)

    def _handle(self, number: int, frame: object) -> None:
        first, self.received = self.received is None, self.received or number
        if not self._postponed or not (first or self._insistent):
            raise KeyboardInterrupt
        if not self._insistent:
            with suppress(OSError):
                os.write(2, POSTPONED)  # print may be what the signal has interrupted, and cannot be entered twice
