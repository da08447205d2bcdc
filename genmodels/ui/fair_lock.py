"""A lock for threads, first come, first served."""

from __future__ import annotations

import threading
from collections import deque


class FairLock:
    """``with lock:`` as for a ``threading.Lock``, but handed over to the thread that has waited longest.

    A ``threading.Lock`` that is released and taken again at once mostly stays with the same thread: whoever waits for
    a turn between two steps of a long job could wait until its end.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()  # guards the fields below
        self._held = False
        self._turns: deque[threading.Lock] = deque()  # a lock per waiting thread, released when it is its turn

    @property
    def waiting(self) -> int:
        """How many threads wait for their turn."""
        return len(self._turns)

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._turns.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._turns:
                self._turns.popleft().release()  # held on, now by that thread
            else:
                self._held = False
