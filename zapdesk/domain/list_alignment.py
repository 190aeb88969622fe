"""Which entries of two lists belong together: equal ones, those with one name, those most alike.

Entries that occur once on each side are the fixed points; what lies between two of them is laid
side by side. Work is bounded: beyond that, entries are paired by their place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from zapdesk.domain.result_values import scalar_key

_MOST_IN_A_GAP = 2_500
_MOST_CELLS = 200_000
"""Entries times entries that are laid side by side, in one gap and in all."""
_NAMES = ("id", "key", "uuid", "guid", "email", "name", "title")


@dataclass(frozen=True, slots=True)
class Pair:
    """Places in the two lists, ``None`` where an entry has no partner. ``has_moved``: others
    that are in both lists stand on its other side now.
    """

    left: int | None
    right: int | None
    has_moved: bool = False


class Alignment:
    """Pairs entries of lists; what it finds out about a value it remembers while it lives."""

    def __init__(self) -> None:
        self._keys: dict[int, int] = {}
        self._cells = 0

    def pairs(self, before: Sequence[Any], after: Sequence[Any]) -> list[Pair]:
        """All entries of both lists, each once, in the order of the newer one."""
        old, new = [self._key(v) for v in before], [self._key(v) for v in after]
        if old == new:
            return [Pair(place, place) for place in range(len(old))]
        name = _identity(before, after)
        if name is not None:
            old = [hash(scalar_key(value[name])) for value in before]
            new = [hash(scalar_key(value[name])) for value in after]
        fixed = _fixed_points(old, new)
        moved = _moved(old, new, fixed)
        moved_to = frozenset(moved.values())
        found: list[Pair] = []
        last_left = last_right = -1
        for left, right in [*fixed, (len(old), len(new))]:
            gap = self._gap(
                [n for n in range(last_left + 1, left) if n not in moved],
                [n for n in range(last_right + 1, right) if n not in moved_to],
                before,
                after,
                is_named=name is not None,
            )
            found += gap
            last_left, last_right = left, right
            if left < len(old):
                found.append(Pair(left, right))
        found += [Pair(left, right, has_moved=True) for left, right in moved.items()]
        return sorted(found, key=_place)

    def _gap(
        self,
        left: list[int],
        right: list[int],
        before: Sequence[Any],
        after: Sequence[Any],
        *,
        is_named: bool,
    ) -> Iterator[Pair]:
        """Pairs of entries that nothing certain is known of."""
        cells = len(left) * len(right)
        if is_named or not cells:
            yield from (Pair(n, None) for n in left)
            yield from (Pair(None, n) for n in right)
            return
        self._cells += cells
        if cells == 1 or cells > _MOST_IN_A_GAP or self._cells > _MOST_CELLS:
            yield from _by_place(left, right)
            return
        # The best sum of likenesses over all ways to keep the order.
        alike = [[self._likeness(before[a], after[b]) for b in right] for a in left]
        best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
        for i in range(len(left) - 1, -1, -1):
            for j in range(len(right) - 1, -1, -1):
                both = best[i + 1][j + 1] + alike[i][j]
                best[i][j] = max(best[i + 1][j], best[i][j + 1], both)
        i = j = 0
        while i < len(left) and j < len(right):
            if alike[i][j] and best[i][j] == best[i + 1][j + 1] + alike[i][j]:
                yield Pair(left[i], right[j])
                i, j = i + 1, j + 1
            elif best[i][j] == best[i + 1][j]:
                yield Pair(left[i], None)
                i += 1
            else:
                yield Pair(None, right[j])
                j += 1
        yield from (Pair(n, None) for n in left[i:])
        yield from (Pair(None, n) for n in right[j:])

    def _likeness(self, before: Any, after: Any) -> float:
        """0 for nothing in common, 2 for equal."""
        if self._key(before) == self._key(after):
            return 2.0
        if isinstance(before, dict) and isinstance(after, dict):
            shared = before.keys() & after.keys()
            same = sum(self._key(before[name]) == self._key(after[name]) for name in shared)
            return (same + 0.1 * len(shared)) / (1.1 * max(len(before), len(after)))
        return 0.1 if type(before) is type(after) else 0.0

    def _key(self, value: Any) -> int:
        """A number that two values share where they are written alike."""
        kind = type(value)
        if kind is str or kind is int:
            return hash(value)
        if kind is not dict and kind is not list:
            return hash(scalar_key(value))
        known = self._keys.get(id(value))
        if known is None:
            key = self._key
            shape: Hashable
            if kind is dict:
                shape = frozenset([(name, key(item)) for name, item in value.items()])
            else:
                shape = tuple([key(item) for item in value])
            known = self._keys[id(value)] = hash((kind.__name__, shape))
        return known


def _fixed_points(old: Sequence[int], new: Sequence[int]) -> list[tuple[int, int]]:
    """Places of entries that are surely the same and in the same order: equal beginnings and
    ends, and between them the longest row of entries that occur once on each side."""
    start = 0
    shortest = min(len(old), len(new))
    while start < shortest and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < shortest - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    old_end, new_end = len(old) - tail, len(new) - tail
    row = _longest_rising(list(_once_on_each_side(old, new, start, old_end, new_end)))
    return [
        *((place, place) for place in range(start)),
        *row,
        *((old_end + n, new_end + n) for n in range(tail)),
    ]


def _once_on_each_side(
    old: Sequence[int], new: Sequence[int], start: int, old_end: int, new_end: int
) -> Iterator[tuple[int, int]]:
    left, right = Counter(old[start:old_end]), Counter(new[start:new_end])
    places = {old[n]: n for n in range(start, old_end) if left[old[n]] == 1}
    for n in range(start, new_end):
        if right[new[n]] == 1 and new[n] in places:
            yield places[new[n]], n


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of ``pairs``, whose second places rise, in which the first ones rise too."""
    lowest: list[int] = []  # the first place in which a row of each length can end
    ends: list[int] = []
    before: list[int] = []
    for number, (left, _) in enumerate(pairs):
        length = bisect_left(lowest, left)
        before.append(ends[length - 1] if length else -1)
        lowest[length : length + 1] = [left]
        ends[length : length + 1] = [number]
    row: list[tuple[int, int]] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        row.append(pairs[number])
        number = before[number]
    return row[::-1]


