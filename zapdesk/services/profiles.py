"""The profiles: listed, made, changed, copied and removed, and kept in the settings file.

What was written is announced; views show what is kept and nothing else. Another process may write
the same file: ``reload`` notices.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from zapdesk import settings as settings_file
from zapdesk.broadcast import Broadcast
from zapdesk.domain.profile_editing import free_name, problems, to_table
from zapdesk.domain.profiles import BUILT_IN, Profile
from zapdesk.errors import InvalidInput, StorageUnusable
from zapdesk.services.access import profiles
from zapdesk.settings import Settings

_KEYS = frozenset({
    *("server", "base_url", "name", "colour", "is_live", "body_shape", "sends_native_values"),
    *("time_zone", "environment", "understands_effects", "sign_in", "client_id", "scopes"),
    "partner",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """A profile before and after; ``None`` before it was made, and after it was removed."""

    before: Profile | None
    after: Profile | None


class ProfileService:
    """Every profile that can be used. ``changed`` tells what became of one."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self._known = profiles(settings)
        self._one_at_a_time = asyncio.Lock()
        self.changed: Broadcast[ProfileChange] = Broadcast()

    @property
    def all(self) -> tuple[Profile, ...]:
        """Those that come with zapdesk first, then the others, the oldest first."""
        return tuple(self._known.values())

    def get(self, profile_id: str) -> Profile | None:
        """The profile of that id."""
        return self._known.get(profile_id)

    def named(self, name: str) -> Profile:
        """The profile meant by an id or a name. Raises InvalidInput where there is none."""
        wanted = name.casefold()
        for profile in self.all:
            if wanted in (profile.id.casefold(), profile.name.casefold()):
                return profile
        there_are = ", ".join(profile.name for profile in self.all)
        raise InvalidInput(f"There is no profile '{name}'.", f"There are: {there_are}.")

    async def reload(self) -> None:
        """Notice what another process wrote, and what was written past this service."""
        async with self._one_at_a_time:
            self._take(profiles(await asyncio.to_thread(Settings.load, self._path)))

    async def create(self, wanted: Profile) -> Profile:
        """Keep a new profile, under an id that no other has or had.

        Raises InvalidInput where something is wrong with it, StorageUnusable where it cannot be
        written.
        """
        return await self._keep(replace(wanted, id=_new_id(wanted.name)))

    async def edit(self, profile: Profile) -> Profile:
        """Keep what was changed in a profile. Raises what ``create`` does."""
        if profile.id not in self._known:
            raise InvalidInput(f"There is no profile '{profile.name}' any more.")
        return await self._keep(profile)

    async def duplicate(self, profile: Profile) -> Profile:
        """Keep a copy of a profile. Secrets stay where they are: the copy is not signed in."""
        name = free_name(f"{profile.name} copy", self.all)
        return await self.create(replace(profile, name=name, understands_effects=False))

    async def delete(self, profile: Profile) -> None:
        """Take a profile out of the settings. Its runs stay in the log.

        Raises InvalidInput for one that comes with zapdesk, StorageUnusable where the settings
        cannot be written.
        """
        if profile.id in BUILT_IN:
            raise InvalidInput(f"{profile.name} comes with zapdesk and cannot be deleted.")
        async with self._one_at_a_time:
            await self._write({("profiles", profile.id): None})

    async def _keep(self, profile: Profile) -> Profile:
        profile = replace(profile, name=" ".join(profile.name.split()))
        async with self._one_at_a_time:
            for sentence in problems(profile, self.all).values():
                raise InvalidInput(sentence)
            table = to_table(profile)
            place = ("profiles", profile.id)
            await self._write({(*place, key): table.get(key) for key in sorted(_KEYS)})
        return self._known.get(profile.id, profile)

    async def _write(self, changes: Mapping[str | tuple[str, ...], object]) -> None:
        def write() -> Settings:
            settings_file.save(self._path, changes)
            return Settings.load(self._path)

        try:
            settings = await asyncio.to_thread(write)
        except OSError as error:
            raise StorageUnusable(
                "The profile was not saved.", f"{self._path}: {error.strerror}."
            ) from None
        self._take(profiles(settings))

    def _take(self, known: dict[str, Profile]) -> None:
        before, self._known = self._known, known
        for profile_id in before | known:
            change = ProfileChange(before.get(profile_id), known.get(profile_id))
            if change.before != change.after:
                self.changed.announce(change)


def _new_id(name: str) -> str:
    # Not the name alone: the runs of a profile that was removed must not fall to another one.
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24].strip("-")
    return "-".join(filter(None, (slug, uuid4().hex[:4])))
