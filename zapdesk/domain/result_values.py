"""Results as values: what an app sent, read without refusing what JSON does not allow.

Numbers keep their text, NaN and Infinity are kept as such; of a key that repeats the last one
holds, and the repetition is told. What is not JSON at all, or nested too deeply to be taken apart,
is one text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from zapdesk.domain.payload import ExactNumber, exact_integer, is_too_deep, write_json

Path = tuple[str | int, ...]
"""Names and places that lead from the top of a document to one value."""

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_MOST_REPEATED = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """A document. ``repeated`` are keys that occur more than once in one object; ``is_json`` is
    False where ``value`` is all of it as one text.
    """

    value: Any
    repeated: tuple[str, ...] = ()
    is_json: bool = True


def read_result(raw: bytes) -> Reading:
    """What ``raw`` holds; nothing that a server sent makes this fail."""
    repeated: dict[str, None] = {}

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) < len(found) and len(repeated) < _MOST_REPEATED:
            seen: set[str] = set()
            for name, _ in found:
                if name in seen:
                    repeated[name] = None
                seen.add(name)
        return made

    try:
        value = json.loads(
            raw.decode("utf-8-sig"),
            parse_constant=ExactNumber,
            parse_float=ExactNumber,
            parse_int=exact_integer,
            object_pairs_hook=pairs,
        )
    except (ValueError, ArithmeticError, RecursionError):
        return Reading(raw.decode("utf-8", "replace"), is_json=False)
    if is_too_deep(value):
        return Reading(raw.decode("utf-8", "replace"), is_json=False)
    return Reading(value, tuple(repeated))


def path_text(path: Path) -> str:
    """A path as one writes it: ``[0].customer["odd name"]``; empty for the top."""
    parts = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_NAME.match(step):
            parts.append(f".{step}")
        else:
            parts.append(f"[{json.dumps(step, ensure_ascii=False)}]")
    return "".join(parts).removeprefix(".")


def value_text(value: Any) -> str:
    """A value as it is copied: a text's characters, anything else's exact JSON."""
    return value if isinstance(value, str) else write_json(value).decode()


def scalar_key(value: Any) -> Hashable:
    """What two scalars have in common exactly if they are written alike."""
    match value:
        case str():
            return value
        case None | True | False:
            return (value is None, value)
        case ExactNumber():
            return (0, value.text)
        case _:
            return (0, str(value))
