"""TaskOwner: every coroutine that is started has an owner that outlives it.

``asyncio.create_task`` is called here and nowhere else: a task nobody holds can be collected
half-way, and its error is heard by nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_logger = logging.getLogger(__name__)


def _log_error(error: BaseException) -> None:
    _logger.error("a background task failed", exc_info=error)


class TaskOwner:
    """Holds the tasks of one lifetime (the program, a window, a dialog).

    Errors go to ``on_error`` once; a failing task never cancels its siblings. After ``close``
    nothing can be started any more.
    """

    def __init__(self, on_error: Callable[[BaseException], None] = _log_error) -> None:
        self._on_error = on_error
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def start(self, coroutine: Coroutine[Any, Any, T], name: str = "") -> asyncio.Task[T] | None:
        """Run ``coroutine`` in the background; ``None`` once this owner is closed."""
        if self._closed:
            coroutine.close()
            return None
        task = asyncio.create_task(coroutine, name=name or None)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        return task

    def cancel(self) -> None:
        """Ask every task to stop, without waiting for it."""
        for task in tuple(self._tasks):
            task.cancel()

    async def settle(self, within_s: float) -> None:
        """Wait so many seconds at most for what runs to come to its end."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=within_s)

    async def close(self) -> None:
        """Cancel what still runs and wait until it has ended. May be called twice."""
        self._closed = True
        while self._tasks:
            self.cancel()
            await asyncio.wait(tuple(self._tasks))

    def __len__(self) -> int:
        return len(self._tasks)

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_error(error)
