"""The profiles: listed, made, changed, copied and removed, and kept in the settings file.

What was written is announced; views show what is kept and nothing else. Another process may write
the same file, and a person with an editor: ``reload`` notices.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from zapdesk.broadcast import Broadcast
from zapdesk.domain.profile_editing import KEYS, free_colour, free_name, problems, to_table
from zapdesk.domain.profile_sharing import (
    MOST_BYTES,
    Shared,
    in_short,
    read_profiles,
    write_profiles,
)
from zapdesk.domain.profiles import BUILT_IN, Profile
from zapdesk.errors import InvalidInput, StorageUnusable
from zapdesk.redaction import REDACTOR
from zapdesk.services.access import profiles
from zapdesk.services.endings import ProfileDeleted
from zapdesk.services.preferences import Changes, Preferences
from zapdesk.settings import Missing, Settings
from zapdesk.storage.profile_data import ProfileData

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """A profile before and after; ``None`` before it was made, and after it was removed."""

    before: Profile | None
    after: Profile | None


class ProfileService:
    """Every profile that can be used. ``changed`` tells what became of one."""

    def __init__(self, preferences: Preferences, data: ProfileData) -> None:
        self._preferences = preferences
        self._data = data
        self._known = profiles(preferences.settings)
        self._kept = set(preferences.settings.profiles)  # now or before, since this process began
        self._one_at_a_time = asyncio.Lock()
        self.changed: Broadcast[ProfileChange] = Broadcast()
        self.leaves_server: Callable[[Profile], Awaitable[None]] = _nothing_left
        """Called with a profile as it was before it went to another server: its secrets for the
        one before would stay for ever, as nothing asks for them any more."""
        preferences.changed.subscribe(self._take)

    @property
    def all(self) -> tuple[Profile, ...]:
        """Those that come with zapdesk first, then the others, the oldest first."""
        return tuple(self._known.values())

    def get(self, profile_id: str) -> Profile | None:
        """The profile of that id."""
        return self._known.get(profile_id)

    def was_kept(self, profile_id: str) -> bool:
        """Whether a profile has, or had while this process runs, a table in the settings that it
        cannot be without."""
        return profile_id in self._kept and profile_id not in BUILT_IN

    def is_deleted(self, profile_id: str) -> bool:
        """Whether a profile was there and is not any more. One that cannot be used, as somebody
        wrote a wrong word into it, is there."""
        return self.was_kept(profile_id) and profile_id not in self._preferences.settings.profiles

    def named(self, name: str) -> Profile:
        """The profile meant by an id or a name. Raises InvalidInput where there is none."""
        wanted = name.casefold()
        for profile in self.all:
            if wanted in (profile.id.casefold(), profile.name.casefold()):
                return profile
        there_are = ", ".join(profile.name for profile in self.all)
        raise InvalidInput(f"There is no profile '{name}'.", f"There are: {there_are}.")

    async def names(self) -> Mapping[str, str]:
        """What every profile is called, by id; those that were removed too, as their runs stay."""
        try:
            former = await self._data.former_names()
        except StorageUnusable as error:
            _logger.info("the names of removed profiles are not known: %s", error)
            former = {}
        return {**former, **{profile.id: profile.name for profile in self.all}}

    async def reload(self) -> None:
        """Notice what another process wrote, and what was written past this service."""
        await self._preferences.read_again()

    async def create(self, wanted: Profile) -> Profile:
        """Keep a new profile, under an id that no other has or had.

        Raises InvalidInput where something is wrong with it, ZapdeskError where it cannot be
        written.
        """
        taken = await self.names()
        while (profile_id := _new_id(wanted.name)) in taken:
            pass
        return await self._keep(replace(wanted, id=profile_id))

    async def edit(self, profile: Profile, since: Profile | None = None) -> Profile:
        """Keep what was changed in a profile ``since`` it was read, where that is a while ago:
        what somebody else changed meanwhile stays. Raises what ``create`` does, and
        ProfileDeleted."""
        before = since or self._known.get(profile.id)
        await self.reload()
        current = self._known.get(profile.id)
        if self.is_deleted(profile.id):
            raise ProfileDeleted("Nothing was saved.")
        if current is None or before is None:
            raise InvalidInput(f"There is no profile '{profile.name}' any more.")
        is_moved = (before.kind, before.base_url) != (profile.kind, profile.base_url)
        if is_moved:  # the scopes were another server's
            profile = replace(profile, granted=())
        kept = await self._keep(profile, before)
        for former in {before, current}:  # somebody else may have moved it too
            if is_moved and former.base_url != kept.base_url:
                await self.leaves_server(former)
        return kept

    async def duplicate(self, profile: Profile) -> Profile:
        """Keep a copy of a profile. Secrets stay where they are: the copy is not signed in."""
        name = free_name(f"{profile.name} copy", self.all)
        copy = replace(
            profile,
            name=name,
            colour=free_colour(self.all),
            understands_effects=False,
            granted=(),
        )
        return await self.create(copy)

    async def delete(self, profile: Profile) -> None:
        """Take a profile out of the settings, with its drafts, presets, tabs and caches. Its runs
        stay in the log. It is for the caller to sign out first.

        Raises InvalidInput for one that comes with zapdesk, ZapdeskError where the settings or
        the store cannot be written.
        """
        if profile.id in BUILT_IN:
            raise InvalidInput(f"{profile.name} comes with zapdesk and cannot be deleted.")
        async with self._one_at_a_time:
            await self._preferences.change({})  # where the file cannot be written nothing goes
            await self._data.forget(profile.id, profile.name)
            await self._preferences.change({("profiles", profile.id): None})
        # Once more: somebody elsewhere may have signed in to it until just now.
        await self.leaves_server(profile)

    async def sweep(self, used: Iterable[str]) -> None:
        """Forget what was written for profiles after they were removed, by a window that had them
        open; not for those in use."""
        settings = self._preferences.settings
        if settings.troubles:
            return  # one may stand in what could not be read, and its drafts are to stay
        try:
            await self._data.sweep({*settings.profiles, *BUILT_IN, *used})
        except StorageUnusable as error:
            _logger.info("removed profiles may have left something: %s", error)

    def export(self, profiles: Iterable[Profile]) -> Shared:
        """Some profiles as a document without secrets."""
        return write_profiles(profiles, lambda value: REDACTOR.text(value) != value)

    async def write_file(self, path: Path, profiles: Iterable[Profile]) -> Shared:
        """The same as a file that only its owner can read. Raises InvalidInput where it cannot be
        written."""
        shared = self.export(profiles)

        def write() -> None:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                if os.name == "posix":  # a file that was there has the rights it had
                    os.fchmod(descriptor, 0o600)
                file.write(shared.text)

        try:
            await asyncio.to_thread(write)
        except OSError as error:
            raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from None
        return shared

    async def read_file(self, path: Path) -> tuple[Profile, ...]:
        """The profiles of a document; nothing is kept yet. Names that are taken are changed.

        Raises InvalidInput where the file cannot be read or holds what cannot be used.
        """

        def read() -> str:
            with path.open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
            if len(raw) > MOST_BYTES:
                raise InvalidInput(f"{path.name} is too large for a file of profiles.")
            return raw.decode("utf-8")

        try:
            found = read_profiles(await asyncio.to_thread(read))
        except UnicodeDecodeError:
            raise InvalidInput(f"{path.name} is not a file of profiles.") from None
        except OSError as error:
            raise InvalidInput(f"{path.name} cannot be read: {error.strerror}.") from None
        others = list(self.all)
        for profile in found:
            profile = replace(profile, name=free_name(" ".join(profile.name.split()), others))
            for sentence in problems(profile, others).values():
                raise InvalidInput("A profile in this file cannot be used.", in_short(sentence))
            others.append(replace(profile, id=f"new {len(others)}"))
        return tuple(replace(profile, id="") for profile in others[len(self.all) :])

    async def _keep(self, profile: Profile, before: Profile | None = None) -> Profile:
        profile = replace(profile, name=" ".join(profile.name.split()))
        async with self._one_at_a_time:
            await self.reload()  # another process may have taken the name
            for sentence in problems(profile, self.all).values():
                raise InvalidInput(sentence)
            table, former = to_table(profile), {} if before is None else to_table(before)
            place = ("profiles", profile.id)
            changes: Changes = {
                (*place, key): table.get(key)
                for key in KEYS
                if before is None or table.get(key) != former.get(key)
            }
            within = place if self.was_kept(profile.id) else ()
            try:
                await self._preferences.change(changes, within=within)
            except Missing:
                raise ProfileDeleted("Nothing was saved.") from None
        return self._known.get(profile.id, profile)

    def _take(self, settings: Settings) -> None:
        known = profiles(settings)
        self._kept.update(settings.profiles)
        before, self._known = self._known, known
        for profile_id in before | known:
            change = ProfileChange(before.get(profile_id), known.get(profile_id))
            if change.before != change.after:
                self.changed.announce(change)


async def _nothing_left(_: Profile) -> None:
    """Where no secrets are kept nothing is left behind."""


def _new_id(name: str) -> str:
    # Not the name alone: the runs of a profile that was removed must not fall to another one.
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24].strip("-")
    return "-".join(filter(None, (slug, uuid4().hex[:4])))
