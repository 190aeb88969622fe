"""Settings: one frozen value, read once in bootstrap and passed down in slices.

The file is TOML, written with tomlkit so that a person's comments survive. Reading uses the
standard library's parser: it happens before the first paint, where tomlkit's import would show.
A bad value is left out and named with its line, never fatal. No secrets in here, ever.

``table`` names every setting; it is imported only where one is set, or shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zapdesk.settings.values import DEFAULTS, Settings

__all__ = ["DEFAULTS", "Missing", "Settings", "save"]


class Missing(Exception):
    """The table that was to be changed is not in the file any more."""


def save(
    path: Path,
    changes: Mapping[str | tuple[str, ...], object],
    *,
    within: tuple[str, ...] = (),
) -> None:
    """Write ``changes`` into the file at ``path``, keeping everything else in it.

    A tuple, ``("profiles", "work", "name")``, is a place inside tables; ``None`` removes it.
    The file is replaced in one step and readable by its owner only. Raises ``OSError``, also where
    there is a mistake in the file, and ``Missing`` where there is no table at the place ``within``:
    nothing is written then.
    """
    from zapdesk.settings.file import write  # not needed before the first paint

    write(path, changes, within)
