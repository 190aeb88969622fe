"""The settings as a value, and how they are read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

_MOST_LINES = 50
"""Places in the file that are looked at for the line of one value."""
_AT_LINE = r" \(at line (\d+), column \d+\)$"


class Settings(
    NamedTuple
):  # which is made in a third of a dataclass's time, before the first paint
    """What a person can choose, by the names of the table of settings, with the defaults.

    ``profile`` is the id of the last one used; ``profiles`` maps a profile's id to its table in
    the file, ``shortcuts`` a command's id to its keys, which may be none. ``troubles`` are
    sentences about what could not be read.
    """

    theme: str = "system"
    profile: str = ""
    notifications: bool = True
    offline: bool = False
    profiles: Mapping[str, Mapping[str, object]] = MappingProxyType({})
    proxy: str = "none"
    proxy_exceptions: tuple[str, ...] = ()
    ca_file: str = ""
    connect_seconds: int = 10
    read_seconds: int = 30
    send_seconds: int = 60
    calls_a_minute: int = 50
    notice_details: bool = True
    clipboard_seconds: int = 60
    backup_folder: str = ""
    keep_days: int = 0
    keep_megabytes: int = 0
    shortcuts: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    troubles: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path, before: Settings | None = None) -> Settings:
        """Read ``path``. What cannot be used is named in ``troubles`` and replaced by defaults.

        Of a file that cannot be read at all the settings ``before`` go on: nobody who is in the
        middle of writing in it shall lose a proxy, say, meanwhile.
        """
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError) as error:
            troubles = (f"{path.name} cannot be read: {error}",)
            return (before or cls())._replace(troubles=troubles)
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            found = re.search(_AT_LINE, str(error))
            where = f", line {found[1]}" if found else ""
            why = re.sub(_AT_LINE, "", str(error))
            used = "Defaults are used." if before is None else "What was chosen before goes on."
            troubles = (f"{path.name} cannot be read{where}: {why}. {used}",)
            return (before or cls())._replace(troubles=troubles)
        found_troubles: list[str] = []
        values: dict[str, Any] = {}
        for key, value in table.items():
            try:
                values[key] = taken(key, value)
            except ValueError as error:
                line = line_of(text, key)
                where = f"{path.name}, line {line}" if line else path.name
                found_troubles.append(f"{where}: {error}. It is left out.")
        return cls(**values, troubles=tuple(found_troubles))


DEFAULTS = Settings()


def taken(key: str, value: object) -> object:
    """``value`` as it is used under ``key``. Raises ``ValueError`` with a sentence."""
    if key == "profile":
        if not isinstance(value, str):
            raise ValueError("profile is the id of a profile, in quotes")
        return value
    if key == "profiles":
        if not isinstance(value, dict) or not all(isinstance(v, dict) for v in value.values()):
            raise ValueError("profiles is a table of tables")
        return value
    if key == "shortcuts":
        return _shortcuts(value)
    # Few files set anything else, and the first paint waits for this.
    from zapdesk.settings.table import SETTINGS

    if key not in SETTINGS:
        raise ValueError(f"'{key}' is not a setting")
    return SETTINGS[key].taken(value)


def _shortcuts(value: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise ValueError("shortcuts is a table of commands and their keys")
    found = {}
    for command, keys in value.items():
        several = [keys] if isinstance(keys, str) else keys
        if not isinstance(several, list) or not all(isinstance(key, str) for key in several):
            raise ValueError(f'shortcuts.{command} is one key as "Ctrl+R", or a list of them')
        found[command] = tuple(key for key in several if key)
    return found


def line_of(text: str, key: str) -> int | None:
    """The line, counted from 1, on which ``key`` first has a value in a readable TOML document."""
    lines = text.splitlines()
    places = [number for number, line in enumerate(lines) if key in line]
    for number in places[:_MOST_LINES]:
        try:
            # What looks like it may lie inside a text of several lines: only the parser knows.
            is_before = key not in tomllib.loads("\n".join(lines[:number]))
            is_after = key in tomllib.loads(_whole(lines, number))
        except tomllib.TOMLDecodeError:
            continue
        if is_before and is_after:
            return number + 1
    return None


def _whole(lines: list[str], number: int) -> str:
    """The document up to the end of what begins on line ``number``."""
    for end in range(number + 1, len(lines) + 1):
        part = "\n".join(lines[:end])
        try:
            tomllib.loads(part)
        except tomllib.TOMLDecodeError:
            continue
        return part
    return "\n".join(lines)
