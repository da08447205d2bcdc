"""Ctrl-C and SIGTERM, which are answered in words at any moment of a run, also while torch is imported."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STARTED_BY_TORCHRUN = int(os.environ.get("WORLD_SIZE", 1)) > 1


class Interrupts:
    """While ``raised``, either signal raises KeyboardInterrupt; while ``postponed``, the first one is only kept.

    ``received``: the number of the signal, once there was one. ``resumable``: whether there is anything that --resume
    could go on with.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self.resumable = False
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
        """Keep the first signal in ``received``; a second one raises, unless ``insistent``."""
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
