"""Profiles as a document that can be given to somebody else: no secret is in one.

Tokens and client secrets are no part of a profile. What a person wrote among the environment
values may be one all the same: such values are left out, and named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from zapdesk.domain.profile_editing import to_table
from zapdesk.domain.profiles import Profile, ServerKind, from_settings
from zapdesk.errors import InvalidInput

MARK = "zapdesk_profiles"
VERSION = 1
MOST_BYTES = 1_000_000
MOST_PROFILES = 200
_LONGEST = 300

_SECRET_NAME = re.compile(r"token|secret|passw|pwd|api_?key|private_?key|credential|bearer", re.I)
_OWN = frozenset({"understands_effects", "granted"})
"""What one person knows, or was granted at a sign-in, and nobody by a file."""


@dataclass(frozen=True, slots=True)
class Shared:
    """``text`` is the document; ``left_out`` names values that look like secrets, each as
    profile and name."""

    text: str
    left_out: tuple[tuple[str, str], ...] = ()


def write_profiles(profiles: Iterable[Profile], is_secret: Callable[[str], bool]) -> Shared:
    """The document of some profiles; ``is_secret`` judges values by themselves."""
    left_out: list[tuple[str, str]] = []
    tables: list[dict[str, object]] = []
    for profile in profiles:
        kept = []
        for name, value in profile.environment:
            if _SECRET_NAME.search(name) or is_secret(value):
                left_out.append((profile.name, name))
            else:
                kept.append((name, value))
        # Without an id it is written as any other, the ones that come with zapdesk too.
        table = to_table(replace(profile, id="", environment=tuple(kept)))
        tables.append({key: value for key, value in table.items() if key not in _OWN})
    document = {MARK: VERSION, "profiles": tables}
    return Shared(json.dumps(document, indent=2, ensure_ascii=False) + "\n", tuple(left_out))


def read_profiles(text: str) -> tuple[Profile, ...]:
    """The profiles of a document, without ids. Raises InvalidInput where it is none."""
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput("This is not a file of profiles.", "It is no JSON.") from None
    if not isinstance(document, dict) or MARK not in document:
        raise InvalidInput("This is not a file of profiles.")
    if document[MARK] != VERSION:
        raise InvalidInput("This file of profiles was written by a newer zapdesk.")
    tables = document.get("profiles")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InvalidInput("This file of profiles is damaged.")
    if not 0 < len(tables) <= MOST_PROFILES:
        raise InvalidInput(f"This file has {len(tables)} profiles.")
    return tuple(_read(table) for table in tables)


def _read(table: dict[str, object]) -> Profile:
    name = table.get("name")
    if not isinstance(name, str) or not name.strip():
        raise InvalidInput("A profile in this file has no name.")
    try:
        known = {key: value for key, value in table.items() if key not in _OWN}
        profile = from_settings(f"named {name}", known)  # no id that is taken
    except InvalidInput as error:
        raise InvalidInput("A profile in this file cannot be used.", in_short(str(error))) from None
    # Whoever writes a file does not decide for others that nothing is asked before a run at Zapier.
    is_live = profile.is_live or profile.kind is ServerKind.ZAPIER
    return replace(profile, id="", is_live=is_live)


def in_short(sentence: str) -> str:
    """What is wrong, without the megabyte that somebody wrote as a name."""
    return f"{sentence[:_LONGEST]}…" if len(sentence) > _LONGEST else sentence
