"""Calls to a store on a thread of its own, each given up at its deadline.

What was given up may go on for ever; it writes nothing more once it comes back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from zapdesk.domain.secret_store import Condition, SecretStore
from zapdesk.vault.parts import Entries
from zapdesk.vault.troubles import Unusable, unusable
from zapdesk.vault.worker import Workers

_logger = logging.getLogger(__name__)
T = TypeVar("T")


class GivenUp(Exception):
    """Nobody waits for this call any more."""


class Call:
    """One call: who does the work asks ``go_on`` before each step."""

    def __init__(self) -> None:
        self.is_given_up = False

    def go_on(self) -> None:
        """Raises GivenUp where nobody waits any more."""
        if self.is_given_up:
            raise GivenUp

    def guarded(self, entries: Entries) -> Entries:
        """``entries``, which end with GivenUp in the middle of several steps."""
        return _Guarded(self, entries)


class _Guarded:
    def __init__(self, call: Call, entries: Entries) -> None:
        self._call = call
        self._entries = entries

    def get_password(self, service: str, username: str) -> str | None:
        self._call.go_on()
        return self._entries.get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._call.go_on()
        self._entries.set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._call.go_on()
        self._entries.delete_password(service, username)


async def on_thread(
    workers: Workers,
    work: Callable[[Call], T],
    *,
    name: Callable[[], str],
    deadline_s: float,
    asks: bool,
) -> T:
    """The result of ``work``. ``name`` says how the store is called, for the words of errors.

    Raises Unusable, also where there is no answer in time. When cancelled it is given up too.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()
    call = Call()

    def settle(value: list[T], error: Unusable | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(value[0])

    def run() -> None:
        value: list[T] = []
        failure: Unusable | None = None
        try:
            value.append(work(call))
        except Exception as error:  # backends raise whatever their platform raises
            failure = unusable(error, name(), has_asked=asks)
        try:
            loop.call_soon_threadsafe(settle, value, failure)
        except RuntimeError:
            _logger.debug("the loop ended before the keyring answered")

    try:
        if workers.submit(run):
            async with asyncio.timeout(deadline_s):
                return await answer
        detail = "Several questions to it are open."
    except TimeoutError:
        detail = f"Waited {deadline_s:.0f} seconds."
    finally:
        call.is_given_up = True
    raise Unusable(SecretStore(Condition.SILENT, name(), detail))
