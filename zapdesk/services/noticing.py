"""Noticing: what another process, or a person with an editor, did to profiles and sign-ins.

The window looks once a second, which costs the looks at a few small files. A profile that was
deleted elsewhere leaves its session as it is, with everything typed, but no run is sent or
followed in it any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from zapdesk.services.endings import (
    AccountReplaced,
    ProfileDeleted,
    SignedInAgain,
    SignedOutElsewhere,
)
from zapdesk.tasks import TaskOwner

if TYPE_CHECKING:
    from zapdesk.domain.profiles import Profile
    from zapdesk.services.accounts import Accounts
    from zapdesk.services.preferences import Preferences
    from zapdesk.services.profiles import ProfileChange, ProfileService
    from zapdesk.services.runs import RunService
    from zapdesk.services.ways import Way

LOOK_S = 1.0


class _Session(Protocol):
    @property
    def profile(self) -> Profile: ...
    @property
    def way(self) -> Way: ...
    @property
    def runs(self) -> RunService: ...


class Noticing:
    """``sessions`` are those that are open now, in front and behind."""

    def __init__(
        self,
        preferences: Preferences,
        profiles: ProfileService,
        accounts: Accounts,
        sessions: Callable[[], Iterable[_Session]],
    ) -> None:
        self._preferences, self._profiles, self._accounts = preferences, profiles, accounts
        self._sessions = sessions
        self._owner = TaskOwner()
        self._task: asyncio.Task[None] | None = None
        self._seen: object = None
        self._marks: dict[str, str] = {}  # of profiles that were signed out, when that was seen
        profiles.changed.subscribe(self._on_profile)

    def start(self) -> None:
        """Look from now on, until ``close``."""
        if self._task is None:
            self._task = self._owner.start(self._keep_looking(), "notice other processes")

    async def close(self) -> None:
        """Look no more."""
        await self._owner.close()

    async def _keep_looking(self) -> None:
        await self._profiles.sweep(session.profile.id for session in self._sessions())
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Take up what was written since the last look."""
        await self._look_at_settings()
        await self._accounts.notice()
        for session in tuple(self._sessions()):
            self._look_for_sign_in(session)

    def _look_for_sign_in(self, session: _Session) -> None:
        profile = session.profile
        if not isinstance(session.runs.ending, SignedOutElsewhere):
            self._marks.pop(profile.id, None)
            return
        mark = self._accounts.sign_in_mark(profile)
        if mark not in ("", self._marks.setdefault(profile.id, mark)):
            session.way.lost.announce(SignedInAgain())

    async def _look_at_settings(self) -> None:
        found = _sign_of(self._preferences.path)
        if found in (None, self._seen):
            return  # where there is none an editor may be putting a new one in its place
        self._seen = found
        await self._preferences.read_again()

    async def awaits_choice(self, session: _Session | None) -> bool:
        """Whether another account was signed in to elsewhere: a person is asked before it is
        used, whatever else was written of the profile."""
        await self._accounts.notice()
        return session is not None and isinstance(session.runs.ending, AccountReplaced)

    def check(self, session: _Session) -> None:
        """End a session of a profile that was deleted meanwhile."""
        if self._profiles.is_deleted(session.profile.id):
            session.way.lost.announce(ProfileDeleted())

    def _on_profile(self, change: ProfileChange) -> None:
        gone = change.before
        if gone is None or not self._profiles.is_deleted(gone.id):
            return
        self._accounts.let_go(gone)
        for session in self._sessions():
            self.check(session)


def _sign_of(path: Path) -> object:
    """Another value whenever the file was written; ``None`` where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
