"""Host names are looked up on threads that nobody waits for, and for five seconds at most.

The system's resolver cannot be stopped: on the event loop's own threads a look-up that hangs
would also hold up the end of the program. One that hangs is joined, not repeated.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Any

WITHIN_S = 5.0

_Found = list[tuple[Any, Any, int, str, Any]]


def bound(loop: asyncio.AbstractEventLoop) -> None:
    """From now on names are looked up so by everything that runs on ``loop``."""
    if "getaddrinfo" not in vars(loop):
        # The loop is the one place where every library's look-ups come by.
        vars(loop)["getaddrinfo"] = _LookUps(loop).getaddrinfo


class _LookUps:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._under_way: dict[tuple[Any, ...], asyncio.Future[_Found]] = {}

    async def getaddrinfo(
        self,
        host: Any,
        port: Any,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> _Found:
        """As the function of that name in ``socket``; gaierror where no answer comes in time."""
        question = (host, port, family, type, proto, flags)
        answer = self._under_way.get(question)
        if answer is None:
            answer = self._under_way[question] = self._loop.create_future()
            # Whoever asked may be gone when it fails; that is nobody's lost error.
            answer.add_done_callback(lambda done: done.cancelled() or done.exception())
            name = f"look up {host!r}"
            threading.Thread(target=self._ask, args=question, name=name, daemon=True).start()
        try:
            async with asyncio.timeout(WITHIN_S):
                return await asyncio.shield(answer)
        except TimeoutError:
            raise socket.gaierror(
                socket.EAI_AGAIN, f"no answer to the name within {WITHIN_S:.0f} seconds"
            ) from None

    def _ask(self, *question: Any) -> None:
        found: _Found = []
        failure: BaseException | None = None
        try:
            found = socket.getaddrinfo(*question)
        except BaseException as error:  # handed to whoever awaits it
            failure = error
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._settle, question, found, failure)

    def _settle(
        self, question: tuple[Any, ...], found: _Found, failure: BaseException | None
    ) -> None:
        answer = self._under_way.pop(question)
        if failure is not None:
            answer.set_exception(failure)
        else:
            answer.set_result(found)
