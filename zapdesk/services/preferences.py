"""Preferences: the settings as they are now, and the one way to change them while zapdesk runs.

A change is checked, written, read again from the file and then announced: what is in use is
always what the next start will find.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from zapdesk import settings as settings_file
from zapdesk.broadcast import Broadcast
from zapdesk.errors import InvalidInput, Side, Unreachable, ZapdeskError
from zapdesk.settings import DEFAULTS, Missing, Settings
from zapdesk.settings.table import SETTINGS, Setting

Changes = Mapping[str | tuple[str, ...], object]


class Preferences:
    """``changed`` announces the settings whenever they are others than before."""

    def __init__(self, path: Path, settings: Settings = DEFAULTS) -> None:
        self.path = path
        self.settings = settings
        self.changed: Broadcast[Settings] = Broadcast()
        self._one_at_a_time = asyncio.Lock()  # each writes what it has read, changed

    async def set(self, name: str, value: object) -> None:
        """Choose ``value``. Raises InvalidInput for one that cannot be used, and as ``change``."""
        setting = setting_named(name)
        try:
            value = setting.taken(value)
        except ValueError as error:
            raise InvalidInput(f"{error}.") from None
        if setting.name == "ca_file":
            await _check_certificates(str(value))
        await self.change({setting.name: value})

    async def reset(self, *names: str) -> None:
        """Choose the defaults again: the lines are taken out of the file. Raises as ``change``."""
        await self.change({setting_named(name).name: None for name in names})

    async def change(self, changes: Changes, *, within: tuple[str, ...] = ()) -> None:
        """Write ``changes`` as ``settings.save`` takes them, and use them from now on.

        Raises ZapdeskError where the file cannot be written; nothing is changed then. Where no
        table is at the place ``within`` any more, ``Missing``.
        """
        async with self._one_at_a_time:
            try:
                await asyncio.to_thread(settings_file.save, self.path, changes, within=within)
            except Missing:
                await self.read_again()  # it was removed by somebody else
                raise
            except OSError as error:
                raise ZapdeskError(
                    "The choice was not saved.",
                    f"{error.strerror}: {self.path}",
                    side=Side.COMPUTER,
                    hint="Correct the file, or make it writable, and choose it again.",
                ) from None
            await self.read_again()

    async def read_again(self) -> None:
        """Take up what another process, or a person with an editor, wrote into the file."""
        found = await asyncio.to_thread(Settings.load, self.path, self.settings)
        if found != self.settings:
            self.settings = found
            self.changed.announce(found)

    def is_default(self, name: str) -> bool:
        """Whether a setting has its default."""
        return bool(getattr(self.settings, name) == getattr(DEFAULTS, name))


async def _check_certificates(ca_file: str) -> None:
    from zapdesk.api.tls import client_context

    try:
        await asyncio.to_thread(client_context, ca_file)
    except Unreachable as error:
        raise InvalidInput(error.title, error.detail) from None


def setting_named(name: str) -> Setting:
    """The row of the table. Raises InvalidInput where there is none."""
    setting = SETTINGS.get(name.replace("-", "_"))
    if setting is None:
        raise InvalidInput(f"'{name}' is not a setting.", f"There are: {', '.join(SETTINGS)}.")
    return setting