def _moved(
    old: Sequence[int], new: Sequence[int], fixed: Sequence[tuple[int, int]]
) -> dict[int, int]:
    """Entries that are on both sides, but not in the same order."""
    left = set(range(len(old))) - {a for a, _ in fixed}
    right = set(range(len(new))) - {b for _, b in fixed}
    once_left = Counter(old[n] for n in left)
    once_right = Counter(new[n] for n in right)
    places = {old[n]: n for n in left if once_left[old[n]] == 1}
    return {
        places[new[n]]: n for n in sorted(right) if once_right[new[n]] == 1 and new[n] in places
    }


def _identity(before: Sequence[Any], after: Sequence[Any]) -> str | None:
    """The name by which objects of both lists can be told apart and found again."""
    if not all(isinstance(v, dict) for side in (before, after) for v in side):
        return None
    for name in _NAMES:
        old, new = _names(before, name), _names(after, name)
        if old and new and 2 * len(old & new) >= min(len(old), len(new)):
            return name
    return None


def _names(objects: Sequence[dict[str, Any]], name: str) -> set[Hashable]:
    """Everything that objects have under ``name``; empty where one has nothing or shares it."""
    found: set[Hashable] = set()
    for value in objects:
        named = value.get(name)
        if named is None or isinstance(named, (dict, list)):
            return set()
        found.add(scalar_key(named))
    return found if len(found) == len(objects) else set()


def _by_place(left: Sequence[int], right: Sequence[int]) -> Iterator[Pair]:
    shared = min(len(left), len(right))
    yield from (Pair(a, b) for a, b in zip(left[:shared], right[:shared], strict=True))
    yield from (Pair(n, None) for n in left[shared:])
    yield from (Pair(None, n) for n in right[shared:])


def _place(pair: Pair) -> tuple[int, int]:
    if pair.right is None:
        assert pair.left is not None
        return pair.left, 1
    return pair.right, 0
