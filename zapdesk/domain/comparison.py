"""Comparison: how two JSON documents differ, value by value, and what of that is mere noise.

Numbers differ where they are written differently. Lists are laid side by side first, so that one
new entry is one difference and not a hundred. Work and result are bounded: a difference is cut off
after ``MOST`` and that is said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from zapdesk.domain.list_alignment import Alignment
from zapdesk.domain.result_values import Path, path_text, scalar_key
from zapdesk.errors import InvalidInput

MOST = 5_000
"""Differences that are told."""

Pattern = tuple[str, ...]
"""A path in which every place in a list is ``*``: where noise is, in whichever entry."""

ANY = "*"

_STEP = re.compile(
    r'\.?([^.\[\]"]+)'
    r"|\[(?:\*|\d{1,9})\]"
    r'|\[("(?:[^"\\]|\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt]))*")\]'
)


class Change(StrEnum):
    """How a value differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs. ``before_path`` and ``after_path`` are the same but for places in
    lists; of what was added there is no ``before``, of what was removed no ``after``. What moved
    stands elsewhere among the entries of its list; how it differs is told beside that.
    """

    change: Change
    before_path: Path
    after_path: Path
    before: Any = None
    after: Any = None

    @property
    def path(self) -> Path:
        """Where it stands, in the newer document if it is there."""
        return self.before_path if self.change is Change.REMOVED else self.after_path

    @property
    def pattern(self) -> Pattern:
        """Where it stands in whichever entry of a list."""
        return tuple(step if isinstance(step, str) else ANY for step in self.path)


@dataclass(frozen=True, slots=True)
class DocumentComparison:
    """How two documents differ. ``ignored`` counts what was left out on request."""

    differences: tuple[Difference, ...] = ()
    ignored: int = 0
    is_cut: bool = False

    @property
    def is_same(self) -> bool:
        return not self.differences

    def without(self, patterns: Collection[Pattern]) -> DocumentComparison:
        """The same with everything at these patterns, and below them, left out."""
        kept = tuple(d for d in self.differences if not is_at(d.pattern, patterns))
        left_out = len(self.differences) - len(kept)
        return replace(self, differences=kept, ignored=self.ignored + left_out)


def pattern_text(pattern: Pattern) -> str:
    """A pattern as one writes it: ``[*].meta["odd name"]``."""
    parts = ("[*]" if step == ANY else path_text((step,)) for step in pattern)
    joined = "".join(part if part.startswith("[") else f".{part}" for part in parts)
    return joined.removeprefix(".")


def read_pattern(text: str) -> Pattern:
    """The pattern that is written so; a place in a list is ``[*]`` or ``[0]``. Raises InvalidInput
    where it is none."""
    steps: list[str] = []
    at = 0
    while at < len(text) and (step := _STEP.match(text, at)) is not None:
        name, quoted = step[1], step[2]
        steps.append(name or (ANY if quoted is None else str(json.loads(quoted))))
        at = step.end()
    if not steps or at < len(text):
        raise InvalidInput(
            f"'{text}' is no place in a result.",
            hint='Write it like [*].id or [*].meta["odd name"].',
        )
    return tuple(steps)


def is_at(pattern: Pattern, patterns: Collection[Pattern]) -> bool:
    """Whether ``pattern`` is one of ``patterns`` or below one."""
    return any(pattern[:length] in patterns for length in range(len(pattern) + 1))


def compare(before: Any, after: Any) -> DocumentComparison:
    """How ``after`` differs from ``before``, in the order in which it stands there."""
    found: list[Difference] = []
    for difference in _Walk().differences(before, after, (), ()):
        if len(found) == MOST:
            return DocumentComparison(tuple(found), is_cut=True)
        found.append(difference)
    return DocumentComparison(tuple(found))


class _Walk:
    """One comparison; it remembers what it has worked out about values inside lists."""

    def __init__(self) -> None:
        self._alignment = Alignment()

    def differences(self, before: Any, after: Any, old: Path, new: Path) -> Iterator[Difference]:
        if isinstance(before, dict) and isinstance(after, dict):
            yield from self._objects(before, after, old, new)
        elif isinstance(before, list) and isinstance(after, list):
            yield from self._lists(before, after, old, new)
        elif is_holder(before) or is_holder(after) or scalar_key(before) != scalar_key(after):
            yield Difference(Change.CHANGED, old, new, before, after)

    def _objects(
        self, before: dict[str, Any], after: dict[str, Any], old: Path, new: Path
    ) -> Iterator[Difference]:
        for name, value in after.items():
            if name in before:
                yield from self.differences(before[name], value, (*old, name), (*new, name))
            else:
                yield Difference(Change.ADDED, old, (*new, name), after=value)
        for name, value in before.items():
            if name not in after:
                yield Difference(Change.REMOVED, (*old, name), new, before=value)

    def _lists(
        self, before: list[Any], after: list[Any], old: Path, new: Path
    ) -> Iterator[Difference]:
        for pair in self._alignment.pairs(before, after):
            left, right = pair.left, pair.right
            if left is None and right is not None:
                yield Difference(Change.ADDED, old, (*new, right), after=after[right])
            elif right is None and left is not None:
                yield Difference(Change.REMOVED, (*old, left), new, before=before[left])
            elif left is not None and right is not None:
                here, there = (*old, left), (*new, right)
                if pair.has_moved:
                    yield Difference(Change.MOVED, here, there, before[left], after[right])
                yield from self.differences(before[left], after[right], here, there)


def is_holder(value: Any) -> bool:
    """Whether a value is an object or a list."""
    return isinstance(value, (dict, list))
