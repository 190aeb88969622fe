"""Settings: one frozen value, read once in bootstrap and passed down in slices.

The file is TOML, written with tomlkit so that a person's comments survive. Reading uses the
standard library's parser: it happens before the first paint, where tomlkit's import would show.
A bad value is left out and named, never fatal. No secrets in here, ever.
"""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

_logger = logging.getLogger(__name__)

_MOST_KEPT = 1_000_000

THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can choose. ``profiles`` maps a profile's id to its table in the file.

    Runs older than ``keep_days`` are dropped, and the oldest ones where all runs take more than
    ``keep_megabytes``; 0 keeps all.
    """

    theme: str = "system"
    profile: str = ""
    notifications: bool = True
    profiles: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    keep_days: int = 0
    keep_megabytes: int = 0
    troubles: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Settings:
        """Read ``path``. What cannot be used is named in ``troubles`` and replaced by defaults."""
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            return cls(troubles=(f"{path.name} cannot be read: {error}",))
        troubles: list[str] = []
        values: dict[str, Any] = {}
        for key, value in table.items():
            problem = _problem(key, value)
            if problem:
                troubles.append(f"{path.name}: {problem}")
            else:
                values[key] = value
        return cls(**values, troubles=tuple(troubles))


def _problem(key: str, value: object) -> str:
    if key not in {f.name for f in fields(Settings)} - {"troubles"}:
        return f"'{key}' is not a setting"
    if key == "theme" and value not in THEMES:
        return f"theme is one of {', '.join(THEMES)}, not {value!r}"
    if key in {"keep_days", "keep_megabytes"} and (
        isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_KEPT
    ):
        return f"{key} is a whole number from 0, which keeps everything, to {_MOST_KEPT:,}"
    if key == "notifications" and not isinstance(value, bool):
        return "notifications is true or false"
    if key == "profile" and not isinstance(value, str):
        return "profile is the id of a profile, in quotes"
    if key == "profiles" and not (
        isinstance(value, dict) and all(isinstance(v, dict) for v in value.values())
    ):
        return "profiles is a table of tables"
    return ""


def save(path: Path, changes: Mapping[str | tuple[str, ...], object]) -> None:
    """Write ``changes`` into the file at ``path``, keeping everything else in it.

    A tuple, ``("profiles", "work", "name")``, is a place inside tables; ``None`` removes it.
    The file is replaced in one step and readable by its owner only. Raises ``OSError``.
    """
    import tomlkit
    from tomlkit.exceptions import ParseError
    from tomlkit.items import InlineTable

    try:
        document = tomlkit.parse(path.read_text("utf-8"))
    except FileNotFoundError:
        document = tomlkit.document()
    except (UnicodeDecodeError, ParseError):
        # Never throw away what a person wrote, even when it cannot be read.
        aside = _free_name(path)
        path.replace(aside)
        _logger.warning("the settings could not be read; they were kept as %s", aside.name)
        document = tomlkit.document()
    for key, value in changes.items():
        *tables, name = (key,) if isinstance(key, str) else key
        place: Any = document
        for table in tables:
            if not isinstance(place.get(table), MutableMapping):
                is_inline = isinstance(place, InlineTable)
                place[table] = tomlkit.inline_table() if is_inline else tomlkit.table()
            place = place[table]
        if value is None:
            place.pop(name, None)
        else:
            place[name] = value
    temporary = path.with_suffix(f".{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(tomlkit.dumps(document))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _free_name(path: Path) -> Path:
    aside, number = path.with_suffix(".unreadable.toml"), 1
    while aside.exists():
        number += 1
        aside = path.with_suffix(f".unreadable-{number}.toml")
    return aside
