"""Noise: what differs between results although the inputs were the same, such as ids and times.

It is learned from runs that were repeated with equal inputs, and only ever offered: a person
chooses what is left out of a comparison.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any

from zapdesk.domain.comparison import Change, Difference, Pattern, compare, is_holder

_TIME = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?)?\Z"
    r"|[A-Z][a-z]{2}, \d\d? [A-Z][a-z]{2} \d{4}( \d\d:\d\d.*)?\Z"
)
_ID = re.compile(
    r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\Z"  # a UUID
    r"|(?=[^\d]*\d)[A-Za-z0-9_~+/=.-]{16,}\Z"
    r"|[A-Za-z]{1,12}[_-](?=[^\d]*\d)[A-Za-z0-9_-]{6,}\Z",
    re.IGNORECASE,
)
_NAME_OF_ID = re.compile(
    r"(?:\A|[_-])(id|uuid|guid|token|etag|cursor|hash|signature|nonce)\Z", re.I
)
_CAMEL_ID = re.compile(r"[a-z](Id|Uuid|Token)\Z")
_NAME_OF_TIME = re.compile(
    r"(?:\A|_)(at|on|time|date|timestamp|created|updated|modified|sent)\Z|[a-z](At|Time|Date)\Z"
)
_FROM_S, _TO_S = 946_684_800, 4_102_444_800
"""Unix seconds of 2000 and 2100."""


class NoiseKind(StrEnum):
    """What a value that differs each time looks like."""

    TIME = "time"
    ID = "id"
    COUNT = "count"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Noise:
    """A place whose value differs: ``seen`` times in ``compared`` repetitions, for example from
    ``before`` to ``after``. ``is_certain`` where it differed each time and looks like noise.
    """

    pattern: Pattern
    kind: NoiseKind
    seen: int
    compared: int
    before: Any
    after: Any

    @property
    def is_certain(self) -> bool:
        looks_so = self.kind in {NoiseKind.TIME, NoiseKind.ID}
        return looks_so and self.compared > 1 and self.seen == self.compared


def learn(*repetitions: Sequence[Any]) -> tuple[Noise, ...]:
    """What differs from each document to the next, in rows of results that each come from one
    action with equal inputs.

    Values that came or went, and values that became an object or a list, are no noise.
    """
    seen: Counter[Pattern] = Counter()
    kinds: dict[Pattern, set[NoiseKind]] = {}
    examples: dict[Pattern, Difference] = {}
    pairs = [pair for results in repetitions for pair in pairwise(results)]
    for before, after in pairs:
        found: dict[Pattern, Difference] = {}
        for difference in compare(before, after).differences:
            if is_scalar_change(difference):
                found.setdefault(difference.pattern, difference)
                kinds.setdefault(difference.pattern, set()).add(kind_of_change(difference))
        seen.update(found.keys())
        for pattern, difference in found.items():
            examples.setdefault(pattern, difference)
    return tuple(
        Noise(
            pattern,
            kinds[pattern].pop() if len(kinds[pattern]) == 1 else NoiseKind.OTHER,
            count,
            len(pairs),
            examples[pattern].before,
            examples[pattern].after,
        )
        for pattern, count in seen.items()
    )


def is_scalar_change(difference: Difference) -> bool:
    """Whether one text, number or the like became another one."""
    return difference.change is Change.CHANGED and not (
        is_holder(difference.before) or is_holder(difference.after)
    )


def kind_of_change(difference: Difference) -> NoiseKind:
    """What a value that became another one looks like, by both values and their name."""
    name = next((str(s) for s in reversed(difference.path) if isinstance(s, str)), "")
    both = (difference.before, difference.after)
    if all(isinstance(value, str) and value for value in both):
        if all(_TIME.match(value) for value in both):
            return NoiseKind.TIME
        if all(_ID.match(value) for value in both) or _is_name_of_id(name):
            return NoiseKind.ID
        return NoiseKind.OTHER
    if all(_is_number(value) for value in both):
        if _NAME_OF_TIME.search(name) and all(_is_moment(value) for value in both):
            return NoiseKind.TIME
        if _is_name_of_id(name):
            return NoiseKind.ID
        return NoiseKind.COUNT if difference.after > difference.before else NoiseKind.OTHER
    return NoiseKind.OTHER


def _is_name_of_id(name: str) -> bool:
    return bool(_NAME_OF_ID.search(name) or _CAMEL_ID.search(name))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool) and value == value


def _is_moment(value: Any) -> bool:
    return any(_FROM_S * scale <= value < _TO_S * scale for scale in (1, 1_000))
