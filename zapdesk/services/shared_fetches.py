"""One fetch for all who ask for the same thing at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from zapdesk.errors import ZapdeskError
from zapdesk.tasks import TaskOwner

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fetched(Generic[T]):
    """What the server said; with ``trouble``, what it said an earlier time."""

    value: T
    trouble: ZapdeskError | None = None


class SharedFetches:
    """Fetches by name, each made once however many wait for it. An asker that goes away does not
    end it; the ``owner`` does."""

    def __init__(self, owner: TaskOwner) -> None:
        self._owner = owner
        self._running: dict[str, asyncio.Task[Any]] = {}

    async def get(self, name: str, fetch: Callable[[], Awaitable[T]]) -> T:
        """What ``fetch`` gives, or gave to whoever asked first. Raises what it raises."""
        task = self._running.get(name)
        if task is None:
            task = self._owner.start(_settled(fetch), name)
            if task is None:  # closing: whoever asks is about to be cancelled too
                raise asyncio.CancelledError
            self._running[name] = task
            task.add_done_callback(lambda _: self._running.pop(name, None))
        value, error = await asyncio.shield(task)
        if error is not None:
            raise error
        result: T = value
        return result


async def _settled(
    fetch: Callable[[], Awaitable[T]],
) -> tuple[T | None, ZapdeskError | None]:
    # The askers get the error; the owner must not report it a second time as a lost one.
    try:
        return await fetch(), None
    except ZapdeskError as error:
        return None, error
