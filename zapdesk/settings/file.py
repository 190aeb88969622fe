"""Writing the settings file: what a person wrote in it stays."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Mapping, MutableMapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from zapdesk.file_lock import Turn
from zapdesk.settings import Missing

_TURN_S = 2.0
"""So long others may write; a process that was stopped in the middle is not waited for, and several
choices behind it wait no longer than one."""
_WRITING = threading.Lock()
"""Two choices made at once must not undo each other."""


def write(
    path: Path, changes: Mapping[str | tuple[str, ...], object], within: tuple[str, ...] = ()
) -> None:
    """As ``save`` of this package."""
    until = time.monotonic() + _TURN_S
    with _WRITING, ExitStack() as held:
        with suppress(TimeoutError):
            wait_s = max(0.0, until - time.monotonic())
            held.enter_context(Turn(path.with_suffix(".turn"), wait_s))
        _write(path, changes, within)


def _write(
    path: Path, changes: Mapping[str | tuple[str, ...], object], within: tuple[str, ...]
) -> None:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError
    from tomlkit.items import InlineTable

    try:
        document = tomlkit.parse(path.read_text("utf-8"))
    except FileNotFoundError:
        document = tomlkit.document()
    except (UnicodeDecodeError, TOMLKitError) as error:
        # A person may be in the middle of writing in it, and everything in it counts.
        raise OSError(errno.EINVAL, "There is a mistake in the file", str(path)) from error
    table: Any = document
    for name in within:
        table = table.get(name)
        if not isinstance(table, MutableMapping):
            raise Missing
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
