"""Profiles that are not in front, as long as runs of them are on their way.

Going to another profile neither breaks off what is being sent nor stops the watch over what
waits: the session that is left goes on, and is the same one when its profile is used again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:  # it brings the HTTP library, which the commands for the log do not need
    from zapdesk.broadcast import Broadcast
    from zapdesk.domain.profiles import Profile
    from zapdesk.services.watching import RunsChange


class _Runs(Protocol):
    @property
    def changed(self) -> Broadcast[RunsChange]: ...
    @property
    def is_busy(self) -> bool: ...
    async def settle(self, timeout_s: float) -> None: ...


class _Session(Protocol):
    @property
    def profile(self) -> Profile: ...
    @property
    def runs(self) -> _Runs: ...
    async def close(self) -> None: ...


S = TypeVar("S", bound=_Session)

SETTLE_S = 30.0
"""So long a session that has to end waits for what it is sending."""


class KeptSessions(Generic[S]):
    """The sessions that were left, by profile. ``tell`` hears what becomes of their runs."""

    def __init__(self, tell: Callable[[RunsChange], None]) -> None:
        self._tell = tell
        self._kept: dict[str, tuple[S, Callable[[], None]]] = {}

    def all(self, front: S | None) -> tuple[S, ...]:
        """The session in ``front``, if there is one, and those that go on behind it."""
        kept = [session for session, _ in self._kept.values()]
        return tuple(kept if front is None else [front, *kept])

    async def leave(self, session: S) -> None:
        """Let a session go on where runs of it are on their way; else close it."""
        if session.runs.is_busy:
            stop = session.runs.changed.subscribe(self._tell)
            self._kept[session.profile.id] = session, stop
        else:
            await session.close()

    @staticmethod
    async def end(session: S) -> None:
        """Close a session, once what it sends is sent."""
        await session.runs.settle(SETTLE_S)
        await session.close()

    async def resume(self, profile: Profile) -> S | None:
        """The session of a profile that went on; ``None`` where there is none, or the profile
        is another one now."""
        session, stop = self._kept.get(profile.id, (None, None))
        if session is None or stop is None:
            return None
        if session.profile != profile:
            await self.drop(profile.id)
            return None
        stop()
        del self._kept[profile.id]
        return session

    async def drop(self, profile_id: str) -> None:
        """Close the session of a profile, if it went on."""
        session, stop = self._kept.pop(profile_id, (None, None))
        if session is not None and stop is not None:
            await self.end(session)
            stop()

    async def close(self) -> None:
        """Close all of them now; a send that is under way ends as what is known of it."""
        kept, self._kept = self._kept, {}
        for session, stop in kept.values():
            stop()
            await session.close()


class Elsewhere:
    """Tells each of several askers that another process has written: the log says it once."""

    def __init__(self, ask: Callable[[], Awaitable[bool]]) -> None:
        self._ask = ask
        self._times = 0

    def asker(self) -> Callable[[], Awaitable[bool]]:
        """A question of one's own: whether anything was written since it was last asked."""
        seen = self._times

        async def has_written() -> bool:
            nonlocal seen
            if await self._ask():
                self._times += 1
            is_new, seen = seen != self._times, self._times
            return is_new

        return has_written
