"""ConnectionThread: one thread that owns one connection and does what it is given, in order.

The answer travels back to the loop that asked. The thread is a daemon: a disk that hangs must
not keep the program from ending.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar

from zapdesk.errors import StorageUnusable

T = TypeVar("T")
V = TypeVar("V")


class ConnectionThread:
    """Everything that touches the connection is handed over as work: opening and closing it too."""

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` gives or raises. Work that has been handed over is done even when
        nobody waits any more. Raises StorageUnusable once this is closed."""
        if self._closed:
            raise StorageUnusable("The log is closed.", "zapdesk is being closed.")
        return await self._put(work)

    async def close(self, last: Callable[[], None]) -> None:
        """Do what was handed over, then ``last``, then end the thread. May be called twice."""
        if not self._closed:
            self._closed = True
            try:
                await self._put(last)
            finally:
                self._jobs.put(None)
            self._thread.join()  # it has nothing left to do

    async def _put(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def job() -> None:
            try:
                value = work()
            except BaseException as error:  # whoever asked hears of it
                _deliver(loop, answer.set_exception, answer, error)
            else:
                _deliver(loop, answer.set_result, answer, value)

        self._jobs.put(job)
        return await answer

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # what it refers to must not live until the next one comes


async def on_own_thread(name: str, work: Callable[[], T]) -> T:
    """What ``work`` gives or raises, on a thread that is there for it alone."""
    thread = ConnectionThread(name)
    try:
        return await thread.run(work)
    finally:
        await thread.close(lambda: None)


def _deliver(
    loop: asyncio.AbstractEventLoop,
    tell: Callable[[V], None],
    answer: asyncio.Future[T],
    value: V,
) -> None:
    """Call ``tell(value)`` on the loop, unless whoever asked has given up."""

    def on_loop() -> None:
        if not answer.done():
            tell(value)

    with suppress(RuntimeError):  # the loop has been closed: nobody is left to be told
        loop.call_soon_threadsafe(on_loop)
