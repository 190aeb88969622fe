"""What zapdesk learns of a profile while it works, kept in the settings for the next start.

The file may be held by another process for two seconds, and has to reach the disk: everything is
written on a thread. No secret is among it. A profile that another process has deleted meanwhile is
not written back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from zapdesk import settings as settings_file
from zapdesk.domain.profile_editing import sign_in_table
from zapdesk.domain.profiles import Profile, from_settings
from zapdesk.errors import InvalidInput
from zapdesk.services.endings import ProfileDeleted, ProfileMoved
from zapdesk.services.preferences import Changes
from zapdesk.settings import Missing, Settings
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

_SETTLE_S = 1.0
"""So long the end of the program waits for what is being written."""


class ProfileNotes:
    """One note is written after the other, in the order in which they were made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.was_kept: Callable[[str], bool] = _never
        """Whether a profile of that id was in the file before, and so has to be there now. The
        profile of an address from the environment is written when somebody signs in to it."""
        self._tasks = TaskOwner()
        self._one_at_a_time = asyncio.Lock()

    async def check(self, profile: Profile) -> None:
        """Raises ProfileDeleted where the profile is not there any more, and ProfileMoved where
        it is at another server by now."""
        if not self.was_kept(profile.id):
            return
        found = await asyncio.to_thread(Settings.load, self._path)
        table = found.profiles.get(profile.id)
        if table is None and not found.troubles:
            raise ProfileDeleted("Nothing was stored.")
        with suppress(InvalidInput):  # one that cannot be read has not moved
            if table is not None and from_settings(profile.id, table).base_url != profile.base_url:
                raise ProfileMoved(profile)

    async def keep_used(self, profile: Profile) -> None:
        """Start with this profile the next time. Raises OSError where that cannot be written."""
        await self._write({"profile": profile.id})

    async def keep_sign_in(self, profile: Profile) -> None:
        """Keep how the profile signs in. Raises OSError where that cannot be written, and
        ProfileDeleted."""
        table = sign_in_table(profile)
        if self.was_kept(profile.id):  # it has an address, which somebody may have changed
            del table["base_url"]
        await self._write_of(profile.id, table)

    def keep_shape(self, profile: Profile) -> None:
        """Keep the body shape that worked, in the background: the run goes on meanwhile."""
        self._tasks.start(self._keep_shape(profile), "body shape")

    async def close(self) -> None:
        """Let what is being written come to its end, for a second at most."""
        await self._tasks.settle(_SETTLE_S)
        await self._tasks.close()

    async def _keep_shape(self, profile: Profile) -> None:
        try:
            await self._write_of(profile.id, {"body_shape": profile.body_shape.value})
        except ProfileDeleted:
            pass  # nobody will look for it
        except OSError as error:
            _logger.warning("the body shape could not be remembered: %s", error)

    async def _write_of(self, profile_id: str, values: Mapping[str, object]) -> None:
        place = ("profiles", profile_id)
        changes: Changes = {(*place, key): value for key, value in values.items()}
        try:
            await self._write(changes, within=place if self.was_kept(profile_id) else ())
        except Missing:
            raise ProfileDeleted("Nothing was stored.") from None

    async def _write(self, changes: Changes, *, within: tuple[str, ...] = ()) -> None:
        async with self._one_at_a_time:
            await asyncio.to_thread(settings_file.save, self._path, changes, within=within)


def _never(_: str) -> bool:
    return False
