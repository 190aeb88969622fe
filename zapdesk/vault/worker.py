"""Threads that call a store and may never come back.

A ThreadPoolExecutor would keep the program from ending. One call is under way at a time; the
thread of a call that was given up is used again once it has come back.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

MOST_STUCK = 4
"""So many calls may hang; a further one is not begun."""


class _Worker:
    def __init__(self) -> None:
        self.is_busy = False
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="keyring", daemon=True).start()

    def submit(self, call: Callable[[], None]) -> None:
        self.is_busy = True
        self._calls.put(call)

    def _work(self) -> None:
        while True:
            self._calls.get()()
            self.is_busy = False


class Workers:
    """Gives a call to a thread that is free."""

    def __init__(self) -> None:
        self._workers: list[_Worker] = []

    def submit(self, call: Callable[[], None]) -> bool:
        """Begin ``call``; False where too many hang."""
        free = next((worker for worker in self._workers if not worker.is_busy), None)
        if free is None:
            if len(self._workers) >= MOST_STUCK:
                return False
            free = _Worker()
            self._workers.append(free)
        free.submit(call)
        return True
