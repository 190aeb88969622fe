"""Large documents are read on a thread that holds up neither the loop nor the exit."""

from __future__ import annotations

import asyncio
import threading

import pytest

from zapdesk.api import off_loop
from zapdesk.errors import Unreadable

LARGE = b" " * off_loop.LARGE


def _where(_: bytes) -> str:
    return threading.current_thread().name


def test_small_ones_are_read_at_once_and_large_ones_on_a_thread() -> None:
    assert asyncio.run(off_loop.call(_where, b"")) == threading.current_thread().name
    assert asyncio.run(off_loop.call(_where, LARGE)) == "zapdesk-json"


def test_an_error_on_the_thread_reaches_who_waits() -> None:
    def fails(_: bytes) -> None:
        raise Unreadable("No.")

    with pytest.raises(Unreadable):
        asyncio.run(off_loop.call(fails, LARGE))


@pytest.mark.parametrize("loop_ends_first", [True, False])
def test_a_result_nobody_waits_for_any_more_is_dropped(loop_ends_first: bool) -> None:
    begun, goes_on, threads = threading.Event(), threading.Event(), []

    def slow(_: bytes) -> None:
        threads.append(threading.current_thread())
        begun.set()
        goes_on.wait(5)

    async def main() -> None:
        task = asyncio.ensure_future(off_loop.call(slow, LARGE))
        while not begun.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if not loop_ends_first:
            goes_on.set()
            await asyncio.sleep(0.05)

    asyncio.run(main())
    goes_on.set()
    threads[0].join(5)
    assert threads[0].daemon
    assert not threads[0].is_alive()
