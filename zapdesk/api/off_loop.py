"""Computing that is too long for the event loop, on a daemon thread that cannot delay the exit."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LARGE = 256 * 1024
"""Bytes from which on reading a document takes longer than a frame may."""


async def call(read: Callable[[bytes], T], body: bytes) -> T:
    """``read(body)``; off the loop where ``body`` is large. Raises what ``read`` raises."""
    if len(body) < LARGE:
        return read(body)
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # a result wherever no error is

    def work() -> None:
        result, error = None, None
        try:
            result = read(body)
        except BaseException as failure:  # handed to whoever awaits it
            error = failure
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name="zapdesk-json", daemon=True).start()
    return await done
