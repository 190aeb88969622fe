"""Finding a text in a result: in names and in values, as they read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from zapdesk.domain.payload import ExactNumber
from zapdesk.domain.result_values import Path

MOST_MATCHES = 1_000


@dataclass(frozen=True, slots=True)
class Match:
    """Where a text was found: in a name, or in the value at ``path``."""

    path: Path
    is_name: bool


def find(value: Any, text: str) -> tuple[Match, ...]:
    """Where ``text`` occurs, upper and lower case alike, from the top on; at most
    ``MOST_MATCHES``."""
    wanted = text.casefold()
    found: list[Match] = []
    if not wanted:
        return ()
    for match in _matches(value, wanted, ()):
        found.append(match)
        if len(found) == MOST_MATCHES:
            break
    return tuple(found)


def _matches(value: Any, wanted: str, path: Path) -> Iterator[Match]:
    match value:
        case dict():
            for name, item in value.items():
                here = (*path, name)
                if wanted in name.casefold():
                    yield Match(here, is_name=True)
                yield from _matches(item, wanted, here)
        case list():
            for number, item in enumerate(value):
                yield from _matches(item, wanted, (*path, number))
        case _:
            if wanted in _read(value):
                yield Match(path, is_name=False)


def _read(value: Any) -> str:
    match value:
        case str():
            return value.casefold()
        case ExactNumber():
            return value.text.casefold()
        case None:
            return "null"
        case bool():
            return str(value).lower()
    return str(value)
